//! MusicBrainz: tests of the mapping, each with a second body in which the values are null or missing, and of
//! the client over HTTP.

mod failures;
mod lists;
mod records;
mod requests;

use wiremock::MockServer;

use super::{ArtistCredit, MusicBrainz};
use crate::upstreams::loopback::http;

const RECORDING_CREDITS: &[u8] = include_bytes!("fixtures/recording_credits.json");
const RECORDING_BARE: &[u8] = include_bytes!("fixtures/recording_bare.json");
const RELEASE_ALBUM: &[u8] = include_bytes!("fixtures/release_album.json");
const RELEASE_BARE: &[u8] = include_bytes!("fixtures/release_bare.json");
const ISRC_TWO_RECORDINGS: &[u8] = include_bytes!("fixtures/isrc_two_recordings.json");
const RELEASE_SEARCH: &[u8] = include_bytes!("fixtures/release_search.json");
const RELEASE_LIST: &[u8] = include_bytes!("fixtures/release_list.json");
const RECORDING_SEARCH: &[u8] = include_bytes!("fixtures/recording_search.json");
const ARTIST_SEARCH: &[u8] = include_bytes!("fixtures/artist_search.json");
const ARTIST_LINKS: &[u8] = include_bytes!("fixtures/artist_links.json");
const ARTIST_BARE: &[u8] = include_bytes!("fixtures/artist_bare.json");

fn mbid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u32) -> T {
    mbid(number).parse().expect("an MBID")
}

fn names(artists: &[ArtistCredit]) -> String {
    artists
        .iter()
        .map(|artist| format!("{}{}", artist.credited_as, artist.join))
        .collect()
}

fn client(server: &MockServer) -> MusicBrainz {
    client_at(&server.uri())
}

fn client_at(url: &str) -> MusicBrainz {
    MusicBrainz::new(http(), format!("{url}/ws/2/"))
}
