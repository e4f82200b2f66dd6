//! musicbrainz
