//! Every recorded Spotify response in the folder that `LINERNOTES_RECORDED` names, read by the code that
//! reads the real ones and held against what a person found in it. A file that no test here knows fails, as
//! does a folder that is not there.

mod recorded;

use std::collections::BTreeSet;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono::NaiveDate;
use shared::domain::albums::AlbumType;
use shared::domain::dates::{DatePrecision, ReleaseDate};
use shared::domain::ids::SpotifyArtistId;
use shared::platform::http::Error;
use shared::upstreams::spotify::{
    Album, AlbumTrack, Artist, SimpleArtist, Spotify, Track, album_from_json, album_page_from_json,
    albums_from_search_json, artist_from_json, artists_from_search_json, track_from_json,
    track_page_from_json, tracks_from_search_json,
};

/// Each is read by a test below.
const READ: &[&str] = &[
    "album.json",
    "album_55_tracks_compilation.json",
    "album_55_tracks_page2.json",
    "album_tracks_page.json",
    "artist.json",
    "artist_albums_page.json",
    "artist_zmb3.json",
    "search_album_by_upc.json",
    "search_album_by_upc_empty.json",
    "search_artists.json",
    "search_track_compilation.json",
    "search_track_japanese.json",
    "search_track_missing.json",
    "search_tracks_by_isrc_suiheisen.json",
    "search_tracks_empty.json",
    "token_client_credentials_ok.json",
    "token_invalid_client.json",
    "track.json",
    "track_compilation.json",
    "track_numbers_as_floats.json",
];

/// Answers of calls that are never made, and why.
const NOT_READ: &[(&str, &str)] = &[
    (
        "play_history_item_two_artists.json",
        "what a user listened to: needs the user's own leave, and says nothing of producers",
    ),
    (
        "tracks_batch_with_null.json",
        "/tracks?ids=: development mode has no batch calls",
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    assert!(READ.contains(&name), "{name} belongs in READ");
    recorded::bytes("spotify", name)
}

fn date(year: i32, month: u32, day: u32, precision: DatePrecision) -> Option<ReleaseDate> {
    Some(ReleaseDate {
        date: NaiveDate::from_ymd_opt(year, month, day).expect("a date"),
        precision,
    })
}

fn names(artists: &[SimpleArtist]) -> Vec<&str> {
    artists.iter().map(|artist| artist.name.as_str()).collect()
}

fn isrc(track: &Track) -> Option<&str> {
    track.isrc.as_ref().map(|isrc| isrc.as_str())
}

fn upc(album: &Album) -> Option<&str> {
    album.upc.as_ref().map(|upc| upc.as_str())
}

#[test]
fn every_file_is_read_or_left_for_a_reason() {
    let known = READ.iter().chain(NOT_READ.iter().map(|(name, _)| name));
    recorded::assert_known("spotify", known.copied());
}

#[test]
fn artists() {
    let Artist {
        id,
        name,
        followers,
        popularity,
        image_url,
        genres,
    } = artist_from_json(&bytes("artist.json")).expect("readable");
    assert_eq!(
        (id.as_str(), name.as_str()),
        ("0OdUWJ0sBjDrqHygGUXeCF", "Band of Horses")
    );
    assert_eq!((followers, popularity), (Some(306_565), Some(59)));
    assert_eq!(
        image_url.as_deref(),
        Some("https://i.scdn.co/image/eb266625dab075341e8c4378a177a27370f91903")
    );
    assert_eq!(genres, ["indie folk", "indie pop"]);

    let artist = artist_from_json(&bytes("artist_zmb3.json")).expect("readable");
    assert_eq!(
        (artist.id.as_str(), artist.name.as_str()),
        ("0TnOYISbd1XYRBk9myaseg", "Pitbull")
    );
    assert_eq!(
        (artist.followers, artist.popularity, artist.genres),
        (Some(2_265_279), Some(97), vec![])
    );
}

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
    // Played from other albums, all of them: these are the ids they have on this one.
    let told = |track: &AlbumTrack| (track.id.to_string(), track.name.clone(), track.track_number);
    assert_eq!(
        told(&album.tracks[0]),
        (
            "2PgUEovk43jcRT7xkRjXfa".to_owned(),
            "Losing My Religion".to_owned(),
            1
        )
    );
    assert_eq!(
        told(&album.tracks[49]),
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
        told(&page.tracks[0]),
        (
            "4kZb8F049e7e12yfjiReM2".to_owned(),
            "Honky Tonk Women - Mono Version".to_owned(),
            51
        )
    );
    assert_eq!(
        told(&page.tracks[4]),
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
    let told: Vec<_> = page
        .tracks
        .iter()
        .map(|track| (track.id.as_str(), track.name.as_str(), track.duration_ms))
        .collect();
    assert_eq!(
        told,
        [
            ("2TpxZ7JUBn3uw46aR7qd6V", "All I Want", Some(276_773)),
            ("4PjcfyZZVE10TFd9EKA72r", "Someday", Some(247_680))
        ]
    );
    assert_eq!(names(&page.tracks[1].artists), ["Tania Bowra"]);
    assert_eq!(page.next_offset, Some(2));
}

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
    // The single's is another length under the same ISRC.
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

/// Asks for an artist, with a recorded answer for the token.
async fn artist_by_token(status: StatusCode, token: &'static str) -> Result<Option<Artist>, Error> {
    let app = Router::new()
        .route("/api/token", post(move || async move { (status, bytes(token)) }))
        .route("/v1/artists/{id}", get(|| async { bytes("artist.json") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = shared::platform::config::SpotifySettings {
        api_url: format!("http://{address}/v1"),
        token_url: format!("http://{address}/api/token"),
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned(),
        market: "US".to_owned(),
    };
    let id: SpotifyArtistId = "0OdUWJ0sBjDrqHygGUXeCF".parse().expect("an id");
    Spotify::new(
        shared::platform::http::client("linernotes-tests/1.0").expect("a client"),
        settings,
    )
    .fetch_artist(&id)
    .await
}

#[tokio::test]
async fn tokens() {
    let artist = artist_by_token(StatusCode::OK, "token_client_credentials_ok.json")
        .await
        .expect("an answer");
    assert_eq!(
        artist.map(|artist| artist.name).as_deref(),
        Some("Band of Horses")
    );
    let error = artist_by_token(StatusCode::BAD_REQUEST, "token_invalid_client.json")
        .await
        .expect_err("refused");
    assert!(
        matches!(&error, Error::Refused(said) if said.contains("SPOTIFY_CLIENT_ID")),
        "{error:?}"
    );
}
