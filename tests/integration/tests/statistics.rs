//! The statistics of producers, which are computed again only for producers that changed.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use integration::{Database, database, rows};
use shared::domain::ids::{ArtistId, NormalizedTrackId, ProducerId};
use shared::platform::db::Client;
use shared::store::catalog::normalized_tracks;
use shared::store::producers::statistics;

async fn compute(database: &Database) -> usize {
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    let stale = statistics::compute_stale(&transaction, 100).await.unwrap();
    transaction.commit().await.unwrap();
    stale
}

const COUNTS: &str = "SELECT concat_ws(' ', i.source_id, track_count, artist_count,
    COALESCE(average_popularity::text, '-'), first_year, last_year)
    FROM producer_statistics s JOIN producer_identities i USING (producer_id) ORDER BY 1";

async fn set_artists(client: &Client<'_>, track: shared::domain::ids::TrackId, artists: &[ArtistId]) {
    for (position, artist) in (1_i16..).zip(artists) {
        let sql = "INSERT INTO track_artists (track_id, position, artist_id) VALUES ($1, $2, $3)";
        client
            .execute(sql, &[&track.0, &position, &artist.0])
            .await
            .unwrap();
    }
}

async fn identify(client: &Client<'_>, artist: ArtistId, source: &str, source_id: &str) {
    let sql =
        "INSERT INTO artist_identities (source, source_id, artist_id) VALUES ($1::text::source, $2, $3)";
    client
        .execute(sql, &[&source, &source_id, &artist.0])
        .await
        .unwrap();
}

/// A producer with two versions of a song, a song with a guest on a compilation, a song of their own, and a
/// track that belongs to no song.
async fn producer_with_tracks(database: &Database) -> ProducerId {
    let client = database.client().await;
    let producer = rows::producer(&client, "m1").await.producer_id;
    let (a, b, own_artist) = (
        rows::artist(&client, "A").await,
        rows::artist(&client, "B").await,
        rows::artist(&client, "He").await,
    );
    let various = rows::artist(&client, "Various Artists").await;
    identify(&client, various, "spotify", "0LyfQWJT6nXafLPZqxe9Of").await;
    identify(&client, own_artist, "musicbrainz", "m1").await;
    let (old, reissue) = (
        rows::album(&client, a, "old", 1980).await,
        rows::album(&client, a, "reissue", 2010).await,
    );
    let (compilation, own) = (
        rows::album(&client, various, "hits", 1990).await,
        rows::album(&client, own_artist, "own", 1995).await,
    );
    let song = rows::song(&client, a, "song").await;
    let with_guest = rows::song(&client, a, "with a guest").await;
    let own_song = rows::song(&client, own_artist, "own song").await;
    for (album, number, song, artists, popularity) in [
        (old, 1, Some(song), vec![], Some(40_i16)),
        (reissue, 1, Some(song), vec![], Some(80)),
        (compilation, 1, Some(with_guest), vec![a, b], Some(20)),
        (own, 1, Some(own_song), vec![own_artist], None),
        (compilation, 2, None, vec![], None),
    ] {
        let track = rows::track(&client, album, number, song).await;
        set_artists(&client, track, &artists).await;
        let sql = "UPDATE tracks SET popularity = $2 WHERE id = $1";
        client.execute(sql, &[&track.0, &popularity]).await.unwrap();
        rows::produced(&client, track, producer).await;
    }
    normalized_tracks::refresh(&client, &[song, with_guest, own_song])
        .await
        .unwrap();
    statistics::mark_stale(&client, &[producer]).await.unwrap();
    producer
}

#[tokio::test]
async fn versions_count_once_and_neither_various_artists_nor_the_producer_counts_as_an_artist() {
    let database = database().await;
    let producer = producer_with_tracks(&database).await;
    assert_eq!(compute(&database).await, 1);
    // Four songs: the song, the song with a guest, the producer's own, and the track without a song. Two
    // artists: A and B. The average popularity is that of 80, from the more popular version, and 20.
    // A reissue does not extend the years: 1980 to 1995.
    assert_eq!(database.texts(COUNTS).await, ["m1 4 2 50 1980 1995"]);
    let view = "SELECT concat_ws(' ', producer_id = (SELECT min(id)
        FROM producers), producer_name, track_count, artist_count, average_popularity)
        FROM producer_popularity";
    assert_eq!(database.texts(view).await, ["t Producer m1 4 2 50"]);
    let worked_with = "SELECT concat_ws(' ', a.name, w.track_count, w.role, w.confidence, w.first_year,
        w.last_year, (SELECT popularity FROM tracks t WHERE t.id = w.best_track_id), w.is_collaboration)
        FROM producer_artists w JOIN artists a ON a.id = w.artist_id ORDER BY a.name";
    assert_eq!(
        database.texts(worked_with).await,
        [
            "A 2 producer 0.9 1980 1990 80 t",
            "B 1 producer 0.9 1990 1990 20 t",
            "He 1 producer 0.9 1995 1995 f",
            "Various Artists 1 producer 0.9 1990 1990 f",
        ]
    );
    let collaborations =
        format!("SELECT artist_name || ' ' || track_count FROM get_producer_collaborations({producer})");
    assert_eq!(database.texts(&collaborations).await, ["A 2", "B 1"]);
}

