//! MusicBrainz as the source of the catalog, alone and together with Spotify.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod alone;
mod beside_spotify;
mod odd_releases;
