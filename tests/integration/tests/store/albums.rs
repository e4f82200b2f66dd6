//! Albums.

use integration::{database, rows};
use shared::domain::albums::AlbumType;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::dates::{DatePrecision, ReleaseDate};
use shared::domain::ids::{AlbumId, ArtistId, SpotifyAlbumId, Upc};
use shared::store::catalog::album_links;
use shared::store::catalog::albums::{self, AlbumMatchReason, KnownAlbum, SourceAlbum};

/// An album with only its id, artist and name.
fn bare<'a>(id: &'a SpotifyAlbumId, artist_id: ArtistId) -> SourceAlbum<'a> {
    SourceAlbum {
        source: Source::Spotify,
        source_id: id.as_str(),
        stated_spotify_ids: &[],
        artist_id,
        stated_artist_name: None,
        name: "album",
        album_type: None,
        release_date: None,
        cover_url: None,
        upc: None,
        total_tracks: None,
        label: None,
        genres: &[],
        isrcs: &[],
    }
}

fn id(number: u32) -> SpotifyAlbumId {
    rows::spotify_id(number).parse().unwrap()
}

const ROW: &str = "SELECT concat_ws('|', name, spotify_id::numeric, album_type, release_date,
    release_date_precision, cover_url, upc, total_tracks, label, genres)
    FROM albums";

#[tokio::test]
async fn the_same_album_again_writes_nothing_and_null_overwrites_nothing() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let (spotify_id, upc): (_, Upc) = (id(1), "602537910786".parse().unwrap());
    let genres = ["rock".to_owned()];
    let full = SourceAlbum {
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
    let known = KnownAlbum {
        id: album,
        spotify_id: Some(spotify_id.to_string()),
        match_reason: AlbumMatchReason::Own,
        arrival_leads: true,
    };
    let row = "album|1|single|1994-03-01|month|https://i.example/1|602537910786|2|label|{rock}";
    for arrival in [&full, &bare(&spotify_id, artist)] {
        assert_eq!(
            albums::upsert(&client, Some(&known), arrival).await.unwrap(),
            (album, false)
        );
        assert_eq!(database.texts(ROW).await, [row]);
    }
    let renamed = SourceAlbum {
        name: "album (Deluxe)",
        ..bare(&spotify_id, artist)
    };
    assert!(albums::upsert(&client, Some(&known), &renamed).await.unwrap().1);
    assert_eq!(
        database.texts(ROW).await,
        [row.replacen("album", "album (Deluxe)", 1)]
    );
}

#[tokio::test]
async fn the_smaller_of_two_spotify_ids_leads_in_either_order() {
    let upc: Upc = "602537910786".parse().unwrap();
    let mut rows = Vec::new();
    for order in [[1, 2], [2, 1]] {
        let database = database().await;
        let client = database.client().await;
        let artist = rows::artist(&client, "A").await;
        for number in order {
            let spotify_id = id(number);
            let (name, label) = (format!("name {number}"), format!("label {number}"));
            let arrival = SourceAlbum {
                name: &name,
                label: Some(&label),
                cover_url: (number == 2).then_some("cover 2"),
                upc: Some(&upc),
                total_tracks: Some(1),
                ..bare(&spotify_id, artist)
            };
            let known = albums::list_known(&client, &arrival).await.unwrap();
            albums::upsert(&client, known.first(), &arrival).await.unwrap();
        }
        rows.push(database.texts(ROW).await);
    }
    assert_eq!(rows[0], ["name 1|1|other|cover 2|602537910786|1|label 1|{}"]);
    assert_eq!(rows[1], rows[0]);
}

