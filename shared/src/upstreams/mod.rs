//! Clients of the sources, one folder each. In a folder, `mod.rs` makes requests, `wire.rs` mirrors the JSON
//! of the source, and the other files map it to our types.
//!
//! A `fetch_` or `search_` method makes one request and does not wait for the rate limit: the caller reserves
//! that with [`crate::work::budgets`]. A record that the source does not have is `Ok(None)`.

mod clients;
pub mod discogs;
pub mod genius;
pub mod instagram;
mod json;
#[cfg(test)]
mod loopback;
pub mod musicbrainz;
pub mod spotify;

pub use clients::Clients;
