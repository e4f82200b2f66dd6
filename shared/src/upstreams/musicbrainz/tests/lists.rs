//! The mapping of listed releases and of search results.

use pretty_assertions::assert_eq;

use super::super::*;
use super::{ARTIST_SEARCH, RECORDING_SEARCH, RELEASE_LIST, RELEASE_SEARCH, id, names};
use crate::domain::dates::ReleaseDate;

#[test]
fn a_listed_release_has_the_data_for_choosing_one() {
    let page = release_page_from_json(RELEASE_LIST, 0).expect("a page");
    let medium = |format: &str, track_count| ListedMedium {
        format: Some(format.to_owned()),
        track_count,
    };
    let bare = ListedRelease {
        id: id(203),
        release_group_id: None,
        is_official: false,
        date: None,
        has_barcode: false,
        media: Vec::new(),
    };
    let nulls = ListedRelease {
        id: id(202),
        media: vec![ListedMedium {
            format: None,
            track_count: 0,
        }],
        ..bare.clone()
    };
    let full = ListedRelease {
        id: id(201),
        release_group_id: Some(id(301)),
        is_official: true,
        date: ReleaseDate::from_text("1999-03"),
        has_barcode: true,
        media: vec![medium("CD", 2), medium("DVD-Video", 1)],
    };
    assert_eq!(page.releases, [full, nulls, bare]);
    assert_eq!(page.next_offset, Some(100));
}

#[test]
fn search_results_have_a_score() {
    let releases = release_matches_from_json(RELEASE_SEARCH).expect("a search");
    assert_eq!(
        releases[0],
        ReleaseMatch {
            id: id(201),
            title: "Test Album".to_owned(),
            score: 100,
            artists: releases[1].artists.clone(),
            track_count: Some(2),
            date: Some("1999-03-08".to_owned()),
            barcode: Some("602475093060".parse().expect("a barcode")),
            status: Some("Official".to_owned()),
        }
    );
    let bare = &releases[1];
    assert_eq!(
        (bare.track_count, &bare.date, &bare.barcode, &bare.status),
        (None, &None, &None, &None)
    );

    let recordings = recording_matches_from_json(RECORDING_SEARCH).expect("a search");
    let found: Vec<_> = recordings
        .iter()
        .map(|found| (found.score, names(&found.artists), found.duration_ms, found.video))
        .collect();
    assert_eq!(
        found,
        [
            (100, "Test Band feat. The Guest".to_owned(), Some(242_640), false),
            (40, "Cover Band".to_owned(), None, true)
        ]
    );
    assert_eq!(recordings[0].first_release_date.as_deref(), Some("1999-03-08"));
    for empty in [
        &br#"{"count":0,"recordings":[],"releases":[]}"#[..],
        br#"{"recordings":null}"#,
        b"{}",
    ] {
        assert_eq!(recording_matches_from_json(empty).expect("a search"), []);
        assert_eq!(release_matches_from_json(empty).expect("a search"), []);
    }
}

#[test]
fn a_found_artist_has_what_distinguishes_it_from_namesakes() {
    let found = artist_matches_from_json(ARTIST_SEARCH).expect("artists");
    let bare = ArtistMatch {
        id: id(2),
        name: "Test Band".to_owned(),
        aliases: Vec::new(),
        disambiguation: String::new(),
        area: None,
    };
    let full = ArtistMatch {
        id: id(1),
        aliases: vec!["TB".to_owned()],
        disambiguation: "the rock band".to_owned(),
        area: Some("Sweden".to_owned()),
        ..bare.clone()
    };
    assert_eq!(found, [full, bare]);
    assert!(artist_matches_from_json(b"{}").expect("no artists").is_empty());
}
