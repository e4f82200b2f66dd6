//! Albums and the pages of their tracks.

use std::collections::BTreeSet;

use shared::domain::albums::AlbumType;
use shared::domain::dates::DatePrecision;
use shared::upstreams::spotify::{AlbumTrack, album_from_json, album_page_from_json, track_page_from_json};

use super::{bytes, date, names, upc};

#[test]
fn an_artists_albums() {
    let page = album_page_from_json(&bytes("artist_albums_page.json"), 0).expect("readable");
    assert_eq!(page.next_offset, Some(2));
    let [heaven, tough_love] = page.albums.as_slice() else {
        panic!("{:?}", page.albums)
    };
    assert_eq!(
        (heaven.id.as_str(), heaven.name.as_str()),
        ("37bCTD5iLWMpDcBanNkkXB", "Heaven (David Guetta & MORTEN Remix)")
    );
    assert_eq!(
        (heaven.album_type, heaven.total_tracks),
        (Some(AlbumType::Single), Some(2))
    );
    assert_eq!(heaven.release_date, date(2019, 8, 23, DatePrecision::Day));
    assert_eq!(names(&heaven.artists), ["Avicii", "David Guetta", "MORTEN"]);
    assert_eq!(
        (tough_love.id.as_str(), tough_love.name.as_str()),
        ("7CvAfGvq4RlIwEbT9o8Iav", "Tough Love (Tiësto Remix)")
    );
    assert_eq!(tough_love.release_date, date(2019, 6, 14, DatePrecision::Day));
    assert_eq!(names(&tough_love.artists), ["Avicii"]);
}

#[test]
fn an_album() {
    let album = album_from_json(&bytes("album.json")).expect("readable");
    assert_eq!(
        (album.id.as_str(), album.name.as_str()),
        ("0sNOF9WDwhWunNAHPD3Baj", "She's So Unusual")
    );
    assert_eq!(
        (album.album_type, album.total_tracks),
        (Some(AlbumType::Album), None)
    );
    assert_eq!(album.release_date, date(1983, 1, 1, DatePrecision::Year));
    assert_eq!(
        (upc(&album), album.label.as_deref()),
        (Some("5099749994324"), None)
    );
    assert_eq!(
        album.cover_url.as_deref(),
        Some("https://i.scdn.co/image/07c323340e03e25a8e5dd5b9a8ec72b69c50089d")
    );
    assert_eq!(names(&album.artists), ["Cyndi Lauper"]);
    // The recording was cut to one track of thirteen.
    assert_eq!((album.tracks.len(), album.next_track_offset), (1, Some(1)));
    let AlbumTrack {
        id,
        name,
        disc_number,
        track_number,
        duration_ms,
        explicit,
        ..
    } = &album.tracks[0];
    assert_eq!(
        (id.as_str(), name.as_str()),
        ("3f9zqUnrnIq0LANhmnaF0V", "Money Changes Everything")
    );
    assert_eq!(
        (*disc_number, *track_number, *duration_ms, *explicit),
        (1, 1, Some(305_560), Some(false))
    );
}

#[test]
fn an_album_of_more_tracks_than_a_page_holds() {
    let album = album_from_json(&bytes("album_55_tracks_compilation.json")).expect("readable");
    assert_eq!(
        (album.id.as_str(), album.name.as_str()),
        ("32nryzA6XBCX9ZUspVc1yz", "Classic Rock Hits")
    );
    assert_eq!(
        (album.album_type, album.total_tracks),
        (Some(AlbumType::Compilation), Some(55))
    );
    assert_eq!(album.release_date, date(2023, 1, 7, DatePrecision::Day));
    assert_eq!(
        (upc(&album), album.label.as_deref()),
        (Some("602455070951"), Some("UME - Global Clearing House"))
    );
    assert_eq!(names(&album.artists), ["Various Artists"]);
    assert_eq!((album.tracks.len(), album.next_track_offset), (50, Some(50)));
    // Spotify plays these tracks from other albums. The ids are those of the tracks on this album.
    let numbered = |track: &AlbumTrack| (track.id.to_string(), track.name.clone(), track.track_number);
    assert_eq!(
        numbered(&album.tracks[0]),
        (
            "2PgUEovk43jcRT7xkRjXfa".to_owned(),
            "Losing My Religion".to_owned(),
            1
        )
    );
    assert_eq!(
        numbered(&album.tracks[49]),
        (
            "04m0hbpfESDXGu3zQazYng".to_owned(),
            "The Boys Of Summer".to_owned(),
            50
        )
    );
    assert_eq!(names(&album.tracks[36].artists), ["Thin Lizzy", "Derek Varnals"]);

    let page = track_page_from_json(&bytes("album_55_tracks_page2.json"), 50).expect("readable");
    assert_eq!((page.tracks.len(), page.next_offset), (5, None));
    assert_eq!(
        numbered(&page.tracks[0]),
        (
            "4kZb8F049e7e12yfjiReM2".to_owned(),
            "Honky Tonk Women - Mono Version".to_owned(),
            51
        )
    );
    assert_eq!(
        numbered(&page.tracks[4]),
        (
            "7qr3YdKMUGaTfCNXnH09Zn".to_owned(),
            "Every Breath You Take".to_owned(),
            55
        )
    );
    let ids: BTreeSet<_> = album
        .tracks
        .iter()
        .chain(&page.tracks)
        .map(|track| &track.id)
        .collect();
    assert_eq!(ids.len(), 55);
}

#[test]
fn a_page_of_an_albums_tracks() {
    let page = track_page_from_json(&bytes("album_tracks_page.json"), 0).expect("readable");
    let tracks: Vec<_> = page
        .tracks
        .iter()
        .map(|track| (track.id.as_str(), track.name.as_str(), track.duration_ms))
        .collect();
    assert_eq!(
        tracks,
        [
            ("2TpxZ7JUBn3uw46aR7qd6V", "All I Want", Some(276_773)),
            ("4PjcfyZZVE10TFd9EKA72r", "Someday", Some(247_680))
        ]
    );
    assert_eq!(names(&page.tracks[1].artists), ["Tania Bowra"]);
    assert_eq!(page.next_offset, Some(2));
}
