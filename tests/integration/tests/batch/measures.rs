//! The metrics of the queues.

use integration::waiting::give_up_at;
use integration::{Database, bootstrap, database};
use shared::domain::messages::Outcome;

use crate::{album_of, body, deliver, handle_to, retry, snooze, worker};

fn rollup(database: &Database) -> rollup::Context {
    rollup::Context::new(&bootstrap(&database.pool, rollup::SETTINGS, &[]))
}

#[tokio::test]
async fn a_batch_is_one_row_of_metrics_that_counts_each_outcome() {
    let database = database().await;
    let bodies: Vec<_> = (0..5).map(body).chain(["no JSON".to_owned()]).collect();
    let deliveries = deliver(&database, &bodies, 0).await;
    worker(&database)
        .handle(deliveries, give_up_at(), |envelope, _| async move {
            Ok(match album_of(&envelope) {
                0 | 1 => Outcome::Done,
                2 => snooze(),
                3 => retry(),
                _ => Outcome::Discard {
                    reason: "a test".to_owned(),
                },
            })
        })
        .await
        .unwrap();
    let rows = database
        .texts(
            "SELECT concat_ws(' ', queue_name, operation, processed_count, success_count, error_count,
                details, finished_at >= started_at)
             FROM queue_metrics",
        )
        .await;
    assert_eq!(
        rows,
        ["identification identify 6 3 3 {\"done\": 2, \"retry\": 1, \"snooze\": 1, \"discard\": 2} t"]
    );
}

#[tokio::test]
async fn rolling_up_twice_changes_nothing_and_a_late_batch_is_added() {
    let database = database().await;
    let rollup = rollup(&database);
    let batches =
        "INSERT INTO queue_metrics (queue_name, operation, started_at, finished_at, processed_count,
        success_count, error_count)
        SELECT 'catalog', 'ingest', hour, hour + interval '2 seconds', 10, 9, 1
        FROM (SELECT date_trunc('hour', now()) - make_interval(hours => n) AS hour
        FROM generate_series(0, 1) n) hours";
    database.execute(batches).await;
    let sums =
        "SELECT concat_ws(' ', batch_count, processed_count, success_count, error_count, total_seconds,
        longest_seconds)
        FROM queue_metrics_hourly ORDER BY hour";
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 2);
    assert_eq!(database.texts(sums).await, ["1 10 9 1 2 2", "1 10 9 1 2 2"]);
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 0);
    database
        .execute(&format!("{batches} WHERE hour < date_trunc('hour', now())"))
        .await;
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 1);
    assert_eq!(database.texts(sums).await, ["2 20 18 2 4 2", "1 10 9 1 2 2"]);
}

#[tokio::test]
async fn the_sums_stay_when_their_batches_are_deleted() {
    let database = database().await;
    let rollup = rollup(&database);
    database
        .execute(
            "INSERT INTO queue_metrics (queue_name, operation, started_at, finished_at, processed_count,
                success_count, error_count)
             VALUES ('catalog', 'ingest', now(), now(), 10, 9, 1)",
        )
        .await;
    rollup::handle(&rollup).await.unwrap();
    database
        .execute("UPDATE queue_metrics SET started_at = now() - interval '15 days'")
        .await;
    rollup::handle(&rollup).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM queue_metrics").await, 0);
    assert_eq!(
        database
            .count("SELECT processed_count FROM queue_metrics_hourly")
            .await,
        10
    );
}

#[tokio::test]
async fn a_rollup_does_nothing_while_another_is_under_way() {
    let database = database().await;
    handle_to(&database, body(1), 0, Outcome::Done).await;
    let mut client = database.client().await;
    let other = client.transaction().await.unwrap();
    assert!(
        shared::store::work::refreshes::try_lock_schedule(&other, "rollup")
            .await
            .unwrap()
    );
    let rollup = rollup(&database);
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 0);
    other.commit().await.unwrap();
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 1);
}
