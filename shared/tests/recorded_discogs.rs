//! Recorded answers of Discogs through the real mapping, held against what a person reads in them.
//! The recordings stay outside the project, in `discogs/` of the folder that LINERNOTES_RECORDED names.

mod recorded;

use pretty_assertions::assert_eq;
use shared::domain::credits::StatedCredit;
use shared::domain::dates::ReleaseDate;
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
/// What this client never asks for, and why.
const NOT_ASKED_FOR: &[(&str, &str)] = &[
    ("dump_20200806_artists_part.xml.gz", "dumps are for the loader"),
    ("dump_20200806_releases_part.xml.gz", "dumps are for the loader"),
    ("dump_small_artists.xml", "dumps are for the loader"),
    ("dump_small_releases.xml", "dumps are for the loader"),
    (
        "master_4242.json",
        "a master has no credits of its own: releases have",
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

/// One line a credit: who and, where that is more, as printed; in whose words, on which tracks.
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

/// The positions of what is to be heard.
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
        .chain(NOT_ASKED_FOR.iter().map(|(name, _)| name))
        .copied();
    recorded::assert_known("discogs", known);
}

#[test]
fn a_producer_can_be_a_group_that_is_printed_otherwise() {
    let release = release("release_1503102.json");
    assert_eq!(
        lines(&release.credits),
        [
            "78275 Mark McGuire: Engineer",
            "95941 Mike Duffy: Engineer",
            "34067 Pete Hammond as Mixmaster Pete Hammond: Mixed By",
            "20942 Stock, Aitken & Waterman as Stock / Aitken / Waterman: Producer",
            "20942 Stock, Aitken & Waterman as Stock-Aitken-Waterman: Written-By",
        ]
    );
    assert_eq!(printed(&release.artists), "Rick Astley");
    assert_eq!(release.tracklist[0].duration_ms, Some(348_000));
    assert_eq!(release.date, ReleaseDate::from_text("1987"));
    assert!(
        release.barcodes.is_empty(),
        "runouts are no barcodes: {:?}",
        release.barcodes
    );
}

#[test]
fn ranges_stay_as_they_are_written_beside_a_tracklist_in_order() {
    let release = release("release_8604223.json");
    let ranges: Vec<String> = lines(&release.credits)
        .into_iter()
        .filter(|line| line.ends_with(')'))
        .collect();
    assert_eq!(
        ranges,
        [
            "258792 Brian Humphries: Engineer (A1 to B2)",
            "263514 Peter Mew: Engineer (C1 to D2)",
            "252775 Norman Smith: Producer [Produced By] (C1 to D2)",
            "45467 Pink Floyd: Producer [Produced By] (A1 to B2)",
        ]
    );
    assert!(
        lines(&release.credits).contains(
            &"1826972 Hipgnosis: Sleeve [Sleeve Design], Design [Sleeve \
        Design], Photography By [Photographs By]"
                .to_owned()
        )
    );
    let kinds: Vec<_> = release
        .tracklist
        .iter()
        .filter(|entry| entry.position.is_empty())
        .map(|entry| (entry.kind, entry.title.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (EntryKind::Heading, "Live Album"),
            (EntryKind::Heading, "Studio Album"),
            (EntryKind::Index, "Sysyphus"),
            (EntryKind::Index, "The Narrow Way"),
            (EntryKind::Index, "The Grand Vizier's Garden Party"),
        ]
    );
    assert_eq!(positions(&release)[..4], ["A1", "A2", "B1", "B2"]);
    let of_wright: Vec<_> = release
        .tracklist
        .iter()
        .filter(|entry| printed(&entry.artists) == "Richard Wright")
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(
        of_wright,
        [
            EntryKind::Index,
            EntryKind::Part,
            EntryKind::Part,
            EntryKind::Part,
            EntryKind::Part
        ]
    );
    assert_eq!(
        lines(&release.tracklist[1].credits),
        ["178489 Syd Barrett as Barrett: Written-By"]
    );
    assert_eq!(release.barcodes, ["0825646493166".parse().expect("a barcode")]);
    assert_eq!(
        (release.date, release.master_id),
        (ReleaseDate::from_text("2016-06-03"), Some(20_692))
    );
}

#[test]
fn tracks_have_artists_and_credits_of_their_own() {
    let release = release("release_3.json");
    assert_eq!(lines(&release.credits), ["3 Josh Wink: DJ Mix"]);
    let artists: Vec<_> = release
        .tracklist
        .iter()
        .map(|entry| printed(&entry.artists))
        .collect();
    assert_eq!(
        artists,
        [
            "Heiko Laux & Johannes Heil",
            "K.A.B.",
            "Sylk 130",
            "The Persuader",
            "Care Company",
            "Gez Varley",
            "DJ Dozia",
            "Nerio's Dubwork Meets Kathy Lee",
            "Blaze",
            "Stacey Pullen Presents Black Odyssey",
            "Christian Smith & John Selway",
            "Josh Wink",
            "Sound Associates",
            "Percy X",
        ]
    );
    let credited: Vec<_> = release
        .tracklist
        .iter()
        .flat_map(|entry| lines(&entry.credits))
        .collect();
    assert_eq!(
        credited,
        [
            "8 Mood II Swing: Remix",
            "23 Alex Hi-Fi: Remix",
            "14 Eight Miles High: Remix",
            "67226 Stacey Pullen: Presenter",
        ]
    );
    assert_eq!(release.barcodes, ["74646362822".parse().expect("a barcode")]);
}

#[test]
fn one_wording_may_name_several_roles_and_a_release_no_producer() {
    assert_eq!(
        lines(&release("release_2.json").credits),
        [
            "26 Alexi Delano: Producer, Recorded By",
            "27 Cari Lekebusch: Producer, Recorded By",
            "26 Alexi Delano as A. Delano: Written-By",
            "27 Cari Lekebusch as C. Lekebusch: Written-By",
        ]
    );
    let stockholm = release("release_1.json");
    assert_eq!(
        lines(&stockholm.credits),
        ["239 Jesper Dahlbäck: Music By [All Tracks By]"]
    );
    assert_eq!(stockholm.date, ReleaseDate::from_text("1999-03"));
    assert_eq!(positions(&stockholm), ["A", "B1", "B2", "C1", "C2", "D"]);
    let audiobook = release("release_11578434_no_producer.json");
    assert_eq!(
        lines(&audiobook.credits),
        ["152511 Kate Winslet: Read By", "431056 Enid Blyton: Written-By"]
    );
    assert_eq!(positions(&audiobook).len(), 76);
    assert_eq!(audiobook.barcodes, ["9338684000223".parse().expect("a barcode")]);
}

#[test]
fn artists_have_names_aliases_groups_and_links() {
    let persuader = artist("artist_1.json");
    assert_eq!(persuader.name, "The Persuader");
    assert_eq!(persuader.real_name.as_deref(), Some("Jesper Dahlbäck"));
    assert_eq!(persuader.name_variations, ["Persuader", "Presuader, The"]);
    assert_eq!(persuader.aliases.len(), 7);
    assert_eq!(persuader.aliases[6].name, "The Pinguin Man");
    assert!(persuader.links.is_empty());
    assert_eq!(persuader.image_url, None, "relative: recorded without one");

    let wink = artist("artist_3.json");
    assert_eq!(wink.name_variations.len(), 22);
    let groups: Vec<_> = wink.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(
        groups,
        [
            "Abundance Of Cups",
            "E-Culture",
            "The Force",
            "Jack Jones",
            "Just King And Wink"
        ]
    );
    let links: Vec<_> = wink
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(links.len(), 6);
    assert_eq!(links[5], "twitter joshwink1");
}

#[test]
fn a_search_gives_candidates_and_no_artists() {
    let found = search_results_from_json(&bytes("search_artist.json")).expect("a search");
    assert_eq!(found.len(), 12);
    let first = &found[0];
    assert_eq!(
        (first.artist.as_deref(), first.title.as_str(), first.year),
        (Some("Trash80"), "Icarus", Some(2008))
    );
    assert_eq!(
        (first.id.0, first.formats.as_slice()),
        (1_743_771, &["CDr".to_owned()][..])
    );
}
