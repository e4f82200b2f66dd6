//! A statement whose caller is gone is cancelled, and its connection not used again.

use integration::waiting::{must_end, wait_until};
use integration::{Database, database, pool, settings};
use shared::platform::db::{Client, Pool, Statements};
use tokio::time::{Duration, timeout};

const SLEEP: &str = "SELECT pg_sleep(600)";
const SLEEPING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'";
const BACKEND: &str = "SELECT pg_backend_pid()";

async fn backend(client: &Client<'_>) -> i32 {
    client.query_one(BACKEND, &[]).await.unwrap().get(0)
}

/// Drops work on a connection of `pool` in the middle of its statement, and waits until that has ended.
/// Returns the server process that ran it.
async fn drop_in_the_middle(database: &Database, pool: &Pool, in_transaction: bool) -> i32 {
    let mut client = pool.client().await.unwrap();
    let before = backend(&client).await;
    let work = async move {
        if in_transaction {
            let transaction = client.transaction().await?;
            transaction.query(SLEEP, &[]).await
        } else {
            client.query(SLEEP, &[]).await
        }
    };
    let mut work = Box::pin(work);
    must_end("the statement runs", async {
        while database.count(SLEEPING).await == 0 {
            let ended = timeout(Duration::from_millis(5), work.as_mut()).await;
            assert!(ended.is_err(), "the statement does not end by itself");
        }
    })
    .await;
    drop(work);
    wait_until("the statement is cancelled", async || {
        database.count(SLEEPING).await == 0
    })
    .await;
    before
}

#[tokio::test]
async fn a_dropped_statement_is_cancelled_and_its_connection_replaced() {
    let database = database().await;
    for statements in [Statements::Prepared, Statements::Unnamed] {
        let pool = pool(&database.url, statements, 1);
        for in_transaction in [false, true] {
            let before = drop_in_the_middle(&database, &pool, in_transaction).await;
            let client = pool.client().await.unwrap();
            assert_ne!(backend(&client).await, before, "{statements:?} {in_transaction}");
        }
    }
}

#[tokio::test]
async fn a_connection_whose_statements_ended_is_used_again() {
    let database = database().await;
    let pool = pool(&database.url, Statements::Prepared, 1);
    let client = pool.client().await.unwrap();
    let before = backend(&client).await;
    client.query("SELECT 1 / 0", &[]).await.unwrap_err();
    drop(client);
    assert_eq!(backend(&pool.client().await.unwrap()).await, before);
}

#[tokio::test]
async fn a_statement_of_a_request_has_a_shorter_time_out() {
    let database = database().await;
    let pool = Pool::for_requests(&settings(&database.url), 1).unwrap();
    let client = pool.client().await.unwrap();
    let row = client
        .query_one("SELECT current_setting('statement_timeout')", &[])
        .await;
    assert_eq!(row.unwrap().get::<_, &str>(0), "10s");
}
