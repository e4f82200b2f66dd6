//! Ingest, identify and enrich together, with the stand-ins of the demo: the result does not depend on order
//! or repetition.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use chrono::Utc;
use integration::deliveries::shuffle;
use integration::random::seeds;
use integration::records::{
    album, artist, mbid, person, produced_by, recording, relation, release, spotify_id, track, with_upc,
};
use integration::scene::ingest_artist;
use integration::upstream::Upstream;
use integration::{Database, FAST, Machine, database};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::messages::Message;

fn artists(stand_ins: &StandIns) -> Vec<Message> {
    stand_ins
        .artists()
        .iter()
        .map(|artist| ingest_artist(&artist.id))
        .collect()
}

/// The demo's catalog without all but its first artists.
async fn some_stand_ins(artists: usize) -> StandIns {
    let mut catalog = Catalog::real().unwrap();
    catalog.artists.truncate(artists);
    let kept = catalog.artists.clone();
    catalog.albums.retain(|album| kept.contains(&album.artists[0]));
    StandIns::start(catalog, StandInOptions::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_of_the_demo_gives_the_expected_producers() {
    let database = database().await;
    let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap();
    let machine = Machine::new(&database, &stand_ins, FAST);
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
    let found: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let facts: BTreeSet<(String, String)> = stand_ins
        .catalog()
        .producers()
        .iter()
        .map(|(track, name)| (track.to_string(), name.to_string()))
        .collect();
    assert_eq!(found, facts);
    assert_nothing_failed(&database).await;
}

async fn assert_nothing_failed(database: &Database) {
    let issues = "SELECT message FROM worker_issues";
    assert_eq!(database.texts(issues).await, [""; 0]);
    let errors = "SELECT COALESCE(sum(error_count), 0)::bigint FROM queue_metrics";
    assert_eq!(database.count(errors).await, 0, "messages failed on the way");
    let waiting = "SELECT kind || ' ' || subject FROM ingestion_tasks WHERE outcome IS DISTINCT FROM 'done'";
    assert_eq!(database.texts(waiting).await, [""; 0]);
}

/// Every row of the catalog and the credits with the transaction that wrote it; of producers, who are stamped
/// with when they were last looked up, everything else.
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
    let machine = Machine::new(&database, &stand_ins, FAST);
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
    let machine = Machine::new(&in_order, &stand_ins, FAST);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&in_order).await;

    let shuffled = database().await;
    let machine = Machine::new(&shuffled, &stand_ins, FAST);
    machine.request(&artists(&stand_ins)).await;
    shuffle(&[&machine], &shuffled, 1).await;
    assert_eq!(shuffled.fingerprint().await, in_order.fingerprint().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_on_one_database_give_the_rows_of_one() {
    let stand_ins = some_stand_ins(4).await;
    let (alone, shared) = (database().await, database().await);
    let machine = Machine::new(&alone, &stand_ins, FAST);
    machine.request(&artists(&stand_ins)).await;
    machine.drain(&alone).await;

    let one = Machine::new(&shared, &stand_ins, FAST);
    let other = Machine::new(&shared, &stand_ins, FAST);
    one.request(&artists(&stand_ins)).await;
    other.request(&artists(&stand_ins)).await;
    tokio::join!(one.drain(&shared), other.drain(&shared));
    assert_eq!(shared.fingerprint().await, alone.fingerprint().await);
    assert_nothing_failed(&shared).await;
}

/// What makes order matter if anything does: an artist with two Spotify ids, albums that are one and one that
/// only has the same barcode, versions of a song on several, a compilation.
fn give_what_is_awkward(upstream: &Upstream) -> Vec<Message> {
    let (twin, twin_again) = (artist("TwinA", "Twin"), artist("TwinB", "twin"));
    let (guest, various) = (
        artist("Guest", "Guest"),
        json!({"id": "0LyfQWJT6nXafLPZqxe9Of", "name": "Various Artists"}),
    );
    let both = [&twin, &twin_again, &guest];
    let first = with_upc(
        album(
            "AlbumC",
            "First",
            &[&twin],
            vec![
                track("c1", 1, "Song", &[&twin]),
                track("c2", 2, "Other (feat. Guest)", &both),
            ],
        ),
        "200000000011",
    );
    let first_elsewhere = with_upc(
        album(
            "AlbumB",
            "First (Deluxe)",
            &[&twin],
            vec![
                track("b1", 1, "Song", &[&twin]),
                track("b2", 2, "Other [feat. Guest]", &both),
            ],
        ),
        "0200000000011",
    );
    let first_once_more = with_upc(
        album(
            "AlbumD",
            "First!",
            &[&twin],
            vec![track("d1", 1, "Song", &[&twin]), track("d2", 2, "Other", &both)],
        ),
        "200000000011",
    );
    let only_the_barcode = with_upc(
        album(
            "AlbumA",
            "Reused",
            &[&twin],
            vec![
                track("a1", 1, "Another", &[&twin]),
                track("a2", 2, "Song - Live", &[&twin]),
            ],
        ),
        "200000000011",
    );
    let second = with_upc(
        album(
            "AlbumE",
            "Second",
            &[&twin_again],
            vec![
                track("e1", 1, "Song - Remix", &[&twin_again]),
                track("e2", 2, "Song", &[&twin_again]),
                track("e3", 3, "Song (Again)", &[&twin]),
            ],
        ),
        "200000000028",
    );
    let compilation = album(
        "AlbumF",
        "Hits",
        &[&various],
        vec![
            track("f1", 1, "Song", &[&twin_again]),
            track("f2", 2, "Nobody's", &[]),
            track("f3", 3, "Everybody's", &[&various]),
        ],
    );
    let all = [
        &first,
        &first_elsewhere,
        &first_once_more,
        &only_the_barcode,
        &second,
        &compilation,
    ];
    for album in all {
        upstream.give_album(album);
    }
    upstream.give_artist(&twin, &all[..4]);
    upstream.give_artist(&twin_again, &[&second, &compilation]);
    give_who_produced_it(upstream);
    vec![
        ingest_artist(&spotify_id("TwinA")),
        ingest_artist(&spotify_id("TwinB")),
    ]
}

fn give_who_produced_it(upstream: &Upstream) {
    let twin = person(1, "Twin");
    let (one, two) = (person(2, "Producer One"), person(3, "Producer Two"));
    let song = recording(11, "Song", &twin, vec![produced_by(&one), produced_by(&twin)]);
    let other = recording(
        12,
        "Other",
        &twin,
        vec![relation("producer", &["co"], &two), relation("mix", &[], &one)],
    );
    let remix = recording(13, "Song (Remix)", &twin, vec![relation("remixer", &[], &two)]);
    let mut first = release(21, "First", &twin, &[&song, &other]);
    first["relations"] = json!([produced_by(&two), relation("producer", &["executive"], &one)]);
    upstream.give_releases("200000000011", &[&first]);
    upstream.give_releases(
        "200000000028",
        &[&release(22, "Second", &twin, &[&remix, &song, &song])],
    );
    upstream.give_recordings("Song", &[&song]);
    upstream.give(
        &format!("/v1/tracks/{}", spotify_id("f1")),
        json!({
            "id": spotify_id("f1"), "name": "Song", "external_ids": {"isrc": "ZZAAA0000001"},
        }),
    );
    upstream.give_isrc("ZZAAA0000001", &[&song]);
    for who in [&one, &two, &twin] {
        let mut with_names = who.clone();
        with_names["aliases"] = json!([{"name": format!("{} also", who["name"].as_str().unwrap())}]);
        upstream.give(
            &format!("/ws/2/artist/{}", who["id"].as_str().unwrap()),
            with_names,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_do_not_depend_on_the_order_of_arrival() {
    let upstream = Upstream::start().await;
    let messages = give_what_is_awkward(&upstream);
    let in_order = database().await;
    let machine = upstream.machine(&in_order);
    machine.request(&messages).await;
    machine.drain(&in_order).await;
    let merged = format!(
        "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM artist_identities
            WHERE artist_id = (SELECT artist_id FROM artist_identities WHERE source_id = '{}')",
        mbid(1)
    );
    assert_eq!(
        in_order.texts(&merged).await,
        [format!(
            "{} {} {}",
            mbid(1),
            spotify_id("TwinA"),
            spotify_id("TwinB")
        )]
    );
    assert_eq!(in_order.count("SELECT count(*) FROM albums").await, 4);

    for seed in seeds(6) {
        let shuffled = database().await;
        let (one, other) = (upstream.machine(&shuffled), upstream.machine(&shuffled));
        one.request(&messages).await;
        shuffle(&[&one, &other], &shuffled, seed).await;
        assert_eq!(
            shuffled.fingerprint().await,
            in_order.fingerprint().await,
            "seed {seed}"
        );
    }
}
