//! MusicBrainz as the source of the catalog, alone and together with Spotify.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod alone;
mod beside_spotify;
mod odd_releases;