#[tokio::test]
async fn an_artist_with_whom_nothing_is_left_goes_and_a_song_that_came_out_earlier_is_counted_so() {
    let database = database().await;
    let client = database.client().await;
    producer_with_tracks(&database).await;
    compute(&database).await;
    let names = "SELECT a.name || ' ' || w.first_year FROM producer_artists w
        JOIN artists a ON a.id = w.artist_id WHERE w.is_collaboration ORDER BY 1";
    assert_eq!(database.texts(names).await, ["A 1980", "B 1990"]);
    let track = database
        .count("SELECT t.id FROM tracks t JOIN albums al ON al.id = t.album_id WHERE al.name = 'old'")
        .await;
    database
        .execute(
            "DELETE FROM track_producers tp USING tracks t JOIN albums al ON al.id = t.album_id
             WHERE t.id = tp.track_id AND al.name = 'hits'",
        )
        .await;
    database
        .execute("UPDATE albums SET release_date = '1979-01-01' WHERE name = 'old'")
        .await;
    let song = database
        .count("SELECT normalized_track_id FROM tracks WHERE id = 1")
        .await;
    assert_eq!(track, 1);
    let changed = normalized_tracks::refresh(&client, &[NormalizedTrackId(song)])
        .await
        .unwrap();
    assert_eq!(changed, 1);
    assert_eq!(
        compute(&database).await,
        1,
        "the producer of a song that got another date"
    );
    assert_eq!(database.texts(names).await, ["A 1979"]);
}

#[tokio::test]
async fn a_producer_without_tracks_has_counts_of_zero() {
    let database = database().await;
    let producer = rows::producer(&database.client().await, "m1").await.producer_id;
    let view = "SELECT concat_ws(' ', producer_name, track_count, artist_count, average_popularity)
        FROM producer_popularity";
    assert_eq!(database.texts(view).await, ["Producer m1 0 0"]);
    statistics::mark_stale(&database.client().await, &[producer])
        .await
        .unwrap();
    assert_eq!(compute(&database).await, 1);
    assert_eq!(database.texts(COUNTS).await, ["m1 0 0 -"]);
    let unknown = "SELECT count(*) FROM get_producer_collaborations(0)";
    assert_eq!(database.count(unknown).await, 0);
}

#[tokio::test]
async fn only_changed_producers_are_computed_again_and_only_once() {
    let database = database().await;
    let client = database.client().await;
    producer_with_tracks(&database).await;
    let other = rows::producer(&client, "m2").await.producer_id;
    for _ in 0..2 {
        statistics::mark_stale(&client, &[other]).await.unwrap();
    }
    assert_eq!(compute(&database).await, 2);
    assert_eq!(compute(&database).await, 0);
    let computed = "SELECT computed_at::text FROM producer_statistics ORDER BY producer_id";
    let before = database.texts(computed).await;
    let track = shared::domain::ids::TrackId(database.count("SELECT min(id) FROM tracks").await);
    statistics::mark_stale_of_tracks(&client, &[track]).await.unwrap();
    assert_eq!(compute(&database).await, 1, "the producer of that track");
    assert_eq!(
        database.texts(computed).await,
        before,
        "an unchanged row is not written"
    );
    statistics::mark_stale(&client, &[]).await.unwrap();
    assert_eq!(compute(&database).await, 0);
}

#[tokio::test]
async fn a_producer_stays_on_the_list_if_computing_is_rolled_back() {
    let database = database().await;
    producer_with_tracks(&database).await;
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    assert_eq!(statistics::compute_stale(&transaction, 100).await.unwrap(), 1);
    drop(transaction);
    // The connection rolls back before it answers anything else.
    client.query_one("SELECT 1", &[]).await.unwrap();
    assert_eq!(compute(&database).await, 1);
}

#[tokio::test]
async fn a_change_during_computing_is_computed_afterwards() {
    let database = database().await;
    let producer = producer_with_tracks(&database).await;
    let mut client = database.client().await;
    let computing = client.transaction().await.unwrap();
    assert_eq!(statistics::compute_stale(&computing, 100).await.unwrap(), 1);
    let change = async {
        let mut client = database.client().await;
        let transaction = client.transaction().await.unwrap();
        transaction
            .execute(
                "DELETE FROM track_producers WHERE producer_id = $1",
                &[&producer.0],
            )
            .await
            .unwrap();
        statistics::mark_stale(&transaction, &[producer]).await.unwrap();
        transaction.commit().await.unwrap();
    };
    let commit = async {
        database.wait_for_blocked(1).await;
        computing.commit().await.unwrap();
    };
    tokio::join!(change, commit);
    assert_eq!(database.texts(COUNTS).await, ["m1 4 2 50 1980 1995"]);
    assert_eq!(compute(&database).await, 1);
    assert_eq!(database.texts(COUNTS).await, ["m1 0 0 -"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sweeps_share_the_work() {
    let database = database().await;
    let client = database.client().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(
            rows::producer(&client, &format!("m{number:02}"))
                .await
                .producer_id,
        );
    }
    statistics::mark_stale(&client, &ids).await.unwrap();
    let sweeps = (0..4).map(|_| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let mut client = pool.client().await.unwrap();
            let mut computed = 0;
            loop {
                let transaction = client.transaction().await.unwrap();
                let stale = statistics::compute_stale(&transaction, 3).await.unwrap();
                transaction.commit().await.unwrap();
                computed += stale;
                if stale == 0 {
                    return computed;
                }
            }
        })
    });
    let computed = futures::future::try_join_all(sweeps).await.unwrap();
    assert_eq!(computed.iter().sum::<usize>(), 40, "{computed:?}");
    assert_eq!(
        database.count("SELECT count(*) FROM producer_statistics").await,
        40
    );
}

#[tokio::test]
async fn a_sweep_computes_all_stale_statistics() {
    let database = database().await;
    producer_with_tracks(&database).await;
    assert_eq!(sweep::compute_statistics(&database.pool).await.unwrap(), 1);
    assert_eq!(database.texts(COUNTS).await, ["m1 4 2 50 1980 1995"]);
}
