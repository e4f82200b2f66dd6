//! A client that ends in any way leaves a clean server connection for the next client.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use integration::upstream::Upstream;
use integration::waiting::with_enough_time;
use integration::{Database, Machine, database, pool};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::platform::db::{self, Client, Statements};
use shared::work::queue::ReceiveOptions;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::backend;
use crate::pgbouncer::Pooler;

/// The number of settings that migrating changes for longer than a transaction.
const SESSION_SETTINGS: &str = "SELECT count(*) FROM pg_settings WHERE source = 'session'
    AND name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
    'client_min_messages')";
const ADVISORY_LOCKS: &str = "SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database
    WHERE datname = current_database())";
const INSERT: &str = "INSERT INTO artists (name) VALUES ($1)";

async fn count(client: &Client<'_>, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Sends a signal when it is dropped.
struct SignalOnDrop(Option<oneshot::Sender<()>>);

impl Drop for SignalOnDrop {
    fn drop(&mut self) {
        let _ = self.0.take().map(|sender| sender.send(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_whose_deadline_passes_in_a_transaction_leaves_a_clean_connection() {
    let what = "the handler writes before the deadline";
    with_enough_time(what, end_handler_in_transaction).await;
}

/// Lets the deadline of a handler pass within a transaction, `time` after its start, on the only server
/// connection (pgbouncer may open another one to cancel the statement). Returns `None` if the deadline passed
/// before the transaction.
async fn end_handler_in_transaction(time: Duration) -> Option<()> {
    let direct = database().await;
    let pooler = Pooler::before(&direct.url, 1).await;
    let through = Database {
        url: pooler.url.clone(),
        pool: pool(&pooler.url, Statements::Unnamed, 2),
    };
    let machine: Machine = Upstream::start().await.machine(&through);
    let message = Message::IdentifyAlbum { album_id: AlbumId(1) };
    let body = Envelope::requested(message, None).body();
    let queue = QueueName::Identification;
    machine.queues.send(queue, &[body]).await.unwrap();
    let receive = ReceiveOptions {
        limit: 1,
        visibility: Duration::from_secs(60),
        wait: Duration::ZERO,
        max_receive_count: 5,
    };
    let deliveries = machine.queues.receive(queue, &receive).await.unwrap();

    // The handler waits for this lock when the deadline passes. The lock is released right after that, while
    // the worker waits for the connection.
    let lock = direct.client().await;
    lock.query_one("SELECT pg_advisory_lock(1)", &[]).await.unwrap();
    let (ended, handler_has_ended) = oneshot::channel();
    let signal = Mutex::new(Some(SignalOnDrop(Some(ended))));
    let has_written = AtomicBool::new(false);
    let (pool, has_written, signal) = (&through.pool, &has_written, &signal);
    let worker = machine.worker(queue);
    let handled = worker.handle(deliveries, Instant::now() + time, |_, _| async move {
        let _signal = signal.lock().unwrap().take();
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        transaction.execute(INSERT, &[&"half"]).await?;
        has_written.store(true, Ordering::Relaxed);
        transaction.query("SELECT pg_advisory_xact_lock(1)", &[]).await?;
        transaction.commit().await?;
        Ok(Outcome::Done)
    });
    let unlock = async {
        let _ = handler_has_ended.await;
        lock.query_one("SELECT pg_advisory_unlock(1)", &[]).await.unwrap();
    };
    let (again, ()) = tokio::join!(handled, unlock);
    if !has_written.load(Ordering::Relaxed) {
        return None;
    }
    assert_eq!(again.unwrap().len(), 1);

    let mut client = through.client().await;
    let transaction = client.transaction().await.unwrap();
    transaction.execute(INSERT, &[&"whole"]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(direct.texts("SELECT name FROM artists").await, ["whole"]);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND state LIKE 'idle in transaction%'";
    assert_eq!(direct.count(open).await, 0);
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_transaction_of_a_killed_process_is_rolled_back_and_the_next_client_is_served() {
    let direct = database().await;
    let pooler = Pooler::before(&direct.url, 1).await;
    let (client, connection) = tokio_postgres::connect(&pooler.url, tokio_postgres::NoTls)
        .await
        .unwrap();
    let socket = tokio::spawn(connection);
    client
        .batch_execute("BEGIN; INSERT INTO artists (name) VALUES ('half')")
        .await
        .unwrap();
    socket.abort();

    let through = pool(&pooler.url, Statements::Unnamed, 1);
    let client = through.client().await.unwrap();
    client.execute(INSERT, &[&"whole"]).await.unwrap();
    assert_eq!(direct.texts("SELECT name FROM artists").await, ["whole"]);
}

/// Two migrations at once each use a connection for the lock, so that one of three connections remains for
/// the work.
#[tokio::test(flavor = "multi_thread")]
async fn migrating_through_the_pooler_works_and_leaves_neither_locks_nor_settings() {
    let url = integration::empty_database().await;
    let pooler = Pooler::before(&url, 3).await;
    let settings = integration::settings(&pooler.url);
    let (one, other) = tokio::join!(db::migrate(&settings), db::migrate(&settings));
    let (one, other) = (one.unwrap(), other.unwrap());
    let mut applied = [one.applied.len(), other.applied.len()];
    applied.sort_unstable();
    assert_eq!(applied, [0, one.version as usize]);
    assert!(db::migrate(&settings).await.unwrap().applied.is_empty());

    // All transactions are open at once, so that each has a server connection of its own.
    let through = pool(&pooler.url, Statements::Unnamed, 3);
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(through.client().await.unwrap());
    }
    let mut transactions = Vec::new();
    let mut backends = BTreeSet::new();
    for client in &mut clients {
        let transaction = client.transaction().await.unwrap();
        assert_eq!(count(&transaction, SESSION_SETTINGS).await, 0);
        assert_eq!(count(&transaction, ADVISORY_LOCKS).await, 0);
        backends.insert(backend(&transaction).await.unwrap());
        transactions.push(transaction);
    }
    assert_eq!(backends.len(), 3);
}

#[tokio::test]
async fn the_time_outs_of_the_role_hold_on_connections_that_are_opened_after_migrating() {
    let url = integration::empty_database().await;
    db::migrate(&integration::settings(&url)).await.unwrap();
    let pooler = Pooler::before(&url, 1).await;
    let through = pool(&pooler.url, Statements::Unnamed, 1);
    let client = through.client().await.unwrap();
    let sql = "SELECT current_setting('statement_timeout')";
    let time_out: String = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(time_out, "1min");
}
