//! Concurrent merges, unmerges and identification: in any order, the track producers follow from the credits
//! and identities.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use integration::waiting::wait_until;
use integration::{database, rows};
use shared::curation::{self, CurationError, decide, merge, unmerge};
use shared::domain::credits::{Role, Source};
use shared::domain::ids::ProducerId;
use shared::store::catalog::albums;
use shared::store::credits::credit_overrides::OverrideVerdict;
use shared::store::credits::{self, track_producers};

use super::{DECISION, TRACK_PRODUCERS, an_album, credit, everything, producer};

#[tokio::test(flavor = "multi_thread")]
async fn two_merges_at_once_leave_one_producer() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    for number in 1..=4 {
        let name = format!("P{number}");
        let identity = producer(&client, Source::Discogs, &number.to_string(), &name).await;
        credit(&database, Source::Discogs, &album, None, identity, &name).await;
    }
    let before = everything(&database).await;
    let pairs = [(1, 2), (2, 3), (3, 4), (1, 4), (4, 2), (1, 2)];
    let merges = pairs.map(|(one, other)| {
        let pool = database.pool.clone();
        tokio::spawn(async move { merge(&pool, ProducerId(one), ProducerId(other), DECISION).await })
    });
    for merge in merges {
        match merge.await.unwrap() {
            Ok(_) | Err(CurationError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(database.count("SELECT count(*) FROM producers").await, 1);
    assert_eq!(database.count("SELECT count(*) FROM track_producers").await, 2);
    // The last merge is undone first.
    for _ in 0..3 {
        let outermost = "SELECT gone_id FROM producer_merges m WHERE unmerged_at IS NULL
            AND kept_id IN (SELECT id FROM producers) LIMIT 1";
        let id = ProducerId(database.count(outermost).await);
        unmerge(&database.pool, id, "bob").await.unwrap();
    }
    assert_eq!(everything(&database).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_that_is_written_while_a_merge_is_undone_goes_to_the_right_producer() {
    let database = database().await;
    let client = database.client().await;
    producer(&client, Source::MusicBrainz, "m1", "One").await;
    let two = producer(&client, Source::Discogs, "2", "Two").await;
    let three = producer(&client, Source::Discogs, "3", "Three").await;
    merge(&database.pool, ProducerId(1), ProducerId(2), DECISION)
        .await
        .unwrap();
    let album = an_album(&client, "album").await;
    let (id, track) = (album.id, album.tracks[0]);
    let write = |identity| {
        let pool = database.pool.clone();
        let claim = rows::claim(Some(track), "r", identity, Role::Producer);
        tokio::spawn(async move {
            let mut client = pool.client().await.unwrap();
            let transaction = client.transaction().await.unwrap();
            albums::lock(&transaction, id).await.unwrap();
            let records = ["r".to_owned()];
            credits::replace(&transaction, id, Source::Discogs, &records, &[claim])
                .await
                .unwrap();
            track_producers::refresh(&transaction, &[track]).await.unwrap();
            transaction.commit().await.unwrap();
        })
    };
    write(three).await.unwrap();
    // This write has read the producer of identity two and waits for the row of identity three.
    let mut holding = database.client().await;
    let held = holding.transaction().await.unwrap();
    held.query("SELECT id FROM track_producers FOR UPDATE", &[])
        .await
        .unwrap();
    let writing = write(two);
    database.wait_for_blocked(1).await;
    let pool = database.pool.clone();
    let undoing = tokio::spawn(async move { unmerge(&pool, ProducerId(2), "bob").await });
    let is_under_way = async || undoing.is_finished() || database.count_blocked().await >= 2;
    wait_until("the merge is undone or waits for a lock", is_under_way).await;
    held.commit().await.unwrap();
    writing.await.unwrap();
    undoing.await.unwrap().unwrap();
    assert_eq!(database.texts(TRACK_PRODUCERS).await, ["1 2 discogs 0.90"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn identifying_during_merges_leaves_no_track_with_the_wrong_producer() {
    let database = Arc::new(database().await);
    let client = database.client().await;
    let one = producer(&client, Source::Discogs, "1", "One").await;
    let two = producer(&client, Source::MusicBrainz, "m2", "Two").await;
    let mut albums = Vec::new();
    for number in 0..24 {
        albums.push(Arc::new(an_album(&client, &format!("album {number}")).await));
    }
    let retries = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = albums
        .iter()
        .cloned()
        .map(|album| {
            let (database, retries) = (Arc::clone(&database), Arc::clone(&retries));
            tokio::spawn(async move {
                for (source, identity) in [(Source::Discogs, one), (Source::MusicBrainz, two)] {
                    // A worker receives a failed message again.
                    while let Err(error) = tokio::spawn({
                        let (database, album) = (Arc::clone(&database), Arc::clone(&album));
                        async move { credit(&database, source, &album, None, identity, "x").await }
                    })
                    .await
                    {
                        assert!(error.is_panic());
                        retries.fetch_add(1, Ordering::Relaxed);
                    }
                }
                let verdict = OverrideVerdict::Rejected;
                let track = album.tracks[0];
                decide(&database.pool, track, ProducerId(1), verdict, DECISION).await
            })
        })
        .collect();
    for _ in 0..6 {
        merge(&database.pool, ProducerId(1), ProducerId(2), DECISION)
            .await
            .unwrap();
        unmerge(&database.pool, ProducerId(2), "bob").await.unwrap();
    }
    for writer in writers {
        match writer.await.unwrap() {
            Ok(_) | Err(curation::CurationError::Busy) => {}
            Err(error) => panic!("{error}"),
        }
    }
    merge(&database.pool, ProducerId(1), ProducerId(2), DECISION)
        .await
        .unwrap();
    for album in &albums {
        let changed = track_producers::refresh(&client, &album.tracks).await.unwrap();
        assert_eq!(changed, 0, "the stored track producers match the credits");
    }
    unmerge(&database.pool, ProducerId(2), "bob").await.unwrap();
    for album in &albums {
        let changed = track_producers::refresh(&client, &album.tracks).await.unwrap();
        assert_eq!(changed, 0, "the stored track producers match the credits");
    }
}
