//! MusicBrainz: tests of the mapping, each with a second body in which the values are null or missing, and of
//! the client over HTTP.

use axum::body::Body;
use axum::http::{Response, header};
use pretty_assertions::assert_eq;

use super::*;
use crate::domain::albums::AlbumType;
use crate::domain::credits::Credit;
use crate::domain::dates::ReleaseDate;
use crate::upstreams::loopback::{Loopback, assert_pause, assert_refusal, http, pairs};

const RECORDING_CREDITS: &[u8] = include_bytes!("fixtures/recording_credits.json");
const RECORDING_BARE: &[u8] = include_bytes!("fixtures/recording_bare.json");
const RELEASE_ALBUM: &[u8] = include_bytes!("fixtures/release_album.json");
const RELEASE_BARE: &[u8] = include_bytes!("fixtures/release_bare.json");
const ISRC_TWO_RECORDINGS: &[u8] = include_bytes!("fixtures/isrc_two_recordings.json");
const RELEASE_SEARCH: &[u8] = include_bytes!("fixtures/release_search.json");
const RELEASE_LIST: &[u8] = include_bytes!("fixtures/release_list.json");
const RECORDING_SEARCH: &[u8] = include_bytes!("fixtures/recording_search.json");
const ARTIST_LINKS: &[u8] = include_bytes!("fixtures/artist_links.json");
const ARTIST_BARE: &[u8] = include_bytes!("fixtures/artist_bare.json");

fn mbid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u32) -> T {
    mbid(number).parse().expect("an MBID")
}

/// One line per credit: role, name, name as printed, and wording of the role.
fn credit_lines(credits: &[Credit]) -> Vec<String> {
    credits
        .iter()
        .map(|credit| {
            format!(
                "{} | {} | {} | {}",
                credit.role, credit.name, credit.credited_as, credit.raw_role
            )
        })
        .collect()
}

fn names(artists: &[ArtistCredit]) -> String {
    artists
        .iter()
        .map(|artist| format!("{}{}", artist.credited_as, artist.join))
        .collect()
}

#[test]
fn the_relations_of_a_recording_become_credits() {
    let recording = recording_from_json(RECORDING_CREDITS).expect("a recording");
    assert_eq!(
        credit_lines(&recording.credits),
        [
            "producer | 島田テスト | 島田 テスト | producer",
            "executive_producer | Second Producer | Second Producer | producer [co, executive]",
            "additional_producer | Second Producer | Second Producer | producer [additional]",
            "vocal_producer | Third Producer | Third Producer | producer [task: vocal production]",
            "assistant_producer | Fourth Producer | Fourth Producer | producer [assistant, task: drums]",
            "producer | [unknown] | [unknown] | producer",
            "mixer | Second Producer | Second Producer | mix",
            "engineer | Some Engineer | Some Engineer | engineer [assistant]",
            "performer | Guest Singer | Guest Singer | instrument [guitar, piano]",
            "other | Test Band | Test Band | phonographic copyright",
            "other | Some Director | Some Director | video director [co]",
        ]
    );
    assert_eq!(recording.credits[0].source_artist_id, Some(mbid(11)));
    assert!(
        recording.credits[5]
            .source_artist_id
            .as_deref()
            .is_some_and(is_special_artist)
    );
    assert!(!is_special_artist(&mbid(11)));
    assert_eq!(recording.id, id(101));
    assert_eq!(recording.duration_ms, Some(242_640));
    assert_eq!(
        recording.isrcs,
        [
            "ZZAAA9900001".parse().expect("an ISRC"),
            "ZZAAA9900002".parse().expect("an ISRC")
        ]
    );
    assert_eq!(names(&recording.artists), "Test Band feat. The Guest");
    assert_eq!(
        (recording.artists[1].name.as_str(), &recording.artists[1].mbid),
        ("Guest Singer", &id(2))
    );
}

#[test]
fn a_recording_may_have_almost_no_data() {
    let recording = recording_from_json(RECORDING_BARE).expect("a recording");
    assert_eq!(
        credit_lines(&recording.credits),
        [
            "co_producer | 島田テスト | 島田テスト | producer [co]",
            "producer | Printed Name | Printed Name | producer"
        ],
        "relations without a name or a role make no credit"
    );
    assert_eq!((recording.duration_ms, recording.video), (None, false));
    assert!(recording.artists.is_empty() && recording.isrcs.is_empty());
}

