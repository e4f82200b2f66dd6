//! Tests that Spotify responses recorded outside the project are read as a person reads them. The files are
//! in `spotify/` of the folder that LINERNOTES_RECORDED names. A file that no test lists fails a test.

mod albums;
mod artists;
#[path = "../recorded/mod.rs"]
mod recorded;
mod searches;
mod tokens;
mod tracks;

use chrono::NaiveDate;
use shared::domain::dates::{DatePrecision, ReleaseDate};
use shared::upstreams::spotify::{Album, SimpleArtist, Track};

/// Files that the tests read.
const READ: &[&str] = &[
    "album.json",
    "album_55_tracks_compilation.json",
    "album_55_tracks_page2.json",
    "album_tracks_page.json",
    "artist.json",
    "artist_albums_page.json",
    "artist_zmb3.json",
    "search_album_by_upc.json",
    "search_album_by_upc_empty.json",
    "search_artists.json",
    "search_track_compilation.json",
    "search_track_japanese.json",
    "search_track_missing.json",
    "search_tracks_by_isrc_suiheisen.json",
    "search_tracks_empty.json",
    "token_client_credentials_ok.json",
    "token_invalid_client.json",
    "track.json",
    "track_compilation.json",
    "track_numbers_as_floats.json",
];

/// Responses to requests that the product never makes, with the reason.
const NOT_READ: &[(&str, &str)] = &[
    (
        "play_history_item_two_artists.json",
        "a user's listening history: needs the user's consent and names no producers",
    ),
    (
        "tracks_batch_with_null.json",
        "/tracks?ids=: development mode has no batch calls",
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    assert!(READ.contains(&name), "{name} belongs in READ");
    recorded::bytes("spotify", name)
}

fn date(year: i32, month: u32, day: u32, precision: DatePrecision) -> Option<ReleaseDate> {
    Some(ReleaseDate {
        date: NaiveDate::from_ymd_opt(year, month, day).expect("a date"),
        precision,
    })
}

fn names(artists: &[SimpleArtist]) -> Vec<&str> {
    artists.iter().map(|artist| artist.name.as_str()).collect()
}

fn isrc(track: &Track) -> Option<&str> {
    track.isrc.as_ref().map(|isrc| isrc.as_str())
}

fn upc(album: &Album) -> Option<&str> {
    album.upc.as_ref().map(|upc| upc.as_str())
}

#[test]
fn every_file_is_read_or_excluded_with_a_reason() {
    let known = READ.iter().chain(NOT_READ.iter().map(|(name, _)| name));
    recorded::assert_known("spotify", known.copied());
}
