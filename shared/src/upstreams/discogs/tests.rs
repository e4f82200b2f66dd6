//! Discogs: tests of the mapping, each with a second body in which the values are null or missing, and of the
//! client over HTTP.

use axum::http::header;
use pretty_assertions::assert_eq;

use super::*;
use crate::domain::albums::AlbumType;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::upstreams::loopback::{Loopback, assert_pause, assert_refusal, http, pairs};

const RELEASE_RANGES: &[u8] = include_bytes!("fixtures/release_ranges.json");
const RELEASE_PARTS: &[u8] = include_bytes!("fixtures/release_parts.json");
const RELEASE_OLD: &[u8] = include_bytes!("fixtures/release_old.json");
const RELEASE_BARE: &[u8] = include_bytes!("fixtures/release_bare.json");
const ARTIST: &[u8] = include_bytes!("fixtures/artist.json");
const ARTIST_GROUP: &[u8] = include_bytes!("fixtures/artist_group.json");
const ARTIST_BARE: &[u8] = include_bytes!("fixtures/artist_bare.json");
const SEARCH: &[u8] = include_bytes!("fixtures/search.json");
const SEARCH_NULLS: &[u8] = include_bytes!("fixtures/search_nulls.json");

const TOKEN: &str = "a-secret-token";

fn release(json: &[u8]) -> Release {
    release_from_json(json).expect("a release")
}

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