#[test]
fn a_release_has_its_tracks_by_disc_and_position() {
    let release = release_from_json(RELEASE_ALBUM).expect("a release");
    let tracks: Vec<String> = release
        .tracks
        .iter()
        .map(|track| {
            let video = if track.recording.video { " (video)" } else { "" };
            let (disc, position, title) = (track.disc_number, track.position, &track.title);
            format!(
                "{disc}.{position} {title} {:?} {}{video}",
                track.duration_ms,
                names(&track.artists)
            )
        })
        .collect();
    assert_eq!(
        tracks,
        [
            "1.0 Hidden Song Some(60000) Test Band",
            "1.1 First Song (album version) Some(243000) Test Band & Guest",
            "1.2 Second Song Some(200000) Test Band",
            "2.1 First Song (video) Some(250000)  (video)",
        ]
    );
    assert_eq!(
        credit_lines(&release.credits),
        [
            "executive_producer | Design Studio | Design Studio | producer [executive]",
            "engineer | Some Engineer | Some Engineer | mastering",
        ]
    );
    assert_eq!(
        credit_lines(&release.tracks[1].recording.credits),
        ["producer | 島田テスト | 島田 テスト | producer"]
    );
    assert_eq!(release.barcode, Some("602475093060".parse().expect("a barcode")));
    assert_eq!(
        (release.release_group_id, release.date),
        (Some(id(301)), Some("1999-03".to_owned()))
    );
    assert_eq!(names(&release.artists), "Test Band");
    assert_eq!(
        (release.album_type, release.first_release_date),
        (Some(AlbumType::Single), ReleaseDate::from_text("1998-11-02"))
    );
    assert_eq!(release.label.as_deref(), Some("Test Label"));
    let spotify: Vec<_> = release
        .spotify_album_ids
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(spotify, ["0000000000000000000201"], "the other link has ended");
}

