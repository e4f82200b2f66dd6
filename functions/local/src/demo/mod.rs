//! Stand-ins for Spotify and MusicBrainz on loopback, for the demo and the tests: real HTTP, the real
//! response shapes, rate limits and errors, on a small catalog of real facts.

mod catalog;
mod folding;
mod limits;
mod musicbrainz;
mod spotify;
mod stand_ins;

pub use catalog::{Album, Artist, Catalog, CatalogCredit, CatalogLink, LookupKey, Track};
pub use limits::FailingCall;
pub use spotify::{SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET};
pub use stand_ins::{StandInCalls, StandInOptions, StandIns};

/// Starts the stand-ins with the options of the demo, on free ports of the loopback address.
///
/// # Errors
/// If no port is free.
pub async fn start() -> anyhow::Result<StandIns> {
    StandIns::start(Catalog::real()?, StandInOptions::demo()).await
}
