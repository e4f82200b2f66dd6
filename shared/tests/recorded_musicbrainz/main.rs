//! Tests that MusicBrainz responses recorded outside the project are read as a person reads them. The files
//! are in `musicbrainz/` of the folder that LINERNOTES_RECORDED names. An unlisted file fails a test.

mod artists;
#[path = "../recorded/mod.rs"]
mod recorded;
mod recordings;
mod releases;
mod searches;

use shared::domain::credits::Credit;
use shared::upstreams::musicbrainz::{
    Artist, ArtistCredit, Recording, Release, artist_from_json, recording_from_json,
    recording_matches_from_json, release_from_json, release_matches_from_json,
};

const RECORDINGS: &[&str] = &[
    "picard_recording.json",
    "picard_recording_artist_aliases.json",
    "picard_recording_composer.json",
    "picard_recording_credits.json",
    "picard_recording_generic_instrument.json",
    "recording_butter_sugar_cream.json",
    "recording_crazy_no_producer.json",
    "recording_suiheisen.json",
];
const RELEASES: &[&str] = &["picard_release.json", "release_70130d47_wipeout.json"];
const ARTISTS: &[&str] = &[
    "artist_2280ca0e_url_rels.json",
    "artist_5b687684_url_rels.json",
    "picard_artist.json",
    "picard_artist_arabic.json",
];
const RELEASE_SEARCHES: &[&str] = &["release_search.json"];
const RECORDING_SEARCHES: &[&str] = &["recording_search_empty.json", "recording_search_mixednuts.json"];
/// Responses to requests that the product never makes, with the reason.
const NOT_READ: &[(&str, &str)] = &[
    (
        "artist_nakata_recording_rels.json",
        "credits are requested by recording, never by artist; only the roles of its relations are tested",
    ),
    (
        "artist_search_kenmochi.json",
        "artists come from links and credits, never from a search for a name",
    ),
    (
        "artist_search_yoasobi.json",
        "artists come from links and credits, never from a search for a name",
    ),
    (
        "recordings_browse_higuchiai.json",
        "an artist's recordings are not browsed: they have no credits in them",
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    recorded::bytes("musicbrainz", name)
}

fn recording(name: &str) -> Recording {
    recording_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn release(name: &str) -> Release {
    release_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn artist(name: &str) -> Artist {
    artist_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One line per credit: role, name, the printed name if it differs, and the source's wording.
fn lines(credits: &[Credit]) -> Vec<String> {
    let line = |credit: &Credit| {
        let (role, name, raw) = (credit.role, &credit.name, &credit.raw_role);
        match credit.credited_as == *name {
            true => format!("{role}: {name} ({raw})"),
            false => format!("{role}: {name} as {} ({raw})", credit.credited_as),
        }
    };
    credits.iter().map(line).collect()
}

/// The names and ids of the artists with a production credit.
fn producers(credits: &[Credit]) -> Vec<(&str, &str)> {
    credits
        .iter()
        .filter(|credit| credit.role.is_music_production())
        .map(|credit| {
            let id = credit.source_artist_id.as_deref().expect("an artist's id");
            (credit.name.as_str(), id)
        })
        .collect()
}

fn printed(artists: &[ArtistCredit]) -> String {
    artists
        .iter()
        .map(|artist| format!("{}{}", artist.credited_as, artist.join))
        .collect()
}

#[test]
fn every_recorded_answer_is_read_or_listed() {
    for name in RECORDINGS {
        assert!(!recording(name).title.is_empty(), "{name}");
    }
    for name in RELEASES {
        assert!(!release(name).tracks.is_empty(), "{name}");
    }
    for name in ARTISTS {
        assert!(!artist(name).name.is_empty(), "{name}");
    }
    for name in RELEASE_SEARCHES {
        release_matches_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in RECORDING_SEARCHES {
        recording_matches_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    let known = [
        RECORDINGS,
        RELEASES,
        ARTISTS,
        RELEASE_SEARCHES,
        RECORDING_SEARCHES,
    ]
    .into_iter()
    .flatten()
    .chain(NOT_READ.iter().map(|(name, _)| name))
    .copied();
    recorded::assert_known("musicbrainz", known);
}
