//! Artists as Spotify states them.

use std::collections::BTreeMap;

use integration::{database, rows};
use serde_json::json;
use shared::domain::ids::SpotifyArtistId;
use shared::store::catalog::artists::{self, ArtistDetails};

fn named(artists: &[(u32, &str)]) -> BTreeMap<SpotifyArtistId, String> {
    artists
        .iter()
        .map(|(number, name)| (rows::spotify_id(*number).parse().unwrap(), (*name).to_owned()))
        .collect()
}

const ROWS: &str =
    "SELECT concat_ws(' ', name, followers, popularity, image_url, metadata, xmin) FROM artists
    ORDER BY spotify_id";

#[tokio::test]
async fn spotify_artists_are_stored_once_and_renamed() {
    let database = database().await;
    let client = database.client().await;
    let two = named(&[(1, "Nirvana"), (2, "Nirvana")]);
    let first = artists::upsert_spotify(&client, &two).await.unwrap();
    assert_eq!(first.len(), 2, "namesakes are two artists");
    let before = database.texts(ROWS).await;
    assert_eq!(artists::upsert_spotify(&client, &two).await.unwrap(), first);
    assert_eq!(
        database.texts(ROWS).await,
        before,
        "unchanged artists are not written"
    );
    let renamed = named(&[(2, "Nirvana (UK)"), (3, "Пикник")]);
    let second = artists::upsert_spotify(&client, &renamed).await.unwrap();
    assert_eq!(second.len(), 2);
    assert_eq!(
        database
            .texts("SELECT name FROM artists ORDER BY spotify_id")
            .await,
        ["Nirvana", "Nirvana (UK)", "Пикник"]
    );
    assert_eq!(database.count("SELECT count(*) FROM artist_identities").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn artists_of_concurrent_albums_are_inserted_once() {
    let database = database().await;
    // Each album names some of the same twenty artists, and half of the albums use older names.
    let albums = (0..24_u32).map(|album| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let mine: Vec<(u32, String)> = (0..20)
                .filter(|artist| (artist + album) % 3 != 0)
                .map(|artist| (artist, format!("artist {artist}, name {}", album % 2)))
                .collect();
            let mine: Vec<(u32, &str)> = mine
                .iter()
                .map(|(artist, name)| (*artist, name.as_str()))
                .collect();
            let mut client = pool.client().await.unwrap();
            let transaction = client.transaction().await.unwrap();
            let ids = artists::upsert_spotify(&transaction, &named(&mine))
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(ids.len(), mine.len());
        })
    });
    futures::future::try_join_all(albums).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM artists").await, 20);
    assert_eq!(database.count("SELECT count(*) FROM artist_identities").await, 20);
}

#[tokio::test]
async fn artist_fields_that_spotify_leaves_out_do_not_change() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::artist(&client, "A").await;
    let full = ArtistDetails {
        followers: Some(7),
        popularity: Some(50),
        image_url: Some("https://i.example/1"),
        metadata: json!({ "genres": ["x"] }),
    };
    let empty = ArtistDetails {
        followers: None,
        popularity: None,
        image_url: None,
        metadata: json!({}),
    };
    let less = ArtistDetails {
        followers: Some(0),
        ..empty.clone()
    };
    for (details, written) in [(&full, 1), (&full, 0), (&empty, 0), (&less, 1)] {
        assert_eq!(
            artists::update_details(&client, id, details).await.unwrap(),
            written
        );
    }
    assert_eq!(
        database
            .texts("SELECT concat_ws(' ', followers, popularity, image_url, metadata) FROM artists")
            .await,
        ["0 50 https://i.example/1 {\"genres\": [\"x\"]}"]
    );
}

#[tokio::test]
async fn an_artist_is_marked_as_requested_once() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::artist(&client, "A").await;
    artists::mark_requested(&client, id).await.unwrap();
    let first = database.texts("SELECT requested_at::text FROM artists").await;
    artists::mark_requested(&client, id).await.unwrap();
    assert_eq!(
        database.texts("SELECT requested_at::text FROM artists").await,
        first
    );
}

#[tokio::test]
async fn a_name_stands_for_every_spotify_artist_of_that_name() {
    let database = database().await;
    let client = database.client().await;
    let three = named(&[(1, "Björk"), (2, "BJÖRK"), (3, "Björk Guðmundsdóttir")]);
    artists::upsert_spotify(&client, &three).await.unwrap();
    rows::artist(&client, "björk").await;
    let found = artists::list_named(&client, "bjÖrk").await.unwrap();
    let names: Vec<_> = found.iter().map(|artist| artist.name.as_str()).collect();
    assert_eq!(names, ["Björk", "BJÖRK"]);
    assert_eq!(artists::list_named(&client, "Bjork").await.unwrap(), []);
}
