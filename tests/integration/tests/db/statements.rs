//! Prepared and unnamed statements.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use integration::refusals::assert_refused;
use integration::{Machine, database, pool};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use shared::domain::messages::Message;
use shared::platform::db::{Client, Pool, Statements};
use shared::store;
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn every_statement_prepares_on_a_freshly_migrated_database() {
    let database = database().await;
    let client = database.client().await;
    for sql in store::STATEMENTS.iter().copied().flatten() {
        if let Err(error) = client.prepare(sql).await {
            panic!("{error:?}: {sql}");
        }
    }
    let unknown_column = client.prepare("SELECT colour FROM artists").await;
    assert_refused(unknown_column.map(drop), &SqlState::UNDEFINED_COLUMN);
}

/// Words of a statement that states a rule itself, each with the rule's definition in the migrations.
const RESTATEMENTS: [(&str, &str); 14] = [
    ("track_positions)", "coverage"),
    ("track_positions IS", "coverage"),
    ("track_range IS NULL", "coverage"),
    ("disc_number ||", "coverage"),
    ("disc_number::text", "coverage"),
    ("NOT EXISTS (SELECT FROM track_artists", "artists_of_tracks"),
    (", al.artist_id)", "artists_of_tracks"),
    ("SELECT a.name FROM track_artists", "artists_of_tracks"),
    ("normalized_track_id, -", "song_of"),
    ("normalized_track_id IS NULL THEN", "song_of"),
    ("'YYYY", "release_date_text"),
    ("'unlinked:", "has_source_id"),
    ("kind || ':'", "key_of_step"),
    ("revoked_at IS NOT NULL", "key_state"),
];

/// The definition of a rule that a statement states itself.
fn restated_rule(sql: &str) -> Option<&'static str> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let words = words.join(" ");
    let restatement = RESTATEMENTS.iter().find(|(part, _)| words.contains(part));
    restatement.map(|(_, definition)| *definition)
}

#[test]
fn no_statement_states_a_rule_that_the_migrations_define() {
    for sql in store::STATEMENTS.iter().copied().flatten() {
        assert_eq!(restated_rule(sql), None, "{sql}");
    }
    for (sql, definition) in [
        (
            "t.disc_number || '-' || t.track_number = ANY (c.track_positions)",
            "coverage",
        ),
        ("c.track_id IS NULL\n AND c.track_range IS NULL", "coverage"),
        (
            "WHERE NOT EXISTS (SELECT\n FROM track_artists)",
            "artists_of_tracks",
        ),
        ("COALESCE(t.normalized_track_id,\n -t.id)", "song_of"),
        ("t.kind\n || ':' || t.subject", "key_of_step"),
    ] {
        assert_eq!(restated_rule(sql), Some(definition), "{sql}");
    }
}

