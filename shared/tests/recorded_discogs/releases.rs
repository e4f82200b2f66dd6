//! Releases and their credits.

use pretty_assertions::assert_eq;
use shared::domain::dates::ReleaseDate;
use shared::upstreams::discogs::EntryKind;

use super::{lines, positions, printed, release};

#[test]
fn a_producer_can_be_a_group_with_a_different_printed_name() {
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
        "runouts are not barcodes: {:?}",
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
