//! Discogs: tests of the mapping, each with a second body in which the values are null or missing, and of the
//! client over HTTP.

mod artists;
mod client;
mod malformed;
mod releases;
mod search;

use super::{Release, release_from_json};

const RELEASE_RANGES: &[u8] = include_bytes!("fixtures/release_ranges.json");
const ARTIST: &[u8] = include_bytes!("fixtures/artist.json");
const SEARCH: &[u8] = include_bytes!("fixtures/search.json");

fn release(json: &[u8]) -> Release {
    release_from_json(json).expect("a release")
}
