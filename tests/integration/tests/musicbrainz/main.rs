//! MusicBrainz as the catalog: what its artists and releases become, alone and beside Spotify.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod alone;
mod beside_spotify;
mod odd_releases;
