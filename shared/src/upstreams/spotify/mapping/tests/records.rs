//! Single artists, albums with their tracks, and tracks.

use pretty_assertions::assert_eq;

use super::super::*;
use super::simple_artist;
use crate::domain::albums::AlbumType;
use crate::domain::dates::{DatePrecision, ReleaseDate};
use crate::upstreams::spotify::AlbumTrack;

#[test]
fn an_artist_has_the_largest_picture() {
    let artist = artist_from_json(include_bytes!("../../fixtures/artist.json")).expect("readable");
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
        artist_from_json(include_bytes!("../../fixtures/artist_nulls.json")).expect("readable"),
        bare
    );
    assert_eq!(
        artist_from_json(include_bytes!("../../fixtures/artist_impossible_numbers.json")).expect("readable"),
        bare
    );
    let least = br#"{"id":"2BTZIqw0ntH9MvilQ3ewNY","name":"Cyndi Lauper\u0000"}"#;
    assert_eq!(artist_from_json(least).expect("readable"), bare);
}

#[test]
fn tracks_without_id_or_name_are_left_out_of_an_album() {
    let album =
        album_from_json(include_bytes!("../../fixtures/album_with_odd_tracks.json")).expect("readable");
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
    let album = album_from_json(include_bytes!("../../fixtures/album_nulls.json")).expect("readable");
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
fn a_track_has_its_isrc_and_numbers_written_as_floats() {
    let track = track_from_json(include_bytes!("../../fixtures/track.json")).expect("readable");
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
    let track = track_from_json(include_bytes!("../../fixtures/track_nulls.json")).expect("readable");
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
