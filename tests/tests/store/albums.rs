//! Albums as they arrive.

use integration::{database, seed};
use shared::catalog::AlbumType;
use shared::credits::{MatchMethod, Source};
use shared::dates::{DatePrecision, ReleaseDate};
use shared::ids::{AlbumId, ArtistId, SpotifyAlbumId, Upc};
use shared::store::albums::{self, Arrival, Known};

/// What only the identifiers of an album say.
fn bare<'a>(id: &'a SpotifyAlbumId, artist_id: ArtistId) -> Arrival<'a> {
    Arrival {
        spotify_album_id: id,
        artist_id,
        name: "album",
        album_type: None,
        release_date: None,
        cover_url: None,
        upc: None,
        total_tracks: None,
        label: None,
        genres: &[],
    }
}

fn id(number: u32) -> SpotifyAlbumId {
    seed::spotify_id(number).parse().unwrap()
}

const ROW: &str = "SELECT concat_ws('|', name, spotify_id::numeric, album_type, release_date, release_date_precision, cover_url, upc, total_tracks, label, genres)
    FROM albums";

#[tokio::test]
async fn the_same_album_again_writes_nothing_and_null_overwrites_nothing() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    let (spotify_id, upc): (_, Upc) = (id(1), "602537910786".parse().unwrap());
    let genres = ["rock".to_owned()];
    let full = Arrival {
        album_type: Some(AlbumType::Single),
        release_date: Some(ReleaseDate {
            date: chrono::NaiveDate::from_ymd_opt(1994, 3, 1).unwrap(),
            precision: DatePrecision::Month,
        }),
        cover_url: Some("https://i.example/1"),
        upc: Some(&upc),
        total_tracks: Some(2),
        label: Some("label"),
        genres: &genres,
        ..bare(&spotify_id, artist)
    };
    let (album, written) = albums::upsert(&client, None, &full).await.unwrap();
    assert!(written);
    let row = "album|1|single|1994-03-01|month|https://i.example/1|602537910786|2|label|{rock}";
    for arrival in [&full, &bare(&spotify_id, artist)] {
        assert_eq!(
            albums::upsert(&client, Some(album), arrival).await.unwrap(),
            (album, false)
        );
        assert_eq!(database.texts(ROW).await, [row]);
    }
    let renamed = Arrival {
        name: "album (Deluxe)",
        ..bare(&spotify_id, artist)
    };
    assert!(
        albums::upsert(&client, Some(album), &renamed)
            .await
            .unwrap()
            .1
    );
    assert_eq!(
        database.texts(ROW).await,
        [row.replacen("album", "album (Deluxe)", 1)]
    );
}

#[tokio::test]
async fn of_two_spotify_ids_the_smaller_leads_whichever_came_first() {
    let mut rows = Vec::new();
    for order in [[1, 2], [2, 1]] {
        let database = database().await;
        let client = database.client().await;
        let artist = seed::artist(&client, "A").await;
        let mut album: Option<AlbumId> = None;
        for number in order {
            let spotify_id = id(number);
            let (name, label) = (format!("name {number}"), format!("label {number}"));
            let arrival = Arrival {
                name: &name,
                label: Some(&label),
                cover_url: (number == 2).then_some("cover 2"),
                ..bare(&spotify_id, artist)
            };
            album = Some(albums::upsert(&client, album, &arrival).await.unwrap().0);
        }
        rows.push(database.texts(ROW).await);
    }
    assert_eq!(rows[0], ["name 1|1|other|cover 2|label 1|{}"]);
    assert_eq!(rows[1], rows[0]);
}

#[tokio::test]
async fn an_album_is_known_by_its_spotify_id_and_then_by_barcode_and_track_count() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    let upc: Upc = "602537910786".parse().unwrap();
    let (first, second) = (id(1), id(2));
    let with_upc = |spotify_id, tracks| Arrival {
        upc: Some(&upc),
        total_tracks: Some(tracks),
        ..bare(spotify_id, artist)
    };
    assert_eq!(
        albums::list_known(&client, &with_upc(&first, 10))
            .await
            .unwrap(),
        []
    );
    let (album, _) = albums::upsert(&client, None, &with_upc(&first, 10))
        .await
        .unwrap();
    albums::upsert_link(
        &client,
        album,
        Source::Spotify,
        first.as_str(),
        MatchMethod::Own,
        1.0,
    )
    .await
    .unwrap();
    let known = |is_linked| {
        vec![Known {
            id: album,
            spotify_id: Some(first.to_string()),
            is_linked,
        }]
    };
    for (arrival, expected) in [
        (bare(&first, artist), known(true)),
        (with_upc(&first, 10), known(true)),
        (with_upc(&second, 10), known(false)),
        (with_upc(&second, 11), Vec::new()),
        (bare(&second, artist), Vec::new()),
    ] {
        assert_eq!(
            albums::list_known(&client, &arrival).await.unwrap(),
            expected,
            "{arrival:?}"
        );
    }
    assert_eq!(
        albums::find_by_spotify_id(&client, &first).await.unwrap(),
        Some(album)
    );
    assert_eq!(
        albums::find_by_spotify_id(&client, &second).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn links_are_kept_changed_and_forgotten() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    let album = seed::album(&client, artist, "album", 1990).await;
    let link = async |source_id: &str, score: f32| {
        albums::upsert_link(
            &client,
            album,
            Source::MusicBrainz,
            source_id,
            MatchMethod::Barcode,
            score,
        )
        .await
        .unwrap()
    };
    assert_eq!(
        (
            link("r1", 1.0).await,
            link("r1", 1.0).await,
            link("r1", 0.5).await
        ),
        (1, 0, 1)
    );
    link("r2", 1.0).await;
    let list = async || {
        albums::list_links(&client, album, Source::MusicBrainz)
            .await
            .unwrap()
    };
    assert_eq!(list().await, ["r1", "r2"]);
    let kept = ["r2".to_owned()];
    for deleted in [1, 0] {
        assert_eq!(
            albums::delete_other_links(&client, album, Source::MusicBrainz, &kept)
                .await
                .unwrap(),
            deleted
        );
    }
    assert_eq!(list().await, ["r2"]);
    assert_eq!(
        albums::list_links(&client, album, Source::Discogs)
            .await
            .unwrap(),
        [""; 0]
    );
}

#[tokio::test]
async fn an_album_is_found_with_its_artist() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "V.A.").await;
    let album = seed::album(&client, artist, "album", 1990).await;
    let found = albums::find(&client, album).await.unwrap().unwrap();
    assert_eq!(
        (
            found.artist_id,
            found.artist_name.as_str(),
            found.is_various
        ),
        (artist, "V.A.", false)
    );
    database.execute("INSERT INTO artist_identities (source, source_id, artist_id) SELECT 'spotify', '0LyfQWJT6nXafLPZqxe9Of', id FROM artists").await;
    assert!(
        albums::find(&client, album)
            .await
            .unwrap()
            .unwrap()
            .is_various
    );
    assert_eq!(
        albums::find(&client, AlbumId(album.0 + 1)).await.unwrap(),
        None
    );
}
