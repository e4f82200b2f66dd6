//! A database that is away: a batch fails as a whole, and nothing is an attempt, however long it takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use integration::failpoints::HeldStatement;
use integration::records::{mbid, person, recording, release};
use integration::scene::ingest_release;
use integration::sqs::{Sqs, SqsBehavior};
use integration::upstream::Upstream;
use integration::waiting::{must_end, wait_until};
use integration::{Database, bootstrap, database, pool, settings};
use linernotes::system::{System, SystemOptions};
use shared::domain::messages::Outcome;
use shared::platform::config::variables::VARIABLES;
use shared::platform::db::{Pool, Statements};
use shared::work::worker::Worker;

use crate::on_sqs::{event, worker_on};
use crate::{attempts, body, dead_letters, deliver, open_issues, queued_bodies, worker};

/// Lets nobody connect to a database, or everybody again, and ends its connections.
async fn admit(database: &Database, admits: bool) {
    let (_, path) = database.url.rsplit_once('/').unwrap();
    let name = path.split('?').next().unwrap();
    let elsewhere = database.url.replace(&format!("/{name}"), "/postgres");
    let elsewhere = pool(&elsewhere, Statements::Unnamed, 1);
    let client = elsewhere.client().await.unwrap();
    let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {admits}");
    client.run(&sql).await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    client.query_one(end, &[&name]).await.unwrap();
}

/// Handles an event of three messages whose handler uses the database.
async fn invoke(worker: &Worker, receive_count: i32) -> anyhow::Result<usize> {
    let bodies = [body(1), body(2), body(3)];
    let event = serde_json::from_value(event(&bodies, receive_count)).unwrap();
    let end = SystemTime::now() + Duration::from_secs(60);
    let pool = &worker.pool;
    let handler = |_, _| async move {
        pool.client().await?;
        Ok(Outcome::Done)
    };
    let response = worker.handle_event(event, end, handler).await?;
    Ok(response.batch_item_failures.len())
}

#[tokio::test]
async fn an_outage_of_any_length_costs_no_attempt() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let worker = worker_on(&sqs, &database);
    admit(&database, false).await;
    for receive_count in 1..=20 {
        let error = invoke(&worker, receive_count).await.unwrap_err();
        assert!(format!("{error:#}").contains("the database is away"), "{error:#}");
    }
    admit(&database, true).await;
    assert_eq!(invoke(&worker, 21).await.unwrap(), 0);
    assert_eq!(attempts(&database).await, [""; 0]);
    assert!(open_issues(&database).await.is_empty());
    let calls = sqs.calls().await;
    let is_delay = |call: &String| call.starts_with("ChangeMessageVisibility");
    assert!(calls.iter().all(is_delay), "nothing is dead-lettered: {calls:?}");
}

#[tokio::test]
async fn outages_within_a_message_do_not_count_as_starts_without_an_end() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let worker = worker_on(&sqs, &database);
    let (pool, database) = (&worker.pool, &database);
    for receive_count in 5..=9 {
        let goes_away = |_, _| async move {
            admit(database, false).await;
            pool.client().await?;
            Ok(Outcome::Done)
        };
        let event = serde_json::from_value(event(&[body(1)], receive_count)).unwrap();
        let end = SystemTime::now() + Duration::from_secs(60);
        let error = worker.handle_event(event, end, goes_away).await.unwrap_err();
        assert!(format!("{error:#}").contains("the database is away"), "{error:#}");
        admit(database, true).await;
        assert_eq!(
            attempts(database).await,
            ["identify_album:1 0 1"],
            "it has no end yet"
        );
    }
    assert_eq!(invoke(&worker, 10).await.unwrap(), 0);
    assert_eq!(attempts(database).await, [""; 0]);
    assert!(open_issues(database).await.is_empty(), "nothing is discarded");
}

#[tokio::test]
async fn a_batch_whose_database_goes_away_in_the_middle_fails_as_a_whole() {
    let database = database().await;
    let deliveries = deliver(&database, &[body(1), body(2)], 0).await;
    let goes_away = |_, _| async {
        admit(&database, false).await;
        Ok(Outcome::Done)
    };
    let worker = worker(&database);
    let later = tokio::time::Instant::now() + Duration::from_secs(60);
    let handled = worker.handle(deliveries.clone(), later, goes_away).await;
    assert!(format!("{:#}", handled.unwrap_err()).contains("the database is away"));
    admit(&database, true).await;
    for delivery in &deliveries {
        worker.give_back(delivery, 0).await.unwrap();
    }
    let visible = "SELECT count(*) FROM queue_messages WHERE visible_at <= clock_timestamp()";
    assert_eq!(database.count(visible).await, 2, "both are received again");
    assert_eq!(attempts(&database).await, [""; 0]);
}