#[test]
fn a_release_may_have_almost_no_data() {
    let release = release_from_json(RELEASE_BARE).expect("a release");
    assert_eq!(
        (release.barcode, release.release_group_id, release.date),
        (None, None, None)
    );
    assert!(release.artists.is_empty() && release.credits.is_empty());
    assert_eq!(
        (release.album_type, release.first_release_date, release.label),
        (None, None, None)
    );
    let places: Vec<_> = release
        .tracks
        .iter()
        .map(|track| (track.disc_number, track.position, track.title.as_str()))
        .collect();
    assert_eq!(
        places,
        [(1, 1, "Second Song"), (3, 1, ""), (3, 2, "")],
        "a medium or track without a number is numbered by its place"
    );
    assert_eq!(
        release.tracks[0].duration_ms, None,
        "0 means that the duration is unknown"
    );
}

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
fn an_artist_has_only_its_own_current_links() {
    let artist = artist_from_json(ARTIST_LINKS).expect("an artist");
    let links: Vec<_> = artist
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(
        links,
        [
            "instagram second.producer",
            "website https://second-producer.example/",
            "bandcamp second-producer",
            "discogs 1234",
            "genius Second-producer",
            "spotify 0000000000000000000001",
            "wikidata Q1",
            "other http://musicmoz.example/second-producer",
        ]
    );
    assert_eq!(artist.aliases, ["2nd Producer", "Secnod Producer"]);
    assert_eq!(
        (artist.sort_name.as_str(), artist.disambiguation.as_str()),
        ("Producer, Second", "test data")
    );

    let bare = artist_from_json(ARTIST_BARE).expect("an artist");
    assert_eq!(
        (bare.name.as_str(), bare.sort_name.as_str()),
        ("Second Producer", "")
    );
    assert!(bare.aliases.is_empty() && bare.links.is_empty());
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [
        &b"<html>"[..],
        b"",
        b"[]",
        br#"{"error":"Not Found"}"#,
        br#"{"id":"not an MBID","title":"x"}"#,
        &RELEASE_ALBUM[..500],
    ] {
        assert!(
            matches!(release_from_json(body), Err(Error::Decode(_))),
            "{}",
            String::from_utf8_lossy(body)
        );
        assert!(matches!(recording_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(artist_from_json(body), Err(Error::Decode(_))));
    }
}

#[test]
fn special_artists_are_recognized_by_id_not_by_name() {
    for (name, mbid) in [
        ("Various Artists", "89ad4ac3-39f7-470e-963a-56509c546377"),
        ("[unknown]", "125ec42a-7229-4250-afc5-e057484327fe"),
        ("[anonymous]", "f731ccc4-e22a-43af-a747-64213329e088"),
        ("[traditional]", "9be7f096-97ec-4615-8957-8d40b5dcbc41"),
        ("[no artist]", "eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61"),
        ("[data]", "33cf029c-63b0-41a0-9855-be2a3665fb3b"),
    ] {
        assert!(is_special_artist(mbid), "{name}");
    }
    assert!(!is_special_artist("Various Artists"));
}

fn client(server: &Loopback) -> MusicBrainz {
    MusicBrainz::new(http(), format!("{}/ws/2/", server.base_url))
}

/// The path and the decoded query of the only request.
fn requested(server: &Loopback) -> (String, Vec<(String, String)>) {
    let request = server.single_request();
    (request.path, request.query)
}

#[tokio::test]
async fn a_release_is_fetched_with_its_recordings_and_no_works() {
    let server = Loopback::with_response(200, &[], RELEASE_ALBUM).await;
    let release = client(&server)
        .fetch_release(&id(999))
        .await
        .expect("a response")
        .expect("a release");
    assert_eq!(
        release.id,
        id(201),
        "after a merge, the id in the response counts"
    );
    let parts =
        "recordings artist-credits isrcs artist-rels recording-level-rels release-groups labels url-rels";
    assert_eq!(
        requested(&server),
        (
            format!("/ws/2/release/{}", mbid(999)),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );
    let raw = server.single_request().raw_query;
    assert!(raw.contains("inc=recordings+artist-credits+isrcs"), "{raw}");
}

#[tokio::test]
async fn releases_are_listed_page_by_page() {
    let server = Loopback::with_response(200, &[], RELEASE_LIST).await;
    let page = client(&server)
        .fetch_artist_releases(&id(1), false, 100)
        .await
        .expect("a response")
        .expect("a page");
    assert_eq!((page.releases.len(), page.next_offset), (3, Some(200)));
    let parts = [
        ("fmt", "json"),
        ("artist", &mbid(1)),
        ("status", "official"),
        ("inc", "release-groups media"),
        ("limit", "100"),
        ("offset", "100"),
    ];
    assert_eq!(requested(&server), ("/ws/2/release".to_owned(), pairs(&parts)));

    let server = Loopback::with_response(200, &[], RELEASE_LIST).await;
    let page = client(&server).fetch_artist_releases(&id(1), true, 200).await;
    let page = page.expect("a response").expect("a page");
    assert_eq!(page.next_offset, None, "all 203 releases are listed");
    let (_, query) = requested(&server);
    assert_eq!(query[1], ("track_artist".to_owned(), mbid(1)));

    let server = Loopback::with_response(404, &[], b"{}").await;
    let none = client(&server).fetch_release_group_releases(&id(301), 0).await;
    assert_eq!(none.expect("a response"), None);
    let (_, query) = requested(&server);
    assert_eq!(query[1], ("release-group".to_owned(), mbid(301)));
}

#[tokio::test]
async fn a_recording_is_fetched_by_id_and_by_isrc() {
    let server = Loopback::with_response(200, &[], RECORDING_CREDITS).await;
    assert_eq!(
        client(&server)
            .fetch_recording(&id(101))
            .await
            .expect("a response")
            .expect("a recording")
            .credits
            .len(),
        11
    );
    let parts = "artist-credits isrcs artist-rels";
    assert_eq!(
        requested(&server),
        (
            format!("/ws/2/recording/{}", mbid(101)),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );

    let isrc = "ZZAAA9900001".parse().expect("an ISRC");
    let server = Loopback::with_response(200, &[], ISRC_TWO_RECORDINGS).await;
    let recordings = client(&server)
        .fetch_recordings_by_isrc(&isrc)
        .await
        .expect("a response");
    let titles: Vec<_> = recordings
        .iter()
        .map(|recording| recording.title.as_str())
        .collect();
    assert_eq!(titles, ["First Song", "Another Song"]);
    assert!(
        recordings
            .iter()
            .all(|recording| recording.isrcs == [isrc.clone()])
    );
    let parts = "artist-credits artist-rels";
    assert_eq!(
        requested(&server),
        (
            "/ws/2/isrc/ZZAAA9900001".to_owned(),
            pairs(&[("fmt", "json"), ("inc", parts)])
        )
    );
}

#[tokio::test]
async fn an_artist_is_fetched_with_links_and_aliases() {
    let server = Loopback::with_response(200, &[], ARTIST_LINKS).await;
    assert_eq!(
        client(&server)
            .fetch_artist(&id(12))
            .await
            .expect("a response")
            .expect("an artist")
            .links
            .len(),
        8
    );
    assert_eq!(
        requested(&server),
        (
            format!("/ws/2/artist/{}", mbid(12)),
            pairs(&[("fmt", "json"), ("inc", "url-rels aliases")])
        )
    );
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = Loopback::with_response(200, &[], RELEASE_SEARCH).await;
    let upc = "602475093060".parse().expect("a barcode");
    assert_eq!(
        client(&server)
            .search_releases_by_barcode(&upc)
            .await
            .expect("a response")
            .len(),
        2
    );
    let query = "barcode:(602475093060 OR 0602475093060 OR 00602475093060)";
    assert_eq!(
        requested(&server),
        (
            "/ws/2/release".to_owned(),
            pairs(&[("fmt", "json"), ("query", query), ("limit", "25")])
        )
    );

    let server = Loopback::with_response(200, &[], RECORDING_SEARCH).await;
    let found = client(&server)
        .search_recordings("AC\\DC & 水", r#"50% "Off" + More?"#, Some(200_000))
        .await
        .expect("a response");
    assert_eq!(found.len(), 2);
    let query = r#"recording:"50% \"Off\" + More?" AND artist:"AC\\DC & 水" AND dur:[185000 TO 215000]"#;
    assert_eq!(
        requested(&server),
        (
            "/ws/2/recording".to_owned(),
            pairs(&[("fmt", "json"), ("query", query), ("limit", "10")])
        )
    );
}

#[tokio::test]
async fn a_record_that_musicbrainz_does_not_have_is_none() {
    let not_found =
        br#"{"error":"Not Found","help":"For usage, please see: https://musicbrainz.org/development/mmd"}"#;
    let server = Loopback::with_response(404, &[], not_found).await;
    assert_eq!(
        client(&server).fetch_release(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server).fetch_recording(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server).fetch_artist(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server)
            .fetch_recordings_by_isrc(&"ZZAAA9900001".parse().expect("an ISRC"))
            .await
            .expect("a response"),
        []
    );
}

#[tokio::test]
async fn status_429_or_503_is_a_pause() {
    const SLOW_DOWN: &[u8] = br#"{"error":"Your requests are exceeding the allowable rate limit."}"#;
    for (status, headers, body, seconds) in [
        (503, &[][..], SLOW_DOWN, 5),
        (503, &[(header::RETRY_AFTER, "12")], SLOW_DOWN, 12),
        (503, &[(header::RETRY_AFTER, "12")], b"<html>".as_slice(), 12),
        (503, &[(header::RETRY_AFTER, "0")], SLOW_DOWN, 1),
        (503, &[(header::RETRY_AFTER, "soon")], SLOW_DOWN, 5),
        (503, &[], b"", 5),
        (429, &[], SLOW_DOWN, 5),
        (429, &[(header::RETRY_AFTER, "90")], SLOW_DOWN, 90),
        (429, &[], b"<html>", 5),
    ] {
        let server = Loopback::with_response(status, headers, body).await;
        let error = client(&server).fetch_artist(&id(1)).await.expect_err("refused");
        assert_pause(&server, error, seconds, &format!("{status} {headers:?}"));
    }
}

#[tokio::test]
async fn other_failures_have_a_kind() {
    for (status, body, kind) in [
        (
            503,
            &b"<html><h1>503 Service Unavailable</h1></html>"[..],
            "unavailable",
        ),
        (502, b"Bad Gateway", "unavailable"),
        (500, b"{}", "unavailable"),
        (403, b"Your User-Agent is not allowed", "refused"),
        (403, b"<html>Forbidden</html>", "blocked"),
        (400, br#"{"error":"Invalid mbid."}"#, "unreadable response"),
        (200, b"<!DOCTYPE html><html></html>", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &ARTIST_LINKS[..200], "unreadable response"),
    ] {
        let server = Loopback::with_response(status, &[], body).await;
        let error = client(&server).fetch_artist(&id(1)).await.expect_err("refused");
        assert_refusal(&server, &error, kind, "");
    }
}

#[tokio::test]
async fn a_truncated_body_can_be_requested_again() {
    let server = Loopback::with_truncated_body(ARTIST_LINKS).await;
    let error = client(&server).fetch_artist(&id(1)).await.expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_to_the_merged_id_is_followed() {
    let server = Loopback::with_handler(|uri| {
        if uri.path().ends_with(&mbid(12)) {
            return Response::new(Body::from(ARTIST_LINKS));
        }
        let merged = format!("/ws/2/artist/{}?{}", mbid(12), uri.query().unwrap_or_default());
        Response::builder()
            .status(301)
            .header(header::LOCATION, merged)
            .body(Body::empty())
            .expect("a response")
    })
    .await;
    assert_eq!(
        client(&server)
            .fetch_artist(&id(1))
            .await
            .expect("a response")
            .expect("an artist")
            .id,
        id(12)
    );
}