#[test]
fn malformed_durations_are_none() {
    for duration in [
        "",
        "0:00",
        "4",
        "4:60",
        "1:2:3:4",
        ":",
        "-1:20",
        "a:b",
        "99999999999:00",
        "4'20",
    ] {
        let json =
            format!(r#"{{"id":1,"tracklist":[{{"position":"1","title":"x","duration":"{duration}"}}]}}"#);
        assert_eq!(
            release(json.as_bytes()).tracklist[0].duration_ms,
            None,
            "{duration}"
        );
    }
}

#[test]
fn search_results_contain_only_releases() {
    let found = search_results_from_json(SEARCH).expect("a search");
    assert_eq!(
        found,
        [
            ReleaseSearchResult {
                id: DiscogsReleaseId(900_100),
                heading: "Michael Jackson - Thriller".to_owned(),
                artist: Some("Michael Jackson".to_owned()),
                title: "Thriller".to_owned(),
                year: Some(1982),
                barcodes: vec!["7464381121".parse().expect("a barcode")],
                formats: ["Vinyl", "LP", "Album"].map(str::to_owned).to_vec(),
                master_id: Some(900_101),
            },
            ReleaseSearchResult {
                id: DiscogsReleaseId(900_102),
                heading: "Michael Jackson* - Thriller - 25th Anniversary".to_owned(),
                artist: Some("Michael Jackson".to_owned()),
                title: "Thriller - 25th Anniversary".to_owned(),
                year: None,
                barcodes: vec![],
                formats: ["CD", "Album", "Unofficial Release"].map(str::to_owned).to_vec(),
                master_id: None,
            },
        ],
        "masters and artists are left out"
    );
    let bare = &search_results_from_json(SEARCH_NULLS).expect("a search")[0];
    assert_eq!(
        (bare.artist.as_deref(), bare.title.as_str(), bare.year),
        (None, "", None)
    );
    for empty in [&br#"{"results":[]}"#[..], br#"{"results":null}"#, b"{}"] {
        assert_eq!(search_results_from_json(empty).expect("a search"), []);
    }
}

#[test]
fn an_artist_has_names_and_links() {
    let artist = artist_from_json(ARTIST).expect("an artist");
    assert_eq!(
        (artist.name.as_str(), artist.real_name.as_deref()),
        ("Test Producer", Some("Test Q. Producer"))
    );
    assert_eq!(artist.name_variations, ["T. Producer"]);
    let links: Vec<_> = artist
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(
        links,
        [
            "instagram test.producer",
            "other https://www.instagram.com/p/abc123/",
            "twitter testproducer",
            "other test-producer.example",
        ]
    );
    assert_eq!(
        artist.aliases,
        [RelatedArtist {
            id: DiscogsArtistId(900_502),
            name: "The Other Alias".to_owned()
        }]
    );
    assert_eq!(artist.groups.len(), 1, "a group without an id is left out");
    assert_eq!(
        artist.image_url.as_deref(),
        Some("https://i.discogs.com/first.jpeg")
    );
}

#[test]
fn a_group_has_members_and_an_artist_may_have_no_data() {
    let group = artist_from_json(ARTIST_GROUP).expect("an artist");
    let members: Vec<_> = group.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(members, ["Mike Stock", "Matt Aitken", "Pete Waterman"]);
    assert_eq!(
        group.image_url, None,
        "without a token, the URL of the picture is empty"
    );

    let bare = artist_from_json(ARTIST_BARE).expect("an artist");
    assert_eq!(
        bare,
        Artist {
            id: DiscogsArtistId(900_508),
            name: String::new(),
            real_name: None,
            name_variations: vec![],
            aliases: vec![],
            members: vec![],
            groups: vec![],
            links: vec![],
            image_url: None,
        }
    );
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [
        &b"<html>"[..],
        b"",
        b"[]",
        br#"{"message":"Release not found."}"#,
        br#"{"id":"x"}"#,
        &RELEASE_RANGES[..500],
    ] {
        assert!(matches!(release_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(artist_from_json(body), Err(Error::Decode(_))));
    }
    assert!(search_results_from_json(b"<html>").is_err());
}

#[test]
fn a_barcode_is_searched_for_with_and_without_leading_zeros() {
    for (upc, forms) in [
        ("7464381121", &["007464381121", "0007464381121", "7464381121"][..]),
        ("602475093060", &["602475093060", "0602475093060"]),
        ("4050538176254", &["4050538176254"]),
        ("14050538176254", &["14050538176254"]),
    ] {
        assert_eq!(barcode_forms(&upc.parse().expect("a barcode")), forms);
    }
}

fn client(server: &Loopback) -> Discogs {
    Discogs::new(
        http(),
        DiscogsSettings {
            url: format!("{}/", server.base_url),
            token: TOKEN.to_owned(),
        },
    )
}

#[tokio::test]
async fn releases_and_artists_are_fetched_with_the_token() {
    let server = Loopback::with_response(200, &[], RELEASE_RANGES).await;
    let release = client(&server)
        .fetch_release(DiscogsReleaseId(900_100))
        .await
        .expect("a response")
        .expect("a release");
    assert_eq!(release.tracklist.len(), 6);
    let request = server.single_request();
    assert_eq!(
        (request.path.as_str(), request.query.len()),
        ("/releases/900100", 0)
    );
    assert_eq!(
        request.header(header::AUTHORIZATION),
        format!("Discogs token={TOKEN}")
    );
    assert!(request.header(header::USER_AGENT).starts_with("linernotes-tests"));

    let server = Loopback::with_response(200, &[], ARTIST).await;
    let artist = client(&server)
        .fetch_artist(DiscogsArtistId(900_501))
        .await
        .expect("a response");
    assert!(artist.is_some());
    assert_eq!(server.single_request().path, "/artists/900501");
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = Loopback::with_response(200, &[], SEARCH).await;
    let found = client(&server)
        .search_releases_by_barcode("0602475093060")
        .await
        .expect("a response");
    assert_eq!(found.len(), 2);
    let request = server.single_request();
    assert_eq!(
        (request.path.as_str(), request.query),
        (
            "/database/search",
            pairs(&[
                ("type", "release"),
                ("per_page", "100"),
                ("barcode", "0602475093060")
            ])
        )
    );

    let server = Loopback::with_response(200, &[], br#"{"results":[]}"#).await;
    let found = client(&server)
        .search_releases("AC/DC & 水", &format!("50%\n \"Off\" {}", "x".repeat(10_000)))
        .await
        .expect("a response");
    assert_eq!(found, []);
    let query = server.single_request().query;
    assert_eq!(query[2], ("artist".to_owned(), "AC/DC & 水".to_owned()));
    assert!(
        query[3].1.starts_with("50% \"Off\" xxx") && query[3].1.len() == 200,
        "{query:?}"
    );
}

#[tokio::test]
async fn a_record_that_discogs_does_not_have_is_none() {
    let server = Loopback::with_response(404, &[], br#"{"message": "Release not found."}"#).await;
    let client = client(&server);
    assert_eq!(
        client
            .fetch_release(DiscogsReleaseId(1))
            .await
            .expect("a response"),
        None
    );
    assert_eq!(
        client.fetch_artist(DiscogsArtistId(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client.search_releases_by_barcode("1").await.expect("a response"),
        []
    );
}

#[tokio::test]
async fn status_429_is_a_pause() {
    const MESSAGE: &[u8] = br#"{"message": "You are making requests too quickly."}"#;
    for (headers, body, seconds) in [
        (&[][..], MESSAGE, 30),
        (&[(header::RETRY_AFTER, "7")], MESSAGE, 7),
        (&[(header::RETRY_AFTER, "soon")], b"<html>", 30),
    ] {
        let server = Loopback::with_response(429, headers, body).await;
        let error = client(&server)
            .fetch_artist(DiscogsArtistId(1))
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
            &br#"{"message": "Invalid consumer token. Please register an app."}"#[..],
            "refused",
        ),
        (403, b"<html>Forbidden</html>", "blocked"),
        (500, b"{}", "unavailable"),
        (502, b"<html>Bad Gateway</html>", "unavailable"),
        (503, b"", "unavailable"),
        (422, br#"{"message": "Invalid"}"#, "unreadable response"),
        (200, b"<!DOCTYPE html><html></html>", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &ARTIST[..200], "unreadable response"),
    ] {
        let server = Loopback::with_response(status, &[], body).await;
        let error = client(&server)
            .fetch_artist(DiscogsArtistId(1))
            .await
            .expect_err("refused");
        assert_refusal(&server, &error, kind, TOKEN);
    }
    let server = Loopback::with_truncated_body(ARTIST).await;
    let error = client(&server)
        .fetch_artist(DiscogsArtistId(1))
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_token_with_invalid_characters_is_refused_before_sending() {
    let server = Loopback::with_response(200, &[], ARTIST).await;
    let client = Discogs::new(
        http(),
        DiscogsSettings {
            url: server.base_url.clone(),
            token: "two\nlines".to_owned(),
        },
    );
    let error = client
        .fetch_artist(DiscogsArtistId(1))
        .await
        .expect_err("an invalid token");
    assert!(matches!(error, Error::Refused(_)) && !error.to_string().contains("lines"));
    assert_eq!(server.request_count(), 0);
}
