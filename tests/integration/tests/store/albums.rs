//! Albums, and the known albums that arriving ones may be.

use integration::{database, rows};
use shared::domain::albums::{AlbumFacts, AlbumType};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::dates::{DatePrecision, ReleaseDate};
use shared::domain::ids::{AlbumId, ArtistId, SpotifyAlbumId, Upc};
use shared::platform::db::Client;
use shared::store::catalog::album_links;
use shared::store::catalog::albums::{self, AlbumChange, AlbumHeading};
use shared::store::catalog::known_albums::{self, AlbumKeys, AlbumMatchReason, KnownAlbum};

fn heading(artist_id: ArtistId, name: &str) -> AlbumHeading<'_> {
    AlbumHeading {
        artist_id,
        stated_artist_name: None,
        name,
        spotify_id: None,
    }
}

fn id(number: u32) -> SpotifyAlbumId {
    rows::spotify_id(number).parse().unwrap()
}

const ROW: &str = "SELECT concat_ws('|', name, spotify_id::numeric, album_type, release_date,
    release_date_precision, cover_url, upc, total_tracks, label, genres)
    FROM albums";

#[tokio::test]
async fn the_same_values_again_write_nothing_and_no_heading_keeps_the_stored_one() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let spotify_id = id(1);
    let full = AlbumFacts {
        album_type: Some(AlbumType::Single),
        release_date: Some(ReleaseDate {
            date: chrono::NaiveDate::from_ymd_opt(1994, 3, 1).unwrap(),
            precision: DatePrecision::Month,
        }),
        cover_url: Some("https://i.example/1".to_owned()),
        upc: Some("602537910786".parse().unwrap()),
        total_tracks: Some(2),
        label: Some("label".to_owned()),
        genres: vec!["rock".to_owned(), "a, \"b\"".to_owned()],
    };
    let headed = AlbumHeading {
        spotify_id: Some(spotify_id.as_str()),
        ..heading(artist, "album")
    };
    let album = albums::insert(&client, &headed, &full).await.unwrap();
    let row =
        "album|1|single|1994-03-01|month|https://i.example/1|602537910786|2|label|{rock,\"a, \\\"b\\\"\"}";
    let change = |heading, facts| AlbumChange {
        id: album,
        heading,
        facts,
    };
    for heading in [Some(headed), None] {
        let written = albums::update(&client, &[change(heading, &full)]).await.unwrap();
        assert_eq!(written, 0);
        assert_eq!(database.texts(ROW).await, [row]);
    }
    let renamed = AlbumHeading {
        name: "album (Deluxe)",
        ..headed
    };
    assert_eq!(
        albums::update(&client, &[change(Some(renamed), &full)])
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        database.texts(ROW).await,
        [row.replacen("album", "album (Deluxe)", 1)]
    );
    let stored = albums::list_facts(&client, &[album]).await.unwrap();
    assert_eq!((&stored[0].facts, stored[0].is_shared), (&full, false));
    let nothing = AlbumFacts::default();
    assert_eq!(
        albums::update(&client, &[change(None, &nothing)]).await.unwrap(),
        1
    );
    assert_eq!(database.texts(ROW).await, ["album (Deluxe)|1|other|{}"]);
    assert_eq!(
        albums::list_facts(&client, &[album]).await.unwrap()[0].facts,
        nothing
    );
}

/// What is known that the albums of a source with these keys may be: the album, the reason, its smallest
/// Spotify id and its smallest record of the source.
async fn known(client: &Client<'_>, source: Source, keys: &[AlbumKeys<'_>]) -> Vec<Vec<KnownAlbum>> {
    let known = known_albums::list(client, source, keys).await.unwrap();
    known.into_iter().map(|known| known.albums).collect()
}

#[tokio::test]
async fn an_album_may_be_one_that_was_imported_or_stated_or_has_its_barcode_and_track_count() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let upc: Upc = "602537910786".parse().unwrap();
    let (first, second) = (id(1), id(2));
    let keys = |source_id| AlbumKeys {
        source_id,
        ..AlbumKeys::default()
    };
    let with_upc = |source_id, tracks| AlbumKeys {
        upc: Some(&upc),
        total_tracks: Some(tracks),
        ..keys(source_id)
    };
    assert_eq!(
        known(&client, Source::Spotify, &[with_upc(first.as_str(), 10)]).await,
        [[]]
    );
    let facts = AlbumFacts {
        upc: Some(upc.clone()),
        total_tracks: Some(10),
        ..AlbumFacts::default()
    };
    let headed = AlbumHeading {
        spotify_id: Some(first.as_str()),
        ..heading(artist, "album")
    };
    let album = albums::insert(&client, &headed, &facts).await.unwrap();
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
    let release = "00000000-0000-4000-8000-000000000001";
    let stated = [first.clone()];
    for (source, arriving, expected) in [
        (Source::Spotify, keys(first.as_str()), Some(AlbumMatchReason::Own)),
        (
            Source::Spotify,
            with_upc(first.as_str(), 10),
            Some(AlbumMatchReason::Own),
        ),
        (
            Source::Spotify,
            with_upc(second.as_str(), 10),
            Some(AlbumMatchReason::Barcode),
        ),
        (
            Source::MusicBrainz,
            with_upc(release, 10),
            Some(AlbumMatchReason::Barcode),
        ),
        (
            Source::MusicBrainz,
            AlbumKeys {
                spotify_ids: &stated,
                ..with_upc(release, 10)
            },
            Some(AlbumMatchReason::Stated),
        ),
        (Source::Spotify, with_upc(second.as_str(), 11), None),
        (Source::Spotify, keys(second.as_str()), None),
    ] {
        let both = [keys("nobody"), arriving.clone()];
        let found = known(&client, source, &both).await;
        assert_eq!(found[0], [], "each finds its own");
        let reasons: Vec<AlbumMatchReason> = found[1].iter().map(|album| album.reason).collect();
        assert_eq!(reasons, Vec::from_iter(expected), "{source} {arriving:?}");
        for found in &found[1] {
            assert_eq!((found.id, &found.facts), (album, &facts));
            assert_eq!(found.spotify_id.as_deref(), Some(first.as_str()));
        }
    }
    for (spotify_id, expected) in [(&first, Some(album)), (&second, None)] {
        let found = album_links::find_album(&client, Source::Spotify, spotify_id.as_str()).await;
        assert_eq!(found.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_smallest_record_of_the_source_that_an_album_was_imported_from_is_known() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let [one, two] = [1, 2].map(|n| format!("00000000-0000-4000-8000-{n:012}"));
    let album = albums::insert(&client, &heading(artist, "album"), &AlbumFacts::default())
        .await
        .unwrap();
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
    let keys = AlbumKeys {
        source_id: &two,
        ..AlbumKeys::default()
    };
    let found = known(&client, Source::MusicBrainz, &[keys]).await;
    let [found] = &found[0][..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (found.first_record.as_ref(), found.has_other_records),
        (Some(&two), true)
    );
    assert_eq!((found.is_loaded, found.former_tracklist_hash), (false, None));
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
