//! Tests that Discogs responses recorded outside the project are read as a person reads them. The files are
//! in `discogs/` of the folder that LINERNOTES_RECORDED names. A file that no test lists fails a test.

mod artists;
#[path = "../recorded/mod.rs"]
mod recorded;
mod releases;

use shared::domain::credits::StatedCredit;
use shared::upstreams::discogs::{
    Artist, EntryKind, Release, ReleaseArtist, artist_from_json, release_from_json, search_results_from_json,
};

const RELEASES: &[&str] = &[
    "release_1.json",
    "release_11578434_no_producer.json",
    "release_1503102.json",
    "release_2.json",
    "release_3.json",
    "release_8604223.json",
];
const ARTISTS: &[&str] = &["artist_1.json", "artist_3.json"];
const SEARCHES: &[&str] = &["search_artist.json"];
/// Responses to requests that the client never makes, with the reason.
const NOT_READ: &[(&str, &str)] = &[
    ("dump_20200806_artists_part.xml.gz", "dumps are for the loader"),
    ("dump_20200806_releases_part.xml.gz", "dumps are for the loader"),
    ("dump_small_artists.xml", "dumps are for the loader"),
    ("dump_small_releases.xml", "dumps are for the loader"),
    (
        "master_4242.json",
        "a master has no credits of its own: its releases have them",
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    recorded::bytes("discogs", name)
}

fn release(name: &str) -> Release {
    release_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn artist(name: &str) -> Artist {
    artist_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One line per credit: id, name, the printed name if it differs, the role as written, and the range.
fn lines(credits: &[StatedCredit]) -> Vec<String> {
    let line = |credit: &StatedCredit| {
        let id = credit.source_artist_id.as_deref().unwrap_or("-");
        let mut line = format!("{id} {}", credit.name);
        if credit.credited_as != credit.name {
            line.push_str(&format!(" as {}", credit.credited_as));
        }
        line.push_str(&format!(": {}", credit.raw_role));
        if let Some(range) = &credit.raw_range {
            line.push_str(&format!(" ({range})"));
        }
        line
    };
    credits.iter().map(line).collect()
}

fn printed(artists: &[ReleaseArtist]) -> String {
    let shown = |artist: &ReleaseArtist| format!("{} {}", artist.credited_as, artist.join);
    artists
        .iter()
        .map(shown)
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

/// The positions of the entries with audio.
fn positions(release: &Release) -> Vec<&str> {
    release
        .tracklist
        .iter()
        .filter(|entry| matches!(entry.kind, EntryKind::Track | EntryKind::Part))
        .map(|entry| entry.position.as_str())
        .collect()
}

#[test]
fn every_recorded_answer_is_read_or_listed() {
    for name in RELEASES {
        assert!(!release(name).tracklist.is_empty(), "{name}");
    }
    for name in ARTISTS {
        assert!(!artist(name).name.is_empty(), "{name}");
    }
    for name in SEARCHES {
        search_results_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let known = [RELEASES, ARTISTS, SEARCHES]
        .into_iter()
        .flatten()
        .chain(NOT_READ.iter().map(|(name, _)| name))
        .copied();
    recorded::assert_known("discogs", known);
}
