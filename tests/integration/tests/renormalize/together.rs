//! Regrouping in combination with merges, verdicts and concurrent workers.

use crate::{SONGS_NOW, all_tracks, database_of_older_rules, renormalize};
use chrono::Utc;
use integration::Database;
use integration::records::{album, artist, spotify_id, track};
use integration::refusals::is_caused_by;
use integration::scene::{Scene, ingest_album};
use pretty_assertions::assert_eq;
use shared::curation::regrouping::RegroupingCounts;
use shared::curation::{Decision, decide, merge, unmerge};
use shared::domain::ids::{ProducerId, TrackId};
use shared::domain::messages::{Envelope, Outcome};
use shared::platform::db::retry_conflicts;
use shared::store::credits::credit_overrides::OverrideVerdict;
use shared::store::credits::track_producers;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::error::SqlState;

/// A change of the database by a person or an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Reject,
    Merge,
    Unmerge,
    Renormalize,
}

/// All orders of the steps in which the merge comes before the unmerge.
fn orders() -> Vec<Vec<Step>> {
    let mut orders = vec![Vec::new()];
    for step in [Step::Reject, Step::Merge, Step::Unmerge, Step::Renormalize] {
        let longer = orders.iter().flat_map(|order: &Vec<Step>| {
            (0..=order.len()).map(move |at| {
                let mut order = order.clone();
                order.insert(at, step);
                order
            })
        });
        orders = longer.collect();
    }
    let place = |order: &[Step], step| order.iter().position(|one| *one == step);
    orders.retain(|order| place(order, Step::Merge) < place(order, Step::Unmerge));
    orders
}

async fn run_step(database: &Database, step: Step) {
    const DECISION: Decision<'static> = Decision {
        by: "ann",
        reason: "a test",
    };
    let (pool, one, two) = (&database.pool, ProducerId(1), ProducerId(2));
    match step {
        // A track of a song that regrouping merges with another.
        Step::Reject => drop(
            decide(pool, TrackId(4), two, OverrideVerdict::Rejected, DECISION)
                .await
                .unwrap(),
        ),
        Step::Merge => drop(merge(pool, one, two, DECISION).await.unwrap()),
        Step::Unmerge => drop(unmerge(pool, two, "ann").await.unwrap()),
        Step::Renormalize => drop(renormalize(database).await),
    }
}

#[tokio::test]
async fn verdicts_and_merges_hold_in_any_order_with_regrouping() {
    const TRACK_PRODUCERS: &str =
        "SELECT t.name || ': ' || string_agg(tp.producer_id::text, ',' ORDER BY tp.producer_id)
        FROM tracks t JOIN track_producers tp ON tp.track_id = t.id GROUP BY t.id ORDER BY t.id";
    let orders = orders();
    assert_eq!(orders.len(), 12);
    let mut results = BTreeMap::<bool, BTreeSet<(Vec<String>, Vec<String>)>>::new();
    for order in orders {
        let database = database_of_older_rules(1).await;
        for step in &order {
            run_step(&database, *step).await;
        }
        let place = |step| order.iter().position(|one| *one == step).unwrap();
        // A verdict on a merged producer applies to both.
        let is_of_both = (place(Step::Merge)..place(Step::Unmerge)).contains(&place(Step::Reject));
        let (track_producers, songs) = (
            database.texts(TRACK_PRODUCERS).await,
            database.texts(SONGS_NOW).await,
        );
        for title in ["Song (Live)", "Song"] {
            let line = track_producers
                .iter()
                .find(|line| line.starts_with(&format!("{title}: ")));
            let of_other = (!is_of_both).then(|| format!("{title}: 1"));
            assert_eq!(line, of_other.as_ref(), "{order:?}");
        }
        let client = database.client().await;
        let tracks = all_tracks(&database).await;
        let changed = track_producers::refresh(&client, &tracks).await.unwrap();
        assert_eq!(changed, 0, "{order:?}");
        assert_eq!(renormalize(&database).await, RegroupingCounts::default());
        results
            .entry(is_of_both)
            .or_default()
            .insert((track_producers, songs));
    }
    let kinds: Vec<usize> = results.values().map(BTreeSet::len).collect();
    assert_eq!(kinds, [1, 1], "{results:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn regrouping_while_workers_ingest_the_same_artist_loses_nothing_and_survives_deadlocks() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    let ids: Vec<String> = (0..6).map(|number| format!("l{number}x")).collect();
    for (number, id) in ids.iter().enumerate() {
        let songs = (1..=8).map(|place| {
            let title = format!("Song {}", (number + place as usize) % 10);
            track(&format!("t{number}p{place}x"), place, &title, &[&who])
        });
        let given = album(id, &format!("Album {number}"), &[&who], songs.collect());
        scene.ingest(&given).await;
    }
    let before = scene.database.fingerprint().await;
    for _ in 0..6 {
        let older =
            "UPDATE normalized_tracks SET normalized_name = 'older ' || normalized_name, rules_version = 1";
        scene.database.execute(older).await;
        let ingestions = ids.iter().map(async |id| {
            let message = ingest_album(&spotify_id(id));
            let is_deadlock = |error: &anyhow::Error| is_caused_by(error, &SqlState::T_R_DEADLOCK_DETECTED);
            // A worker receives a failed message again.
            let ingested = retry_conflicts(20, is_deadlock, async || {
                let envelope = Envelope::requested(message.clone(), Some(Utc::now()));
                scene.machine.handle(envelope).await
            });
            assert_eq!(ingested.await.unwrap(), Outcome::Done, "{id}");
        });
        tokio::join!(
            renormalize(&scene.database),
            futures::future::join_all(ingestions)
        );
        renormalize(&scene.database).await;
        assert_eq!(scene.database.fingerprint().await, before);
    }
}