/// Runs queries with every type of parameter, as a value, in an array, and as null.
async fn try_every_kind_of_query(client: &mut Client<'_>) {
    let now: DateTime<Utc> = Utc::now().trunc_subsecs(6);
    let day = NaiveDate::from_ymd_opt(1971, 11, 8).unwrap();
    let id = uuid::Uuid::from_u128(7);
    let json = serde_json::json!({ "a": [1, null] });
    let upsert = "INSERT INTO things AS t (key, kind, flag, small, number, big, short, long, bytes, id, day,
        at, json)
        SELECT key, kind::source, flag, small, number, big, short, long, bytes, id, day, at, json
        FROM unnest($1::text[], $2::text[], $3::boolean[], $4::smallint[], $5::integer[], $6::bigint[],
        $7::real[], $8::float8[],
                    $9::bytea[], $10::uuid[], $11::date[], $12::timestamptz[], $13::jsonb[])
             AS n (key, kind, flag, small, number, big, short, long, bytes, id, day, at, json)
        ON CONFLICT (key) DO UPDATE SET number = EXCLUDED.number, at = EXCLUDED.at
        WHERE (t.number, t.at) IS DISTINCT FROM (EXCLUDED.number, EXCLUDED.at)";
    for expected in [2, 0] {
        let written = client
            .execute(
                upsert,
                &[
                    &vec!["full", "nulls"],
                    &vec![Some("musicbrainz"), None],
                    &vec![Some(true), None],
                    &vec![Some(-1_i16), None],
                    &vec![Some(7_i32), None],
                    &vec![Some(i64::MAX), None],
                    &vec![Some(0.5_f32), None],
                    &vec![Some(0.25_f64), None],
                    &vec![Some(vec![0_u8, 255]), None],
                    &vec![Some(id), None],
                    &vec![Some(day), None],
                    &vec![Some(now), None],
                    &vec![Some(json.clone()), None],
                ],
            )
            .await
            .unwrap();
        assert_eq!(written, expected);
    }
    let one = "SELECT kind::text, flag, small, number, big, short, long, bytes, id, day, at, json FROM things
        WHERE key = $1 AND kind IS NOT DISTINCT FROM $2::text::source AND flag IS NOT DISTINCT FROM $3
        AND small IS NOT DISTINCT FROM $4
          AND number IS NOT DISTINCT FROM $5 AND big IS NOT DISTINCT FROM $6 AND short IS NOT DISTINCT FROM $7
          AND long IS NOT DISTINCT FROM $8
          AND bytes IS NOT DISTINCT FROM $9 AND id IS NOT DISTINCT FROM $10 AND day IS NOT DISTINCT FROM $11
          AND at IS NOT DISTINCT FROM $12
          AND json IS NOT DISTINCT FROM $13";
    let row = client
        .query_one(
            one,
            &[
                &"full",
                &Some("musicbrainz"),
                &true,
                &-1_i16,
                &7_i32,
                &i64::MAX,
                &0.5_f32,
                &0.25_f64,
                &vec![0_u8, 255],
                &id,
                &day,
                &now,
                &json,
            ],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "musicbrainz");
    assert_eq!(row.get::<_, DateTime<Utc>>(10), now);
    let row = client
        .query_opt(
            one,
            &[
                &"nulls",
                &None::<&str>,
                &None::<bool>,
                &None::<i16>,
                &None::<i32>,
                &None::<i64>,
                &None::<f32>,
                &None::<f64>,
                &None::<Vec<u8>>,
                &None::<uuid::Uuid>,
                &None::<NaiveDate>,
                &None::<DateTime<Utc>>,
                &None::<serde_json::Value>,
            ],
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.get::<_, Option<serde_json::Value>>(11), None);
    let all = client
        .query(
            "SELECT key FROM things WHERE key = ANY ($1)",
            &[&vec!["full", "nulls", "none"]],
        )
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
    let none = client
        .query_opt("SELECT key FROM things WHERE key = $1", &[&"none"])
        .await
        .unwrap();
    assert!(none.is_none());
    let two = client.query_opt("SELECT key FROM things", &[]).await;
    assert!(two.is_err(), "query_opt returns at most one row");
}

const THINGS: &str = "CREATE TABLE things (key text PRIMARY KEY, kind source, flag boolean, small smallint,
    number integer, big bigint,
    short real, long float8, bytes bytea, id uuid, day date, at timestamptz, json jsonb)";

#[tokio::test]
async fn every_kind_of_query_runs_as_a_prepared_and_as_an_unnamed_statement() {
    for statements in [Statements::Prepared, Statements::Unnamed] {
        let database = database().await;
        database.execute(THINGS).await;
        let pool = pool(&database.url, statements, 1);
        let mut client = pool.client().await.unwrap();
        try_every_kind_of_query(&mut client).await;
        client.execute("DELETE FROM things", &[]).await.unwrap();
        let mut transaction = client.transaction().await.unwrap();
        try_every_kind_of_query(&mut transaction).await;
        transaction.commit().await.unwrap();
        assert_eq!(database.count("SELECT count(*) FROM things").await, 2);
    }
}

/// The number of named statements on each connection of the pool.
async fn named_statements(pool: &Pool, connections: usize) -> Vec<i64> {
    let clients = futures::future::try_join_all((0..connections).map(|_| pool.client()))
        .await
        .unwrap();
    let mut counts = Vec::new();
    for client in &clients {
        let row = client
            .query_one("SELECT count(*) FROM pg_prepared_statements", &[])
            .await
            .unwrap();
        counts.push(row.get(0));
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn unnamed_mode_leaves_no_statement_on_any_connection() {
    let mut hashes = Vec::new();
    for statements in [Statements::Unnamed, Statements::Prepared] {
        let mut database = database().await;
        database.pool = pool(&database.url, statements, 8);
        let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
            .await
            .unwrap();
        let machine = Machine::new(&database, &stand_ins);
        let artist = stand_ins.artists()[0].id.parse().unwrap();
        machine
            .request(&[Message::IngestArtist {
                spotify_artist_id: artist,
                offset: 0,
                appears_on: false,
            }])
            .await;
        machine.drain(&database).await;
        assert!(database.count("SELECT count(*) FROM track_producers").await > 0);
        hashes.push(database.fingerprint().await.hash);
        let named: i64 = named_statements(&database.pool, 8).await.iter().sum();
        assert_eq!(
            named > 0,
            statements == Statements::Prepared,
            "{statements:?}: {named}"
        );
    }
    assert_eq!(hashes[0], hashes[1]);
}
