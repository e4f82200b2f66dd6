//! Tracks.

use shared::domain::albums::AlbumType;
use shared::domain::dates::DatePrecision;
use shared::upstreams::spotify::track_from_json;

use super::{bytes, date, isrc, names};

#[test]
fn tracks() {
    let track = track_from_json(&bytes("track.json")).expect("readable");
    assert_eq!(
        (track.id.as_str(), track.name.as_str(), isrc(&track)),
        ("3n3Ppam7vgaVa1iaRUc9Lp", "Mr. Brightside", Some("GBFFP0300052"))
    );
    assert_eq!(
        (track.track_number, track.duration_ms, track.popularity),
        (2, Some(222_200), Some(73))
    );
    let album = track.album.expect("an album");
    assert_eq!(
        (album.id.as_str(), album.name.as_str()),
        ("4OHNH3sDzIxnmUADXzv2kT", "Hot Fuss (Deluxe Version)")
    );
    assert_eq!((album.release_date, album.total_tracks), (None, None));

    let track = track_from_json(&bytes("track_compilation.json")).expect("readable");
    assert_eq!(
        (track.name.as_str(), isrc(&track)),
        ("Happy", Some("USQ4E1300686"))
    );
    assert_eq!(
        (names(&track.artists), track.preview_url.as_deref()),
        (vec!["Pharrell Williams"], None)
    );
    let album = track.album.expect("an album");
    assert_eq!(
        (album.album_type, album.total_tracks),
        (Some(AlbumType::Compilation), Some(24))
    );
    assert_eq!(album.release_date, date(2013, 6, 18, DatePrecision::Day));
    assert_eq!(names(&album.artists), ["Various Artists"]);

    let track = track_from_json(&bytes("track_numbers_as_floats.json")).expect("readable");
    assert_eq!(
        (track.name.as_str(), isrc(&track)),
        ("Timber", Some("USRC11301695"))
    );
    assert_eq!(
        (
            track.disc_number,
            track.track_number,
            track.duration_ms,
            track.popularity
        ),
        (1, 1, Some(204_053), Some(85))
    );
    assert_eq!(names(&track.artists), ["Pitbull", "Ke$ha"]);
}
