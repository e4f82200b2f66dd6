//! Clients of the sources, a folder each: `mod.rs` asks and maps, `wire.rs` mirrors the source's own shapes.
//! A `fetch_` method makes one request and never waits its turn: the caller reserves that in [`crate::budgets`].

mod clients;
pub mod discogs;
pub mod genius;
pub mod instagram;
#[cfg(test)]
mod loopback;
pub mod musicbrainz;
pub mod spotify;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

pub use clients::Clients;

/// Why an upstream gave no answer. That it knows no such thing is no error: `fetch_` methods say `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many requests: none may go out before `until`.
    #[error("rate limited until {until}")]
    RateLimited {
        /// When the upstream will answer again.
        until: DateTime<Utc>,
        /// True for a quota used up, which can be hours; false for a pause.
        quota: bool,
    },
    /// The upstream turns us away without saying how long (a captcha, a ban): stay away for long.
    #[error("blocked: {0}")]
    Blocked(String),
    /// The upstream is down, slow or unreachable: try again later.
    #[error("unavailable: {cause}")]
    Unavailable {
        /// What went wrong, in one line without secrets.
        cause: String,
        /// How long it asked us to wait, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// The upstream will not serve these credentials; a person must mend the configuration.
    #[error("refused: {0}")]
    Refused(String),
    /// The answer is not what the upstream's documentation says: cut off, not JSON, of another shape.
    #[error("unreadable answer: {0}")]
    Decode(String),
}

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
