//! Clients of the sources, a folder each: `mod.rs` asks and maps, `wire.rs` mirrors the source's own shapes.
//! A `fetch_` method makes one request and never waits its turn: the caller reserves that in [`crate::work::budgets`].

mod clients;
pub mod discogs;
pub mod genius;
pub mod instagram;
#[cfg(test)]
mod loopback;
pub mod musicbrainz;
pub mod spotify;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::platform::http::Error;
pub use clients::Clients;

/// Sources write null where there is nothing, also for lists.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a body that is at hand.
fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| Error::Decode(error.to_string()))
}
