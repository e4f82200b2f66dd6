//! What songs, search results and artists become.

use pretty_assertions::assert_eq;

use super::super::{
    Error, GeniusSongId, PageArtist, PageKind, Song, SongAlbum, SongRelation, artist_from_json,
    song_from_json, songs_from_search_json,
};
use super::{ARTIST, SEARCH, SONG_CREDITS};
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;

const SONG_MADE_FROM_OTHERS: &[u8] = include_bytes!("../fixtures/song_made_from_others.json");
const SONG_BARE: &[u8] = include_bytes!("../fixtures/song_bare.json");
const SEARCH_NULLS: &[u8] = include_bytes!("../fixtures/search_nulls.json");
const ARTIST_BARE: &[u8] = include_bytes!("../fixtures/artist_bare.json");

fn song(json: &[u8]) -> Song {
    song_from_json(json).expect("a song")
}

/// One line per credit: artist id, name and role.
fn credit_lines(credits: &[StatedCredit]) -> Vec<String> {
    credits
        .iter()
        .map(|credit| {
            let id = credit.source_artist_id.as_deref().unwrap_or("-");
            format!("{id} | {} | {}", credit.name, credit.raw_role)
        })
        .collect()
}

fn names(artists: &[PageArtist]) -> Vec<&str> {
    artists.iter().map(|artist| artist.name.as_str()).collect()
}

#[test]
fn producers_and_labels_become_credits_but_writers_do_not() {
    let song = song(SONG_CREDITS);
    assert_eq!(
        credit_lines(&song.credits),
        [
            "900002 | Mike WiLL Made-It | Producer",
            "900003 | Pluss | Additional Production",
            "900005 | Test Film Producer | Video Producer",
            "900006 | Derek “MixedByAli” Ali | Mixing Engineer",
            "900002 | Mike WiLL Made-It | Mixing Engineer",
            "900007 | Top Dawg Entertainment | Phonographic Copyright ℗",
            "900002 | Mike WiLL Made-It | Executive Producer",
        ],
        "Pluss is not a plain producer because a label is more specific"
    );
    assert!(
        song.credits
            .iter()
            .all(|credit| credit.raw_range.is_none() && credit.credited_as == credit.name)
    );
}

#[test]
fn a_song_has_the_data_that_identifies_it() {
    let song = song(SONG_CREDITS);
    let summary = &song.summary;
    assert_eq!(
        (summary.title.as_str(), summary.title_with_featured.as_str()),
        ("HUMBLE.", "HUMBLE.")
    );
    assert_eq!(names(&summary.primary_artists), ["Kendrick Lamar"]);
    assert_eq!(
        (summary.date, summary.kind),
        (ReleaseDate::from_text("2017-03-30"), PageKind::Song)
    );
    let ids: Vec<_> = song.spotify_track_ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(
        ids,
        ["0000000000000000000001", "0000000000000000000002"],
        "a link to an album is left out"
    );
    assert_eq!(
        song.album,
        Some(SongAlbum {
            id: 900_200,
            name: "DAMN.".to_owned(),
            artist_name: Some("Kendrick Lamar".to_owned())
        })
    );
    assert_eq!(
        song.made_from,
        [],
        "a song that was remixed is not a remix itself"
    );
}

#[test]
fn a_derived_song_names_its_originals() {
    let song = song(SONG_MADE_FROM_OTHERS);
    let originals: Vec<_> = song
        .made_from
        .iter()
        .map(|original| (original.relation, original.id.0, original.title.as_str()))
        .collect();
    assert_eq!(
        originals,
        [
            (SongRelation::CoverOf, 900_100, "HUMBLE."),
            (SongRelation::RemixOf, 900_111, "HUMBLE. (Demo)"),
            (SongRelation::TranslationOf, 900_112, "SEI BESCHEIDEN."),
            (SongRelation::LiveVersionOf, 900_113, "HUMBLE."),
        ]
    );
    assert_eq!(
        song.summary.date,
        ReleaseDate::from_text("2018"),
        "the day and month in the text are padding"
    );
    assert_eq!(
        (
            names(&song.summary.primary_artists),
            names(&song.summary.featured_artists)
        ),
        (vec!["Test Band"], vec!["Test Guest"])
    );
    assert_eq!(song.credits, []);
}

