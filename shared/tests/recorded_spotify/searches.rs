//! Searches for artists, tracks and albums.

use shared::domain::albums::AlbumType;
use shared::domain::dates::DatePrecision;
use shared::upstreams::spotify::{
    albums_from_search_json, artists_from_search_json, tracks_from_search_json,
};

use super::{bytes, date, isrc, names};

#[test]
fn a_search_for_an_artist_finds_namesakes() {
    let artists = artists_from_search_json(&bytes("search_artists.json")).expect("readable");
    let found: Vec<_> = artists.iter().map(|artist| artist.name.as_str()).collect();
    let expected = [
        "Muse And The Forgetting",
        "Muse",
        "M.U.S.E.",
        "MUSE",
        "Dangerous Muse",
        "Celtic Muse",
        "The Muse Maker",
        "Workout Muse",
        "MaddRegaeles Muse",
        "Muse Girls",
    ];
    assert_eq!(found, expected);
    assert_eq!(
        (artists[1].followers, artists[1].popularity),
        (Some(5_072), Some(9))
    );
    assert_eq!(artists[0].image_url, None);
}

#[test]
fn a_search_for_an_isrc_finds_all_tracks_that_have_it() {
    let tracks = tracks_from_search_json(&bytes("search_tracks_by_isrc_suiheisen.json")).expect("readable");
    assert_eq!(tracks.len(), 6);
    for track in &tracks {
        assert_eq!(
            (track.name.as_str(), isrc(track), names(&track.artists)),
            ("水平線", Some("JPPO02100907"), vec!["back number"])
        );
    }
    let albums: Vec<_> = tracks
        .iter()
        .filter_map(|track| track.album.as_ref())
        .map(|album| (album.name.as_str(), album.album_type))
        .collect();
    let expected = [
        ("ユーモア", Some(AlbumType::Album)),
        ("水平線", Some(AlbumType::Single)),
        ("Japan Best Hits 2022", Some(AlbumType::Compilation)),
        ("TOKYO - NIGHT DIVE -", Some(AlbumType::Compilation)),
        ("TOKYO - VIRAL 2021 -", Some(AlbumType::Compilation)),
        ("新学期&新生活応援ソング!", Some(AlbumType::Album)),
    ];
    assert_eq!(albums, expected);
    // The single has another length under the same ISRC.
    assert_eq!(
        (tracks[0].duration_ms, tracks[1].duration_ms),
        (Some(288_013), Some(285_396))
    );
}

#[test]
fn other_searches_for_tracks() {
    let tracks = tracks_from_search_json(&bytes("search_track_compilation.json")).expect("readable");
    let [happy] = tracks.as_slice() else {
        panic!("{tracks:?}")
    };
    assert_eq!(
        (happy.name.as_str(), isrc(happy), happy.track_number),
        ("Happy", Some("USQ4E1300686"), 4)
    );
    let album = happy.album.as_ref().expect("an album");
    assert_eq!(
        (album.name.as_str(), names(&album.artists)),
        ("Despicable Me 2 (Original Motion Picture Soundtrack)", vec![])
    );

    let tracks = tracks_from_search_json(&bytes("search_track_japanese.json")).expect("readable");
    let [track] = tracks.as_slice() else {
        panic!("{tracks:?}")
    };
    assert_eq!(
        (track.name.as_str(), names(&track.artists)),
        ("思想犯", vec!["ヨルシカ"])
    );
    assert_eq!(
        track.album.as_ref().map(|album| album.name.as_str()),
        Some("盗作")
    );

    for name in ["search_track_missing.json", "search_tracks_empty.json"] {
        assert_eq!(
            tracks_from_search_json(&bytes(name)).expect("readable"),
            [],
            "{name}"
        );
    }
}

#[test]
fn a_search_for_a_barcode_needs_its_leading_zeros() {
    let albums = albums_from_search_json(&bytes("search_album_by_upc.json")).expect("readable");
    let [album] = albums.as_slice() else {
        panic!("{albums:?}")
    };
    assert_eq!(
        (album.id.as_str(), album.name.as_str()),
        ("10FLjwfpbxLmW8c25Xyc2N", "Die With A Smile")
    );
    assert_eq!(
        (album.album_type, album.total_tracks),
        (Some(AlbumType::Single), Some(1))
    );
    assert_eq!(album.release_date, date(2024, 8, 16, DatePrecision::Day));
    assert_eq!(names(&album.artists), ["Lady Gaga", "Bruno Mars"]);
    assert_eq!(
        albums_from_search_json(&bytes("search_album_by_upc_empty.json")).expect("readable"),
        []
    );
}
