//! Pages of albums and tracks, search results, and bodies of another shape.

use pretty_assertions::assert_eq;

use super::super::*;
use super::simple_artist;
use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;

#[test]
fn albums_without_id_or_name_are_left_out_but_counted() {
    let page =
        album_page_from_json(include_bytes!("../../fixtures/albums_of_an_artist.json"), 0).expect("readable");
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
    let page = album_page_from_json(
        include_bytes!("../../fixtures/albums_of_an_artist_nulls.json"),
        10,
    )
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
fn a_relinked_track_keeps_its_own_id() {
    let page = track_page_from_json(
        include_bytes!("../../fixtures/album_tracks_played_from_elsewhere.json"),
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
fn a_search_result_has_only_tracks_with_an_id() {
    let tracks =
        tracks_from_search_json(include_bytes!("../../fixtures/search_tracks.json")).expect("readable");
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
        tracks_from_search_json(include_bytes!("../../fixtures/search_tracks_empty.json")).expect("readable"),
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
    let whole = include_bytes!("../../fixtures/album_with_odd_tracks.json");
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
