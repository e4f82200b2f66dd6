//! Ingest, identify and enrich together, with the stand-ins of the demo: the result does not depend on order
//! or repetition.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod order;

use std::collections::BTreeSet;

use chrono::Utc;
use integration::deliveries::shuffle;
use integration::scene::ingest_artist;
use integration::{Database, Machine, database};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use shared::domain::messages::Message;

fn artists(stand_ins: &StandIns) -> Vec<Message> {
    stand_ins
        .artists()
        .iter()
        .map(|artist| ingest_artist(&artist.id))
        .collect()
}

/// Stand-ins with only the first artists of the demo catalog.
async fn some_stand_ins(artists: usize) -> StandIns {
    let mut catalog = Catalog::real().unwrap();
    catalog.artists.truncate(artists);
    let kept = catalog.artists.clone();
    catalog.albums.retain(|album| kept.contains(&album.artists[0]));
    StandIns::start(catalog, StandInOptions::default()).await.unwrap()
}

/// What `linernotes fingerprint` prints for the demo's database. It changes only with the demo's facts, the
/// rules of identification or the fingerprint itself.
const DEMO_FINGERPRINT: &str = "1e4941a3d4b674a3140b9f061be3699ec0d2a579fb21d6ea6ca2ca0838314f87";

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "for comparing two versions, with --nocapture")]
async fn the_catalog_of_the_demo_gives_the_expected_producers() {
    let database = database().await;
    let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap();
    let machine = Machine::new(&database, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&database).await;
    let rows = database
        .client()
        .await
        .query(
            "SELECT DISTINCT t.spotify_id, p.name FROM track_producers tp JOIN tracks t ON t.id = tp.track_id
                JOIN producers p ON p.id = tp.producer_id",
            &[],
        )
        .await
        .unwrap();
    let found: BTreeSet<(String, String)> = rows
        .iter()
        .map(|row| (row.get("spotify_id"), row.get("name")))
        .collect();
    let facts: BTreeSet<(String, String)> = stand_ins
        .catalog()
        .producers()
        .iter()
        .map(|(track, name)| (track.to_string(), name.to_string()))
        .collect();
    assert_eq!(found, facts);
    assert_nothing_failed(&database).await;
    let fingerprint = database.fingerprint().await;
    println!("fingerprint of the demo: {}", fingerprint.hash);
    assert_eq!(fingerprint.hash, DEMO_FINGERPRINT, "{:#?}", fingerprint.parts);
}

async fn assert_nothing_failed(database: &Database) {
    let issues = "SELECT message FROM worker_issues";
    assert_eq!(database.texts(issues).await, [""; 0]);
    let errors = "SELECT COALESCE(sum(error_count), 0)::bigint FROM queue_metrics";
    assert_eq!(database.count(errors).await, 0, "messages failed");
    let waiting = "SELECT kind || ' ' || subject FROM ingestion_tasks WHERE outcome IS DISTINCT FROM 'done'";
    assert_eq!(database.texts(waiting).await, [""; 0]);
}

/// Every row of the catalog and the credits with the transaction that wrote it. Producers are listed without
/// their transaction and time of enrichment, because each lookup updates those.
async fn rows(database: &Database) -> Vec<String> {
    let tables = "SELECT string_agg(CASE table_name
            WHEN 'producers' THEN $$SELECT 'producers ' || (to_jsonb(t) - 'enriched_at' - 'updated_at')::text
            AS row FROM producers t$$
            ELSE format('SELECT %L || t.xmin || $$ $$ || to_jsonb(t)::text FROM %I t', table_name || ' ',
            table_name) END, ' UNION ALL ')
        FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
        AND table_name <> ALL ('{lookups, api_keys, ingestions,
              ingestion_tasks, outgoing_messages, upstream_budgets, worker_issues, queue_metrics,
              queue_metrics_hourly, queue_messages, dead_messages}')";
    let union = database.texts(tables).await.remove(0);
    database
        .texts(&format!("SELECT row FROM ({union}) AS r (row) ORDER BY 1"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_up_unchanged_records_again_writes_no_row() {
    let database = database().await;
    let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap();
    let machine = Machine::new(&database, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&database).await;
    let (rows_before, fingerprint) = (rows(&database).await, database.fingerprint().await);
    let calls = stand_ins.calls();
    assert!(rows_before.len() > 1_000);

    let id = machine
        .request_after(&artists(&stand_ins), Some(Utc::now()))
        .await;
    machine.drain(&database).await;
    assert_eq!(rows(&database).await, rows_before);
    assert_eq!(database.fingerprint().await, fingerprint);
    assert_nothing_failed(&database).await;
    let again = stand_ins.calls();
    assert_eq!(again.spotify_by_kind["album"], 2 * calls.spotify_by_kind["album"]);
    assert_eq!(
        again.musicbrainz_by_kind["release"],
        2 * calls.musicbrainz_by_kind["release"]
    );
    let tasks = format!("SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {id}");
    assert!(database.count(&tasks).await > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_the_demo_may_be_delivered_in_any_order_and_repeatedly() {
    let stand_ins = some_stand_ins(4).await;
    let in_order = database().await;
    let machine = Machine::new(&in_order, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&in_order).await;

    let shuffled = database().await;
    let machine = Machine::new(&shuffled, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    shuffle(&[&machine], &shuffled, 1).await;
    assert_eq!(shuffled.fingerprint().await, in_order.fingerprint().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_on_one_database_give_the_rows_of_one() {
    let stand_ins = some_stand_ins(4).await;
    let (alone, shared) = (database().await, database().await);
    let machine = Machine::new(&alone, &stand_ins);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&alone).await;

    let one = Machine::new(&shared, &stand_ins);
    let other = Machine::new(&shared, &stand_ins);
    one.request(&artists(&stand_ins)).await;
    other.request(&artists(&stand_ins)).await;
    tokio::join!(one.drain(&shared), other.drain(&shared));
    assert_eq!(shared.fingerprint().await, alone.fingerprint().await);
    assert_nothing_failed(&shared).await;
}
