//! The connection to Postgres: both ways to send statements, transactions, connections that break, and the schema's
//! migrations. What the statements say is tested in `store`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use integration::{FAST, Machine, database, empty_database, settings};
use linernotes::demo::{Catalog, Options, StandIns};
use shared::db::{self, Client, Migrated, Pool, Settings, Statements};
use shared::messages::Message;
use shared::store;

fn pool(url: &str, statements: Statements, connections: usize) -> Pool {
    Pool::new(&Settings::parse(url, statements).unwrap(), connections).unwrap()
}

#[tokio::test]
async fn every_statement_prepares_on_a_freshly_migrated_database() {
    let database = database().await;
    let client = database.client().await;
    for sql in store::STATEMENTS.iter().copied().flatten() {
        if let Err(error) = client.check(sql).await {
            panic!("{error:?}: {sql}");
        }
    }
    assert!(client.check("SELECT colour FROM artists").await.is_err());
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    let url = empty_database().await;
    let first = db::migrate(&settings(&url)).await.unwrap();
    assert!(first.applied.contains(&"V1__catalog".to_owned()));
    assert_eq!(first.version as usize, first.applied.len());
    let second = db::migrate(&settings(&url)).await.unwrap();
    assert_eq!(
        second,
        Migrated {
            applied: Vec::new(),
            version: first.version
        }
    );
}

#[tokio::test]
async fn of_two_migrations_at_once_the_second_waits_and_does_nothing() {
    let settings = settings(&empty_database().await);
    let (one, other) = tokio::join!(db::migrate(&settings), db::migrate(&settings));
    let (one, other) = (one.unwrap(), other.unwrap());
    let applied = [one.applied.len(), other.applied.len()];
    assert!(
        applied.contains(&0) && applied.contains(&(one.version as usize)),
        "{applied:?}"
    );
}

#[tokio::test]
async fn a_database_that_is_newer_than_the_program_is_not_touched() {
    let url = empty_database().await;
    db::migrate(&settings(&url)).await.unwrap();
    let pool = pool(&url, Statements::Prepared, 1);
    let client = pool.client().await.unwrap();
    client
        .execute(
            "INSERT INTO refinery_schema_history SELECT 999, 'future', applied_on, checksum FROM refinery_schema_history WHERE version = 1",
            &[],
        )
        .await
        .unwrap();
    assert!(db::migrate(&settings(&url)).await.is_err());
}

#[tokio::test]
async fn the_roles_time_outs_are_set_in_the_database() {
    let url = empty_database().await;
    db::migrate(&settings(&url)).await.unwrap();
    let pool = pool(&url, Statements::Prepared, 1);
    let client = pool.client().await.unwrap();
    for (name, value) in [
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("lock_timeout", "20s"),
        ("jit", "off"),
    ] {
        let row = client
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), value, "{name}");
    }
}

