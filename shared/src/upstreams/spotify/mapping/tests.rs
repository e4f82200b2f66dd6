//! Tests with bodies in the shapes of Spotify, each with a second body in which every optional value is null.
//! Recorded bodies have a test target of their own.

use pretty_assertions::assert_eq;

use super::*;
use crate::domain::albums::AlbumType;
use crate::domain::dates::{DatePrecision, ReleaseDate};
use crate::upstreams::spotify::{AlbumTrack, SimpleArtist};

fn simple_artist(id: Option<&str>, name: &str) -> SimpleArtist {
    SimpleArtist {
        id: id.map(|id| id.parse().expect("an id")),
        name: name.to_owned(),
    }
}

#[test]
fn an_artist_has_the_largest_picture() {
    let artist = artist_from_json(include_bytes!("../fixtures/artist.json")).expect("readable");
    assert_eq!(
        artist,
        Artist {
            id: "2BTZIqw0ntH9MvilQ3ewNY".parse().expect("an id"),
            name: "Cyndi Lauper".to_owned(),
            followers: Some(3_500_000),
            popularity: Some(72),
            image_url: Some("https://i.scdn.co/image/large".to_owned()),
            genres: vec!["new wave".to_owned(), "synthpop".to_owned()],
        }
    );
}

#[test]
fn an_artist_with_nulls_has_only_id_and_name() {
    let bare = Artist {
        id: "2BTZIqw0ntH9MvilQ3ewNY".parse().expect("an id"),
        name: "Cyndi Lauper".to_owned(),
        followers: None,
        popularity: None,
        image_url: None,
        genres: vec![],
    };
    assert_eq!(
        artist_from_json(include_bytes!("../fixtures/artist_nulls.json")).expect("readable"),
        bare
    );
    assert_eq!(
        artist_from_json(include_bytes!("../fixtures/artist_impossible_numbers.json")).expect("readable"),
        bare
    );
    let least = br#"{"id":"2BTZIqw0ntH9MvilQ3ewNY","name":"Cyndi Lauper\u0000"}"#;
    assert_eq!(artist_from_json(least).expect("readable"), bare);
}

#[test]
fn albums_without_id_or_name_are_left_out_but_counted() {
    let page =
        album_page_from_json(include_bytes!("../fixtures/albums_of_an_artist.json"), 0).expect("readable");
    assert_eq!(
        page,
        AlbumPage {
            albums: vec![SimpleAlbum {
                id: "37bCTD5iLWMpDcBanNkkXB".parse().expect("an id"),
                name: "Heaven (David Guetta & MORTEN Remix)".to_owned(),
                album_type: Some(AlbumType::Single),
                release_date: ReleaseDate::from_text("2019-08-23"),
                total_tracks: Some(2),
                artists: vec![
                    simple_artist(Some("1vCWHaC5f2uS3yhpwWbIA6"), "Avicii"),
                    simple_artist(Some("1Cs0zKBU1kc0i8ypK3B9ai"), "David Guetta"),
                    simple_artist(Some("19HFRWmRCl27kTk6LeqAO8"), "MORTEN"),
                ],
            }],
            next_offset: Some(4),
        }
    );
}

#[test]
fn a_listed_album_with_nulls_has_only_id_and_name() {
    let page = album_page_from_json(include_bytes!("../fixtures/albums_of_an_artist_nulls.json"), 10)
        .expect("readable");
    assert_eq!(
        page.albums,
        [SimpleAlbum {
            id: "37bCTD5iLWMpDcBanNkkXB".parse().expect("an id"),
            name: "Heaven (David Guetta & MORTEN Remix)".to_owned(),
            album_type: None,
            release_date: None,
            total_tracks: None,
            artists: vec![],
        }]
    );
}

