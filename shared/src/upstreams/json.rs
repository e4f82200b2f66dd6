//! Deserialization helpers for the JSON of the sources.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::platform::http::Error;

/// Deserializes null as the default value. Sources write null for missing values, also for lists.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Deserializes a body; [`Error::Decode`] if it has another shape.
pub(super) fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| Error::Decode(error.to_string()))
}