#[test]
fn a_song_may_have_almost_no_data() {
    let song = song(SONG_BARE);
    assert_eq!(song.summary.id, GeniusSongId(900_120));
    assert_eq!(song.summary.title, "");
    assert_eq!((song.summary.date, song.summary.url), (None, None));
    assert!(song.summary.primary_artists.is_empty() && song.summary.featured_artists.is_empty());
    assert!(song.credits.is_empty() && song.spotify_track_ids.is_empty());
    assert!(song.album.is_none() && song.made_from.is_empty());
}

#[test]
fn every_search_result_has_its_kind() {
    let found = songs_from_search_json(SEARCH).expect("a search");
    let shown: Vec<_> = found
        .iter()
        .map(|song| (song.title.as_str(), song.kind, song.date))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "Humble and Kind",
                PageKind::Song,
                ReleaseDate::from_text("2016-01-20")
            ),
            ("DAMN. [Credits]", PageKind::Record, None),
            (
                "Kendrick Lamar - HUMBLE. (Traducción al Español)",
                PageKind::Translation,
                None
            ),
            ("HUMBLE.", PageKind::Song, ReleaseDate::from_text("2017-03-30")),
        ]
    );
    let match_with_guest = &found[3];
    assert_eq!(match_with_guest.title_with_featured, "HUMBLE. (Ft. Test Guest)");
    assert_eq!(
        (
            names(&match_with_guest.primary_artists),
            names(&match_with_guest.featured_artists)
        ),
        (vec!["Kendrick Lamar", "Second Artist"], vec!["Test Guest"])
    );

    let bare = songs_from_search_json(SEARCH_NULLS).expect("a search");
    assert_eq!(bare.len(), 1);
    assert_eq!((bare[0].title.as_str(), bare[0].date), ("", None));
    let empty = br#"{"meta":{"status":200},"response":{"hits":[]}}"#;
    assert_eq!(songs_from_search_json(empty).expect("a search"), []);
}

#[test]
fn an_artist_has_names_links_and_a_picture() {
    let artist = artist_from_json(ARTIST).expect("an artist");
    assert_eq!(
        (artist.name.as_str(), artist.alternate_names.as_slice()),
        ("Test Producer", &["Second Name".to_owned()][..])
    );
    let links: Vec<_> = artist
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(
        links,
        [
            "genius Test-producer",
            "instagram test.producer",
            "twitter testproducer",
            "facebook test.producer",
        ]
    );
    assert_eq!(
        artist.image_url.as_deref(),
        Some("https://images.genius.com/0123.1000x1000x1.jpg")
    );

    let bare = artist_from_json(ARTIST_BARE).expect("an artist");
    assert!(bare.links.is_empty() && bare.alternate_names.is_empty());
    assert_eq!(bare.image_url, None, "a placeholder is left out");
}

#[test]
fn handles_that_users_entered_are_normalized_or_left_out() {
    for (entered, handle) in [
        ("someone", Some("someone")),
        ("@Some.One_1", Some("some.one_1")),
        ("some.one", Some("some.one")),
        ("instagram.com/someone", Some("someone")),
        ("https://instagram.com/someone?hl=en", Some("someone")),
        ("https://twitter.com/someone", None),
        ("instagram.com", None),
        ("explore", None),
        ("some one", None),
        ("someone/p/abc", None),
        ("https://www.instagram.com/p/abc/", None),
        ("@", None),
        ("", None),
        ("ünïcode", None),
        ("a_handle_of_more_than_thirty_letters", None),
    ] {
        let json = serde_json::json!({"response": {"artist": {"id": 1, "instagram_name": entered}}});
        let artist = artist_from_json(json.to_string().as_bytes()).expect("an artist");
        assert_eq!(
            artist.links.first().map(|link| link.value.as_str()),
            handle,
            "{entered}"
        );
    }
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [
        &b"<html>"[..],
        b"",
        b"[]",
        br#"{"meta":{"status":404,"message":"no"}}"#,
        br#"{"meta":{"status":200},"response":{}}"#,
        &SONG_CREDITS[..300],
    ] {
        assert!(matches!(song_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(artist_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(songs_from_search_json(body), Err(Error::Decode(_))));
    }
}