#[tokio::test]
async fn without_a_database_an_invocation_fails_in_time() {
    let database = database().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = format!("postgres://u:p@{}/d", silent.local_addr().unwrap());
    let (scheme, rest) = database.url.split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong_password = format!("{scheme}://nobody:hunter2@{host}");
    for (case, url) in [
        ("no server", "postgres://u:p@127.0.0.1:1/d"),
        ("no answer", &hanging),
        ("unknown user", &wrong_password),
    ] {
        let sqs = Sqs::start(SqsBehavior::Normal).await;
        let pool = Pool::new(&settings(url), 2).unwrap();
        let away = Worker {
            pool: pool.clone(),
            ..worker_on(&sqs, &database)
        };
        let event = serde_json::from_value(event(&[body(1), "poison".to_owned()], 1)).unwrap();
        let use_database = |_, _| {
            let pool = pool.clone();
            async move {
                pool.client().await?;
                Ok(Outcome::Done)
            }
        };
        // A worker stops three seconds before the end of its invocation.
        let end = SystemTime::now() + Duration::from_millis(3500);
        let invocation = away.handle_event(event, end, use_database);
        let error = must_end("the function ends", invocation).await.unwrap_err();
        assert!(
            format!("{error:#}").contains("the database is away"),
            "{case}: {error:#}"
        );
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_settled_fails_its_batch() {
    let database = database().await;
    let deliveries = deliver(&database, &["no JSON".to_owned()], 0).await;
    let closed = Pool::new(&settings(&database.url), 1).unwrap();
    closed.close();
    let worker = Worker {
        pool: closed,
        ..worker(&database)
    };
    let later = integration::waiting::give_up_at();
    let handled = worker
        .handle(deliveries, later, |_, _| async { Ok(Outcome::Done) })
        .await;
    assert!(handled.is_err());
    assert_eq!(queued_bodies(&database).await, ["no JSON"]);
    assert_eq!(
        dead_letters(&database).await,
        ["no JSON"],
        "it is dead-lettered first, and again then"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_of_one_machine_continues_by_itself_after_an_outage() {
    let (upstream, database) = (Upstream::start().await, database().await);
    let release = release(
        21,
        "Album",
        &person(1, "A"),
        &[&recording(11, "Song", &person(1, "A"), vec![])],
    );
    upstream.give_release(&release);
    let machine = upstream.machine(&database);
    let id = machine.request(&[ingest_release(&mbid(21))]).await;
    let url = format!("{}/ws/2", upstream.url());
    let variables = [
        ("CONTACT", "https://localhost/"),
        ("MUSICBRAINZ_URL", url.as_str()),
    ];
    let bootstrap = bootstrap(&database.pool, VARIABLES, &variables);
    let options = SystemOptions {
        sweep_every: Duration::from_secs(1),
        is_alone: true,
    };
    let held = HeldStatement::write_into(&database, &["albums"], 1).await;
    let clients = bootstrap.clients().unwrap();
    let system = System::start(&bootstrap.config, &database.pool, &clients, options);
    let system = system.await.unwrap();
    // The database goes away in the middle of a transaction.
    held.wait().await;
    admit(&database, false).await;
    admit(&database, true).await;
    let open = format!("SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {id} AND outcome IS NULL");
    wait_until("the ingestion is done", async || database.count(&open).await == 0).await;
    system.stop().await;
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 1);
    assert_eq!(dead_letters(&database).await, [""; 0]);
    assert_eq!(attempts(&database).await, [""; 0]);
    assert!(open_issues(&database).await.is_empty());
}

#[tokio::test]
async fn a_handler_whose_transaction_lost_a_deadlock_runs_again_at_once() {
    let database = database().await;
    let deadlock = "DO $$ BEGIN RAISE deadlock_detected; END $$";
    for (deadlocks, left) in [(2, 0), (3, 1)] {
        let deliveries = deliver(&database, &[body(1)], 0).await;
        let tries = AtomicUsize::new(0);
        let handler = |_, _| async {
            if tries.fetch_add(1, Ordering::Relaxed) < deadlocks {
                database.client().await.run(deadlock).await?;
            }
            Ok(Outcome::Done)
        };
        let later = tokio::time::Instant::now() + Duration::from_secs(60);
        let failed = worker(&database)
            .handle(deliveries, later, handler)
            .await
            .unwrap();
        assert_eq!(
            (failed.len(), tries.into_inner()),
            (left, 3),
            "{deadlocks} deadlocks"
        );
        assert_eq!(attempts(&database).await, [""; 0]);
        database.execute("DELETE FROM queue_messages").await;
    }
}
