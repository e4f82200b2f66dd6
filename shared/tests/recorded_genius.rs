//! Tests that Genius responses recorded outside the project are read as a person reads them. The files are
//! in `genius/` of the folder that LINERNOTES_RECORDED names. A file that no test lists fails a test.

mod recorded;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::credits::StatedCredit;
use shared::domain::dates::ReleaseDate;
use shared::upstreams::genius::{
    Artist, PageKind, Song, artist_from_json, song_from_json, songs_from_search_json,
};

const SONGS: &[&str] = &[
    "song_1185778_aftermath_no_producer.json",
    "song_2872960_24k_magic.json",
];
const SEARCHES: &[&str] = &["search_curse_noisy.json"];
/// One artist, and a list of songs, both without the envelope that the API wraps them in.
const BARE_ARTIST: &str = "SYNTHETIC_artist.json";
const BARE_SONGS: &str = "SYNTHETIC_artist_songs.json";

fn bytes(name: &str) -> Vec<u8> {
    recorded::bytes("genius", name)
}

fn song(name: &str) -> Song {
    song_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bare_artist() -> Artist {
    let artist: Value = serde_json::from_slice(&bytes(BARE_ARTIST)).expect("JSON");
    let json = json!({ "response": { "artist": artist } });
    artist_from_json(json.to_string().as_bytes()).expect("an artist")
}

fn bare_songs() -> Vec<Song> {
    let songs: Vec<Value> = serde_json::from_slice(&bytes(BARE_SONGS)).expect("JSON");
    let wrapped = songs
        .into_iter()
        .map(|song| json!({ "response": { "song": song } }).to_string());
    wrapped
        .map(|json| song_from_json(json.as_bytes()).expect("a song"))
        .collect()
}

fn lines(credits: &[StatedCredit]) -> Vec<String> {
    let line = |credit: &StatedCredit| {
        let id = credit.source_artist_id.as_deref().unwrap_or("-");
        format!("{id} {}: {}", credit.name, credit.raw_role)
    };
    credits.iter().map(line).collect()
}

#[test]
fn every_recorded_answer_is_read() {
    for name in SONGS {
        assert!(!song(name).summary.title.is_empty(), "{name}");
    }
    for name in SEARCHES {
        songs_from_search_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let known = [SONGS, SEARCHES]
        .into_iter()
        .flatten()
        .chain([&BARE_ARTIST, &BARE_SONGS])
        .copied();
    recorded::assert_known("genius", known);
}

#[test]
fn who_is_only_under_a_label_is_credited_too() {
    let song = song("song_2872960_24k_magic.json");
    assert_eq!(
        lines(&song.credits),
        [
            "1012903 Shampoo Press & Curl: Producer",
            "656771 Charles Moniz: Engineer",
            "656771 Charles Moniz: Recording Engineer",
            "640944 Șerban Ghenea: Mixing Engineer",
            "641348 John Hanes: Mixing Engineer",
            "396012 Tom Coyne: Mastering Engineer",
            "51543 The Stereotypes: Assistant Producer",
            "500 Bruno Mars: Talkbox",
            "182018 Mr. Talkbox: Talkbox",
            "78465 Dave Foreman: Guitar",
            "17649 James Fauntleroy: Background Vocals",
            "47127 Brody Brown: Background Vocals",
            "49094 Philip Lawrence: Background Vocals",
            "500 Bruno Mars: Background Vocals",
            "51543 The Stereotypes: Additional Production",
            "68978 Atlantic Records: Label",
        ]
    );
}

#[test]
fn a_song_says_which_spotify_track_it_is() {
    let song = song("song_2872960_24k_magic.json");
    assert_eq!(
        song.spotify_track_ids,
        ["2gFvRmQiWg9fN9i74Q0aiw".parse().expect("an id")],
        "stated twice"
    );
    assert_eq!(song.made_from, [], "being sampled and covered is no matter");
    assert_eq!(
        (song.summary.title.as_str(), song.summary.date),
        ("24K Magic", ReleaseDate::from_text("2016-10-07"))
    );
    assert_eq!(song.summary.primary_artists[0].name, "Bruno Mars");
    let album = song.album.expect("an album");
    assert_eq!(
        (album.name.as_str(), album.artist_name.as_deref()),
        ("24K Magic", Some("Bruno Mars"))
    );
}

#[test]
fn a_song_without_a_producer_gets_none() {
    let song = song("song_1185778_aftermath_no_producer.json");
    assert_eq!(lines(&song.credits), ["407383 Marty Sampson: Worship Leader"]);
    assert_eq!(song.spotify_track_ids, []);
}

#[test]
fn a_noisy_search_shows_which_pages_are_no_songs() {
    let found = songs_from_search_json(&bytes("search_curse_noisy.json")).expect("a search");
    assert_eq!(found.len(), 10);
    assert_eq!(
        (found[0].title.as_str(), found[0].primary_artists[0].name.as_str()),
        ("The Curse", "JZAC")
    );
    let no_songs: Vec<_> = found
        .iter()
        .filter(|page| page.kind != PageKind::Song)
        .map(|page| (page.title.as_str(), page.kind))
        .collect();
    assert_eq!(no_songs, [("The Gifted [Credits]", PageKind::Record)]);
    assert!(
        found
            .iter()
            .all(|page| !page.title_with_featured.contains(['\u{a0}', '\u{200b}']))
    );
}

#[test]
fn invented_answers_of_the_right_shape_are_read() {
    let artist = bare_artist();
    assert_eq!(artist.alternate_names, ["pytestguru", "Mock Maestro"]);
    assert_eq!(artist.links[0].value, "Py-testerson");
    assert_eq!(
        artist.image_url.as_deref(),
        Some("https://images.genius.com/fakepythonartist.jpg")
    );
    let songs = bare_songs();
    let featured: Vec<_> = songs
        .iter()
        .map(|song| song.summary.featured_artists.len())
        .collect();
    assert_eq!(featured, [0, 0, 1]);
    assert_eq!(lines(&songs[2].credits), ["777777 Test Producer: Producer"]);
}