#[test]
fn the_next_offset_follows_from_the_item_count_and_the_total() {
    let next = "https://api.spotify.com/v1/artists/x/albums?offset=10";
    for (case, body, offset, expected) in [
        (
            "more pages, whatever `next` says",
            r#"{"items":[null,null],"total":5,"next":null}"#.to_owned(),
            0,
            Some(2),
        ),
        (
            "the last page, whatever `next` says",
            format!(r#"{{"items":[null,null],"total":5,"next":"{next}"}}"#),
            3,
            None,
        ),
        (
            "an empty page, whatever `next` and `total` say",
            format!(r#"{{"items":[],"total":99,"next":"{next}"}}"#),
            10,
            None,
        ),
        ("no total", r#"{"items":[null]}"#.to_owned(), 10, Some(11)),
        (
            "beyond the largest offset",
            r#"{"items":[null]}"#.to_owned(),
            u32::MAX,
            None,
        ),
    ] {
        assert_eq!(
            album_page_from_json(body.as_bytes(), offset)
                .expect(case)
                .next_offset,
            expected,
            "{case}"
        );
        assert_eq!(
            track_page_from_json(body.as_bytes(), offset)
                .expect(case)
                .next_offset,
            expected,
            "{case}"
        );
    }
}

#[test]
fn tracks_without_id_or_name_are_left_out_of_an_album() {
    let album = album_from_json(include_bytes!("../fixtures/album_with_odd_tracks.json")).expect("readable");
    assert_eq!(
        album,
        Album {
            id: "0sNOF9WDwhWunNAHPD3Baj".parse().expect("an id"),
            name: "She's So Unusual".to_owned(),
            album_type: Some(AlbumType::Album),
            release_date: Some(ReleaseDate {
                date: chrono::NaiveDate::from_ymd_opt(1983, 1, 1).expect("a date"),
                precision: DatePrecision::Year,
            }),
            total_tracks: Some(13),
            artists: vec![simple_artist(Some("2BTZIqw0ntH9MvilQ3ewNY"), "Cyndi Lauper")],
            upc: Some("5099749994324".parse().expect("a barcode")),
            label: Some("Portrait".to_owned()),
            genres: vec![],
            cover_url: Some("https://i.scdn.co/image/first".to_owned()),
            tracks: vec![AlbumTrack {
                id: "3f9zqUnrnIq0LANhmnaF0V".parse().expect("an id"),
                name: "Money Changes Everything".to_owned(),
                artists: vec![simple_artist(Some("2BTZIqw0ntH9MvilQ3ewNY"), "Cyndi Lauper")],
                disc_number: 1,
                track_number: 1,
                duration_ms: Some(305_560),
                preview_url: None,
                explicit: Some(false),
            }],
            next_track_offset: Some(4),
        }
    );
}

#[test]
fn an_album_with_nulls_needs_a_request_for_its_tracks() {
    let album = album_from_json(include_bytes!("../fixtures/album_nulls.json")).expect("readable");
    assert_eq!(album.name, "She's So Unusual");
    assert_eq!(
        (album.album_type, album.release_date, album.total_tracks),
        (None, None, None)
    );
    assert_eq!((album.upc, album.label, album.cover_url), (None, None, None));
    assert_eq!(
        (album.genres, album.artists, album.tracks),
        (vec![], vec![], vec![])
    );
    assert_eq!(album.next_track_offset, Some(0));
}

#[test]
fn an_album_without_tracks_has_no_next_page() {
    for tracks in [r#"{"items":[],"total":0}"#, "null"] {
        let body =
            format!(r#"{{"id":"0sNOF9WDwhWunNAHPD3Baj","name":"Empty","total_tracks":0,"tracks":{tracks}}}"#);
        assert_eq!(
            album_from_json(body.as_bytes())
                .expect("readable")
                .next_track_offset,
            None,
            "{tracks}"
        );
    }
}

#[test]
fn the_first_well_formed_barcode_is_taken() {
    for (external_ids, upc) in [
        (r#"{"upc":"00602455070951"}"#, Some("602455070951")),
        (r#"{"upc":"none","ean":"0602455070951"}"#, Some("602455070951")),
        (r#"{"isrc":"JPPO02100907"}"#, None),
    ] {
        let body =
            format!(r#"{{"id":"0sNOF9WDwhWunNAHPD3Baj","name":"Hits","external_ids":{external_ids}}}"#);
        let album = album_from_json(body.as_bytes()).expect("readable");
        assert_eq!(album.upc.as_ref().map(|upc| upc.as_str()), upc, "{external_ids}");
    }
}

#[test]
fn a_relinked_track_keeps_its_own_id() {
    let page = track_page_from_json(
        include_bytes!("../fixtures/album_tracks_played_from_elsewhere.json"),
        50,
    )
    .expect("readable");
    let summaries: Vec<_> = page
        .tracks
        .iter()
        .map(|track| (track.id.as_str(), track.track_number, track.artists.len()))
        .collect();
    assert_eq!(
        summaries,
        [
            ("2PgUEovk43jcRT7xkRjXfa", 51, 1),
            ("09hYTgkxDwLVGihykCnYLK", 52, 1),
            ("1bp2IO61zbQrbWNmKKxg3f", 0, 1),
            ("6oPhiTN2ZIw0YaQzjIcKzB", 54, 1),
        ]
    );
    assert_eq!(
        page.tracks[3].artists,
        [simple_artist(None, "The Rolling Stones")]
    );
    assert_eq!(page.next_offset, None);
}

#[test]
fn a_track_has_its_isrc_and_numbers_written_as_floats() {
    let track = track_from_json(include_bytes!("../fixtures/track.json")).expect("readable");
    assert_eq!(
        (track.id.as_str(), track.name.as_str()),
        ("1zHlj4dQ8ZAtrayhuDDmkY", "Timber")
    );
    assert_eq!(
        track
            .artists
            .iter()
            .map(|artist| artist.name.as_str())
            .collect::<Vec<_>>(),
        ["Pitbull", "Ke$ha"]
    );
    assert_eq!(
        (track.disc_number, track.track_number, track.duration_ms),
        (1, 1, Some(204_053))
    );
    assert_eq!(
        track.isrc.as_ref().map(|isrc| isrc.as_str()),
        Some("USRC11301695")
    );
    assert_eq!((track.popularity, track.explicit), (Some(85), Some(false)));
    assert_eq!(
        track.preview_url.as_deref(),
        Some("https://p.scdn.co/mp3-preview/timber")
    );
    let album = track.album.expect("an album");
    assert_eq!(
        (album.name.as_str(), album.release_date),
        ("Timber", ReleaseDate::from_text("2013-10"))
    );
}

#[test]
fn a_track_with_nulls_has_only_id_and_name() {
    let track = track_from_json(include_bytes!("../fixtures/track_nulls.json")).expect("readable");
    assert_eq!(
        (track.disc_number, track.track_number, track.duration_ms),
        (1, 0, None)
    );
    assert_eq!(
        (track.isrc, track.popularity, track.explicit, track.preview_url),
        (None, None, None, None)
    );
    assert_eq!((track.artists, track.album), (vec![], None));
}

#[test]
fn a_search_result_has_only_tracks_with_an_id() {
    let tracks = tracks_from_search_json(include_bytes!("../fixtures/search_tracks.json")).expect("readable");
    let summaries: Vec<_> = tracks
        .iter()
        .map(|track| (track.id.as_str(), track.isrc.is_some(), track.album.is_some()))
        .collect();
    assert_eq!(
        summaries,
        [
            ("5m1i6hq7dmRlp3c1utE48L", true, false),
            ("3RvdkNMcSy71m0aT6UF9Uf", false, false)
        ]
    );
    assert_eq!(
        tracks_from_search_json(include_bytes!("../fixtures/search_tracks_empty.json")).expect("readable"),
        []
    );
}

#[test]
fn a_body_of_another_shape_is_an_error_not_an_empty_page() {
    let reason = |error: Error| match error {
        Error::Decode(reason) => reason,
        other => panic!("{other:?}"),
    };
    let html = b" <!DOCTYPE html><title>Sorry</title>";
    assert_eq!(
        reason(album_from_json(html).expect_err("HTML")),
        "expected an album, but received an HTML page"
    );
    let whole = include_bytes!("../fixtures/album_with_odd_tracks.json");
    let cut_off = reason(album_from_json(&whole[..whole.len() / 2]).expect_err("cut off"));
    assert!(
        cut_off.starts_with("expected an album: EOF while parsing"),
        "{cut_off}"
    );
    assert_eq!(
        reason(album_page_from_json(b"{}", 0).expect_err("no items")),
        "the page has no list of items"
    );
    assert_eq!(
        reason(track_page_from_json(br#"{"items":null}"#, 0).expect_err("no items")),
        "the page has no list of items"
    );
    assert_eq!(
        reason(artists_from_search_json(b"{}").expect_err("no artists")),
        "the search result has no list of the requested kind"
    );
    assert_eq!(
        reason(track_from_json(br#"{"id":null,"name":"x"}"#).expect_err("no id")),
        "a track has no id or name"
    );
    assert_eq!(
        reason(artist_from_json(br#"{"id":"2BTZIqw0ntH9MvilQ3ewNY","name":""}"#).expect_err("no name")),
        "an artist has no id or name"
    );
}
