//! Bodies of the shapes Spotify sends, each beside one in which all that may be null is.
//! Recorded ones are read by a test target of their own.

use pretty_assertions::assert_eq;

use super::*;
use crate::domain::albums::AlbumType;
use crate::domain::dates::{DatePrecision, ReleaseDate};
use crate::upstreams::spotify::{AlbumTrack, SimpleArtist};

fn artist_ref(id: Option<&str>, name: &str) -> SimpleArtist {
    SimpleArtist {
        id: id.map(|id| id.parse().expect("an id")),
        name: name.to_owned(),
    }
}

#[test]
fn an_artist_is_read_with_the_largest_picture() {
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
fn an_artist_of_nulls_is_an_id_and_a_name() {
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
fn a_page_of_albums_leaves_out_what_has_no_id_or_name_but_counts_it() {
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
                    artist_ref(Some("1vCWHaC5f2uS3yhpwWbIA6"), "Avicii"),
                    artist_ref(Some("1Cs0zKBU1kc0i8ypK3B9ai"), "David Guetta"),
                    artist_ref(Some("19HFRWmRCl27kTk6LeqAO8"), "MORTEN"),
                ],
            }],
            next_offset: Some(4),
        }
    );
}

#[test]
fn an_album_of_nulls_on_a_page_is_an_id_and_a_name() {
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
fn the_next_page_is_told_by_what_came_and_by_the_total() {
    let next = "https://api.spotify.com/v1/artists/x/albums?offset=10";
    for (case, body, offset, expected) in [
        (
            "more to come, whatever next says",
            r#"{"items":[null,null],"total":5,"next":null}"#.to_owned(),
            0,
            Some(2),
        ),
        (
            "the last page, whatever next says",
            format!(r#"{{"items":[null,null],"total":5,"next":"{next}"}}"#),
            3,
            None,
        ),
        (
            "an empty page, whatever next and total say",
            format!(r#"{{"items":[],"total":99,"next":"{next}"}}"#),
            10,
            None,
        ),
        ("no total", r#"{"items":[null]}"#.to_owned(), 10, Some(11)),
        (
            "beyond any offset",
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
fn an_album_is_read_without_its_odd_tracks() {
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
            artists: vec![artist_ref(Some("2BTZIqw0ntH9MvilQ3ewNY"), "Cyndi Lauper")],
            upc: Some("5099749994324".parse().expect("a barcode")),
            label: Some("Portrait".to_owned()),
            genres: vec![],
            cover_url: Some("https://i.scdn.co/image/first".to_owned()),
            tracks: vec![AlbumTrack {
                id: "3f9zqUnrnIq0LANhmnaF0V".parse().expect("an id"),
                name: "Money Changes Everything".to_owned(),
                artists: vec![artist_ref(Some("2BTZIqw0ntH9MvilQ3ewNY"), "Cyndi Lauper")],
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
fn an_album_of_nulls_has_its_tracks_still_to_be_asked_for() {
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
fn an_album_without_tracks_asks_for_no_more() {
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
fn the_first_barcode_that_is_one_is_taken() {
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
fn a_track_played_from_another_album_keeps_the_id_it_has_on_this_one() {
    let page = track_page_from_json(
        include_bytes!("../fixtures/album_tracks_played_from_elsewhere.json"),
        50,
    )
    .expect("readable");
    let told: Vec<_> = page
        .tracks
        .iter()
        .map(|track| (track.id.as_str(), track.track_number, track.artists.len()))
        .collect();
    assert_eq!(
        told,
        [
            ("2PgUEovk43jcRT7xkRjXfa", 51, 1),
            ("09hYTgkxDwLVGihykCnYLK", 52, 1),
            ("1bp2IO61zbQrbWNmKKxg3f", 0, 1),
            ("6oPhiTN2ZIw0YaQzjIcKzB", 54, 1),
        ]
    );
    assert_eq!(page.tracks[3].artists, [artist_ref(None, "The Rolling Stones")]);
    assert_eq!(page.next_offset, None);
}

#[test]
fn a_track_is_read_with_its_isrc_from_floats() {
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
fn a_track_of_nulls_is_an_id_and_a_name() {
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
fn a_search_gives_what_has_an_id_and_an_empty_one_nothing() {
    let tracks = tracks_from_search_json(include_bytes!("../fixtures/search_tracks.json")).expect("readable");
    let told: Vec<_> = tracks
        .iter()
        .map(|track| (track.id.as_str(), track.isrc.is_some(), track.album.is_some()))
        .collect();
    assert_eq!(
        told,
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
fn what_is_no_answer_of_its_kind_is_an_error_and_never_an_empty_page() {
    let said = |error: Error| match error {
        Error::Decode(said) => said,
        other => panic!("{other:?}"),
    };
    let html = b" <!DOCTYPE html><title>Sorry</title>";
    assert_eq!(
        said(album_from_json(html).expect_err("HTML")),
        "an album was asked for, a page for people came"
    );
    let whole = include_bytes!("../fixtures/album_with_odd_tracks.json");
    let cut_off = said(album_from_json(&whole[..whole.len() / 2]).expect_err("cut off"));
    assert!(cut_off.starts_with("an album: EOF while parsing"), "{cut_off}");
    assert_eq!(
        said(album_page_from_json(b"{}", 0).expect_err("no items")),
        "a page without items"
    );
    assert_eq!(
        said(track_page_from_json(br#"{"items":null}"#, 0).expect_err("no items")),
        "a page without items"
    );
    assert_eq!(
        said(artists_from_search_json(b"{}").expect_err("no artists")),
        "a search without what was searched for"
    );
    assert_eq!(
        said(track_from_json(br#"{"id":null,"name":"x"}"#).expect_err("no id")),
        "a track without id or name"
    );
    assert_eq!(
        said(artist_from_json(br#"{"id":"2BTZIqw0ntH9MvilQ3ewNY","name":""}"#).expect_err("no name")),
        "an artist without id or name"
    );
}
