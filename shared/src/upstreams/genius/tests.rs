//! Genius: tests of the mapping, each with a second body in which the values are null or missing, and of the
//! client over HTTP.

use axum::http::header;
use pretty_assertions::assert_eq;

use super::*;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::upstreams::loopback::{Loopback, assert_pause, assert_refusal, http, pairs};

const SONG_CREDITS: &[u8] = include_bytes!("fixtures/song_credits.json");
const SONG_MADE_FROM_OTHERS: &[u8] = include_bytes!("fixtures/song_made_from_others.json");
const SONG_BARE: &[u8] = include_bytes!("fixtures/song_bare.json");
const SEARCH: &[u8] = include_bytes!("fixtures/search.json");
const SEARCH_NULLS: &[u8] = include_bytes!("fixtures/search_nulls.json");
const ARTIST: &[u8] = include_bytes!("fixtures/artist.json");
const ARTIST_BARE: &[u8] = include_bytes!("fixtures/artist_bare.json");

const TOKEN: &str = "a-secret-token";

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

fn client(server: &Loopback) -> Genius {
    Genius::new(
        http(),
        GeniusSettings {
            url: format!("{}/", server.base_url),
            token: TOKEN.to_owned(),
        },
    )
}

#[tokio::test]
async fn songs_and_artists_are_fetched_with_the_token() {
    let server = Loopback::with_response(200, &[], SONG_CREDITS).await;
    let song = client(&server)
        .fetch_song(GeniusSongId(900_100))
        .await
        .expect("a response")
        .expect("a song");
    assert_eq!(song.credits.len(), 7);
    let request = server.single_request();
    assert_eq!(
        (request.path.as_str(), request.query.clone()),
        ("/songs/900100", pairs(&[("text_format", "plain")]))
    );
    assert_eq!(request.header(header::AUTHORIZATION), format!("Bearer {TOKEN}"));

    let server = Loopback::with_response(200, &[], ARTIST).await;
    let artist = client(&server)
        .fetch_artist(GeniusArtistId(900_401))
        .await
        .expect("a response");
    assert!(artist.is_some());
    assert_eq!(server.single_request().path, "/artists/900401");
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = Loopback::with_response(200, &[], SEARCH).await;
    let found = client(&server)
        .search_songs("AC/DC & 水", "50%\n\u{200b}\"Off\"\u{0}")
        .await
        .expect("a response");
    assert_eq!(found.len(), 4);
    let request = server.single_request();
    assert_eq!(
        (request.path.as_str(), request.query),
        ("/search", pairs(&[("q", "50% \"Off\" AC/DC & 水")]))
    );

    let server = Loopback::with_response(200, &[], SEARCH).await;
    client(&server)
        .search_songs("x", &"語".repeat(10_000))
        .await
        .expect("a response");
    assert_eq!(server.single_request().query[0].1.chars().count(), 200);
}

#[tokio::test]
async fn a_record_that_genius_does_not_have_is_none() {
    let not_found = br#"{"meta":{"status":404,"message":"Couldn't find a song"}}"#;
    let server = Loopback::with_response(404, &[], not_found).await;
    let client = client(&server);
    assert_eq!(
        client.fetch_song(GeniusSongId(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client.fetch_artist(GeniusArtistId(1)).await.expect("a response"),
        None
    );
}

#[tokio::test]
async fn status_429_is_a_pause() {
    for (headers, body, seconds) in [
        (&[][..], &b"{}"[..], 30),
        (&[(header::RETRY_AFTER, "90")], b"<html>", 90),
        (&[(header::RETRY_AFTER, "soon")], b"", 30),
    ] {
        let server = Loopback::with_response(429, headers, body).await;
        let error = client(&server)
            .fetch_song(GeniusSongId(1))
            .await
            .expect_err("refused");
        assert_pause(&server, error, seconds, &format!("{headers:?}"));
    }
}

#[tokio::test]
async fn other_failures_have_a_kind_and_never_contain_the_token() {
    for (status, body, kind) in [
        (
            401,
            &br#"{"error":"invalid_token","error_description":"The access token expired"}"#[..],
            "refused",
        ),
        (403, b"<!DOCTYPE html><title>Just a moment...</title>", "blocked"),
        (200, b"<!DOCTYPE html><title>Just a moment...</title>", "blocked"),
        (403, br#"{"meta":{"status":403}}"#, "refused"),
        (500, b"{}", "unavailable"),
        (503, b"<html>Service Unavailable</html>", "unavailable"),
        (400, b"{}", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &SONG_CREDITS[..200], "unreadable response"),
    ] {
        let server = Loopback::with_response(status, &[], body).await;
        let error = client(&server)
            .fetch_song(GeniusSongId(1))
            .await
            .expect_err("refused");
        assert_refusal(&server, &error, kind, TOKEN);
    }
    let server = Loopback::with_truncated_body(SONG_CREDITS).await;
    let error = client(&server)
        .fetch_song(GeniusSongId(1))
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}