/// Every type of parameter, alone and in an array, there and null.
async fn try_every_kind_of_query(client: &mut Client<'_>) {
    let now: DateTime<Utc> = Utc::now().trunc_subsecs(6);
    let day = NaiveDate::from_ymd_opt(1971, 11, 8).unwrap();
    let id = uuid::Uuid::from_u128(7);
    let json = serde_json::json!({ "a": [1, null] });
    let upsert = "INSERT INTO things AS t (key, kind, flag, small, number, big, short, long, bytes, id, day, at, json)
        SELECT key, kind::source, flag, small, number, big, short, long, bytes, id, day, at, json
        FROM unnest($1::text[], $2::text[], $3::boolean[], $4::smallint[], $5::integer[], $6::bigint[], $7::real[], $8::float8[],
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
        WHERE key = $1 AND kind IS NOT DISTINCT FROM $2::text::source AND flag IS NOT DISTINCT FROM $3 AND small IS NOT DISTINCT FROM $4
          AND number IS NOT DISTINCT FROM $5 AND big IS NOT DISTINCT FROM $6 AND short IS NOT DISTINCT FROM $7 AND long IS NOT DISTINCT FROM $8
          AND bytes IS NOT DISTINCT FROM $9 AND id IS NOT DISTINCT FROM $10 AND day IS NOT DISTINCT FROM $11 AND at IS NOT DISTINCT FROM $12
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
    assert!(two.is_err(), "two rows are not one");
}

const THINGS: &str = "CREATE TABLE things (key text PRIMARY KEY, kind source, flag boolean, small smallint, number integer, big bigint,
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

/// How many named statements each connection of the pool has.
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
        let stand_ins = StandIns::start(Catalog::real().unwrap(), Options::default())
            .await
            .unwrap();
        let machine = Machine::new(&database, &stand_ins, FAST);
        let artist = stand_ins.artists()[0].id.parse().unwrap();
        machine
            .ask(&[Message::IngestArtist {
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

#[tokio::test]
async fn a_transaction_or_savepoint_that_is_dropped_is_rolled_back() {
    let database = database().await;
    let mut client = database.client().await;
    let insert = "INSERT INTO artists (name) VALUES ($1)";
    {
        let transaction = client.transaction().await.unwrap();
        transaction.execute(insert, &[&"dropped"]).await.unwrap();
    }
    let mut transaction = client.transaction().await.unwrap();
    transaction.execute(insert, &[&"kept"]).await.unwrap();
    {
        let savepoint = transaction.transaction().await.unwrap();
        savepoint.execute(insert, &[&"taken back"]).await.unwrap();
    }
    {
        let savepoint = transaction.transaction().await.unwrap();
        assert!(savepoint.execute(insert, &[&""]).await.is_err());
    }
    let savepoint = transaction.transaction().await.unwrap();
    savepoint.execute(insert, &[&"kept as well"]).await.unwrap();
    savepoint.commit().await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        database
            .texts("SELECT name FROM artists ORDER BY name")
            .await,
        ["kept", "kept as well"]
    );
}

#[tokio::test]
async fn a_connection_that_was_ended_is_replaced_at_the_next_use() {
    let database = database().await;
    let pool = pool(&database.url, Statements::Prepared, 1);
    let backend = async |client: &Client<'_>| -> Result<i32, tokio_postgres::Error> {
        Ok(client
            .query_one("SELECT pg_backend_pid()", &[])
            .await?
            .get(0))
    };
    let idle = backend(&pool.client().await.unwrap()).await.unwrap();
    database
        .count(&format!("SELECT count(pg_terminate_backend({idle}, 5000))"))
        .await;
    let client = pool.client().await.unwrap();
    let busy = backend(&client).await.unwrap();
    assert_ne!(idle, busy);
    database
        .count(&format!("SELECT count(pg_terminate_backend({busy}, 5000))"))
        .await;
    assert!(backend(&client).await.is_err());
    drop(client);
    backend(&pool.client().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_connected_to_is_said_in_one_line_without_the_password() {
    let database = database().await;
    let (scheme, rest) = database.url.split_once("://").unwrap();
    let (user, rest) = rest.split_once(':').unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong_password = format!("{scheme}://{user}:hunter2@{host}");
    let (name, _) = host.split_once('/').unwrap();
    let nobody_there = format!(
        "{scheme}://{user}:hunter2@{}/d",
        name.replace(name, "127.0.0.1:1")
    );
    for url in [wrong_password, nobody_there] {
        let settings = settings(&url);
        let direct = anyhow::Error::from(settings.connect().await.err().unwrap());
        let pooled = Pool::new(&settings, 1)
            .unwrap()
            .client()
            .await
            .err()
            .unwrap();
        let direct = format!("{direct:#}");
        assert!(direct.contains("127.0.0.1"), "{direct}");
        for message in [direct, format!("{:#}", anyhow::Error::from(pooled))] {
            assert!(
                !message.contains("hunter2") && !message.contains('\n'),
                "{message}"
            );
        }
    }
}

/// A certificate for `localhost` and the root that signed it, made beside the data by the server itself.
const CERTIFICATES: &str = "COPY (SELECT 1) TO PROGRAM '
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root -keyout root.key -out root.crt 2>/dev/null &&
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null &&
    printf subjectAltName=DNS:localhost > server.ext &&
    openssl x509 -req -days 2 -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile server.ext -out server.crt 2>/dev/null &&
    chmod 600 server.key'";

#[tokio::test]
async fn verify_full_asks_for_the_hosts_name_and_a_known_root() {
    let database = database().await;
    database.execute(CERTIFICATES).await;
    database.execute("ALTER SYSTEM SET ssl = on").await;
    database.count("SELECT count(pg_reload_conf())").await;
    let root = database
        .texts("SELECT pg_read_file('root.crt')")
        .await
        .remove(0);
    let file = std::env::temp_dir().join(format!("linernotes-root-{}.pem", uuid::Uuid::new_v4()));
    std::fs::write(&file, root).unwrap();
    let by_number = database.url.replace("?sslmode=disable", "");
    let by_name = by_number.replace("127.0.0.1", "localhost");
    let roots = format!("sslrootcert={}", file.display());
    for (url, query, answers) in [
        (&by_name, format!("sslmode=verify-full&{roots}"), true),
        (&by_number, format!("sslmode=verify-full&{roots}"), false),
        (
            &by_name,
            "sslmode=verify-full&sslrootcert=system".to_owned(),
            false,
        ),
        (&by_number, "sslmode=require".to_owned(), true),
        (&by_number, "sslmode=disable".to_owned(), true),
    ] {
        let pool = pool(&format!("{url}?{query}"), Statements::Prepared, 1);
        let client = pool.client().await;
        assert_eq!(client.is_ok(), answers, "{url}?{query}");
        if let Ok(client) = client {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let encrypted: bool = client.query_one(sql, &[]).await.unwrap().get(0);
            assert_eq!(encrypted, query != "sslmode=disable", "{query}");
        }
    }
    std::fs::remove_file(file).unwrap();
}
