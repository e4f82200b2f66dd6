//! What a release becomes: its credits, its tracklist and the data that identifies it.

use pretty_assertions::assert_eq;

use super::super::{DiscogsArtistId, Release, ReleaseEntry};
use super::{RELEASE_RANGES, release};
use crate::domain::albums::AlbumType;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;

const RELEASE_PARTS: &[u8] = include_bytes!("../fixtures/release_parts.json");
const RELEASE_OLD: &[u8] = include_bytes!("../fixtures/release_old.json");
const RELEASE_BARE: &[u8] = include_bytes!("../fixtures/release_bare.json");

/// One line per credit: artist id, name, name as printed, role and track range.
fn credit_lines(credits: &[StatedCredit]) -> Vec<String> {
    credits
        .iter()
        .map(|credit| {
            let id = credit.source_artist_id.as_deref().unwrap_or("-");
            let range = credit.raw_range.as_deref().unwrap_or("all");
            format!(
                "{id} | {} | {} | {} | {range}",
                credit.name, credit.credited_as, credit.raw_role
            )
        })
        .collect()
}

/// One line per entry: kind, position, title, duration and artists.
fn entry_lines(release: &Release) -> Vec<String> {
    let line = |entry: &ReleaseEntry| {
        let artists: Vec<_> = entry
            .artists
            .iter()
            .map(|artist| format!("{}{}", artist.credited_as, artist.join))
            .collect();
        let duration = entry
            .duration_ms
            .map_or("-".to_owned(), |duration| duration.to_string());
        format!(
            "{:?} {} {} {duration} {}",
            entry.kind,
            entry.position,
            entry.title,
            artists.join(" ")
        )
    };
    release.tracklist.iter().map(line).collect()
}

#[test]
fn credits_keep_their_wording_and_special_artists_are_left_out() {
    let release = release(RELEASE_RANGES);
    assert_eq!(
        credit_lines(&release.credits),
        [
            "900002 | Quincy Jones | Quincy Jones For Quincy Jones Productions | Producer | all",
            "900001 | Michael Jackson | Michael Jackson | Co-producer | A1, A3, B1 to B2",
            "900003 | Bruce Swedien | Bruce Swedien | Recorded By, Mixed By | all",
            "- | Matt Forger | Matt Forger | Technician [Technical Engineer] | all",
            "900004 | Steve Porcaro | Steve Porcaro | Synthesizer, Programmed By [Synthesizer] \
             | (tracks: A3, B3)",
        ]
    );
    assert_eq!(
        credit_lines(&release.tracklist[2].credits),
        ["900007 | Rod Temperton | R. Temperton | Written-By | all"]
    );
}

#[test]
fn a_release_has_the_data_that_identifies_it() {
    let release = release(RELEASE_RANGES);
    assert_eq!(
        (release.title.as_str(), release.date, release.master_id),
        ("Thriller", ReleaseDate::from_text("1982-11"), Some(900_101))
    );
    assert_eq!(
        release.barcodes,
        ["7464381121".parse().expect("a barcode")],
        "printed with and without spaces, it is one barcode"
    );
    let isrcs: Vec<(&str, &str)> = release
        .isrcs
        .iter()
        .map(|isrc| (isrc.isrc.as_str(), isrc.description.as_str()))
        .collect();
    assert_eq!(isrcs, [("USSM18200001", "A1"), ("USSM18200001", "")]);
    assert_eq!(release.album_type, Some(AlbumType::Album));
    assert_eq!(release.label.as_deref(), Some("Epic"));
    assert_eq!(release.genres, ["Funk / Soul", "Pop", "Disco"]);
    assert_eq!(
        entry_lines(&release),
        [
            "Heading  Side One - ",
            "Track A1 Wanna Be Startin' Somethin' 362000 ",
            "Track A2 Baby Be Mine 260000 ",
            "Track A3 The Girl Is Mine 222000 Michael Jackson/ Paul McCartney",
            "Track B1 Beat It 257000 ",
            "Track B2 Billie Jean - ",
        ]
    );
    let guest = &release.tracklist[3].artists[1];
    assert_eq!(
        (guest.id, guest.name.as_str()),
        (Some(DiscogsArtistId(900_008)), "Paul McCartney"),
        "the number is removed; the id distinguishes namesakes"
    );
}

#[test]
fn an_index_track_comes_before_its_parts() {
    let release = release(RELEASE_PARTS);
    assert_eq!(
        entry_lines(&release),
        [
            "Index  Close To The Edge 1130000 YES",
            "Part A.I The Solid Time Of Change - YES",
            "Part A.II Total Mass Retain - YES",
            "Track B2 Siberian Khatru 537000 ",
        ]
    );
    assert_eq!(
        release
            .tracklist
            .iter()
            .map(|entry| credit_lines(&entry.credits).len())
            .collect::<Vec<_>>(),
        [1, 0, 1, 0]
    );
    assert_eq!(
        (release.master_id, release.date),
        (None, ReleaseDate::from_text("1972-09-13"))
    );
}

#[test]
fn the_kind_of_a_line_is_inferred_in_old_responses() {
    let release = release(RELEASE_OLD);
    assert_eq!(
        entry_lines(&release),
        [
            "Heading  Side One - ",
            "Track A One - ",
            "Track  Hidden 3723000 ",
            "Index  A Work - ",
            "Part B1 Its Part - ",
        ]
    );
}

#[test]
fn a_release_may_have_almost_no_data() {
    let release = release(RELEASE_BARE);
    assert_eq!(
        credit_lines(&release.credits),
        ["- | Printed Name | Printed Name | Producer | all"]
    );
    assert_eq!(entry_lines(&release), ["Track   - "]);
    assert_eq!(
        (release.title.as_str(), release.date, release.master_id),
        ("", None, None)
    );
    assert!(
        release.artists.is_empty() && release.barcodes.is_empty() && release.isrcs.is_empty(),
        "{release:?}"
    );
    assert_eq!((release.album_type, release.label), (None, None));
    assert!(release.genres.is_empty(), "{:?}", release.genres);
}