#[tokio::test]
async fn an_album_is_recognised_by_spotify_id_then_by_barcode_and_track_count() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let upc: Upc = "602537910786".parse().unwrap();
    let (first, second) = (id(1), id(2));
    let with_upc = |spotify_id, tracks| SourceAlbum {
        upc: Some(&upc),
        total_tracks: Some(tracks),
        ..bare(spotify_id, artist)
    };
    assert_eq!(
        albums::list_known(&client, &with_upc(&first, 10)).await.unwrap(),
        []
    );
    let (album, _) = albums::upsert(&client, None, &with_upc(&first, 10))
        .await
        .unwrap();
    album_links::upsert(
        &client,
        album,
        Source::Spotify,
        first.as_str(),
        MatchMethod::Own,
        1.0,
    )
    .await
    .unwrap();
    let known = |match_reason, arrival_leads| {
        vec![KnownAlbum {
            id: album,
            spotify_id: Some(first.to_string()),
            match_reason,
            arrival_leads,
        }]
    };
    let release = "00000000-0000-4000-8000-000000000001";
    let from_musicbrainz = |stated| SourceAlbum {
        source: Source::MusicBrainz,
        source_id: release,
        stated_spotify_ids: stated,
        ..with_upc(&second, 10)
    };
    let stated = [first.clone()];
    for (arrival, expected) in [
        (bare(&first, artist), known(AlbumMatchReason::Own, true)),
        (with_upc(&first, 10), known(AlbumMatchReason::Own, true)),
        (with_upc(&second, 10), known(AlbumMatchReason::Barcode, false)),
        (from_musicbrainz(&[]), known(AlbumMatchReason::Barcode, false)),
        (from_musicbrainz(&stated), known(AlbumMatchReason::Stated, false)),
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
        album_links::find_album(&client, Source::Spotify, first.as_str())
            .await
            .unwrap(),
        Some(album)
    );
    assert_eq!(
        album_links::find_album(&client, Source::Spotify, second.as_str())
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn spotify_leads_otherwise_the_smallest_mbid() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let (spotify_id, upc): (_, Upc) = (id(1), "602537910786".parse().unwrap());
    let arrival = |source, source_id| SourceAlbum {
        source,
        source_id,
        upc: Some(&upc),
        total_tracks: Some(1),
        ..bare(&spotify_id, artist)
    };
    let [one, two, three] = [1, 2, 3].map(|n| format!("00000000-0000-4000-8000-{n:012}"));
    let from_two = arrival(Source::MusicBrainz, two.as_str());
    let (album, _) = albums::upsert(&client, None, &from_two).await.unwrap();
    for (source_id, matched_by) in [
        (&two, MatchMethod::Own),
        (&two, MatchMethod::Barcode),
        (&one, MatchMethod::Barcode),
    ] {
        album_links::upsert(&client, album, Source::MusicBrainz, source_id, matched_by, 0.9)
            .await
            .unwrap();
    }
    let own = album_links::find_own(&client, album, Source::MusicBrainz).await;
    assert_eq!(
        own.unwrap(),
        Some(two.clone()),
        "the album's own release is preserved"
    );
    let of_spotify = arrival(Source::Spotify, spotify_id.as_str());
    for (arrival, leads) in [
        (arrival(Source::MusicBrainz, one.as_str()), true),
        (from_two, true),
        (arrival(Source::MusicBrainz, three.as_str()), false),
        (of_spotify.clone(), true),
    ] {
        let known = albums::list_known(&client, &arrival).await.unwrap();
        assert_eq!(known[0].arrival_leads, leads, "{arrival:?}");
    }
    let known = albums::list_known(&client, &of_spotify).await.unwrap();
    albums::upsert(&client, known.first(), &of_spotify).await.unwrap();
    let known = albums::list_known(&client, &arrival(Source::MusicBrainz, one.as_str())).await;
    assert!(!known.unwrap()[0].arrival_leads);
}

#[tokio::test]
async fn an_album_is_found_with_its_artist() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "V.A.").await;
    let album = rows::album(&client, artist, "album", 1990).await;
    let found = albums::find(&client, album).await.unwrap().unwrap();
    assert_eq!(
        (found.artist_id, found.artist_name.as_str(), found.is_various),
        (artist, "V.A.", false)
    );
    database
        .execute(
            "INSERT INTO artist_identities (source, source_id, artist_id)
        SELECT 'spotify', '0LyfQWJT6nXafLPZqxe9Of', id FROM artists",
        )
        .await;
    assert!(albums::find(&client, album).await.unwrap().unwrap().is_various);
    assert_eq!(albums::find(&client, AlbumId(album.0 + 1)).await.unwrap(), None);
}
