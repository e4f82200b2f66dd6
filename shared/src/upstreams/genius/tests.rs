//! Genius: tests of the mapping, each with a second body in which the values are null or missing, and of the
//! client over HTTP.

mod client;
mod mapping;

const SONG_CREDITS: &[u8] = include_bytes!("fixtures/song_credits.json");
const SEARCH: &[u8] = include_bytes!("fixtures/search.json");
const ARTIST: &[u8] = include_bytes!("fixtures/artist.json");
