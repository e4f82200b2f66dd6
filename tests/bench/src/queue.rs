//! Measures how many messages a second go through the queue in Postgres from end to end: they are sent by
//! tens, received by tens, handled by a handler that does nothing, and taken off the queue. The baseline is
//! the number of durable commits a second of the same Postgres, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;
use shared::domain::ids::{AlbumId, IngestionId};
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::platform::db::{DatabaseSettings, Pool};
use shared::work::queue::{BATCH_SIZE, MAX_RECEIVE_COUNT, Queues, ReceiveOptions};
use shared::work::worker::Worker;

use crate::clusters::{create_database, on_own_postgres};

const QUEUE: QueueName = QueueName::Identification;
/// Messages that are sent and handled in one measurement.
const MESSAGES: usize = 10_000;
/// Messages that wait on the long queue all the time.
const WAITING: i64 = 300_000;
/// Ingestions that the messages belong to.
const INGESTIONS: i64 = 50;
/// Workers of the queue, as on one machine.
const LANES: usize = 4;
/// How long bare commits are counted before each measurement.
const COMMITS_FOR: Duration = Duration::from_secs(3);

/// Messages and commits per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct QueueFigures {
    /// Workers that receive by tens.
    lanes: usize,
    /// Messages per second from end to end while nothing else waits.
    messages_per_second: u64,
    /// Durable commits per second by one connection, right before.
    commits_per_second: u64,
    /// The same messages while [`WAITING`] others wait.
    messages_per_second_of_300000: u64,
    /// Durable commits per second by one connection, right before that.
    commits_per_second_of_300000: u64,
    /// Messages for each bare commit while nothing else waits; the goal is at least 4.
    messages_per_commit: f64,
    /// Messages for each bare commit while [`WAITING`] others wait; the goal is at least 4.
    messages_per_commit_of_300000: f64,
    /// Whether this is an optimised build.
    optimised: bool,
}

/// Measures on a Postgres of its own, which is stopped and removed at the end.
///
/// # Errors
/// If Postgres cannot be started, its commits are not durable, or a statement fails.
pub(crate) async fn measure_queue() -> anyhow::Result<QueueFigures> {
    on_own_postgres(async |url: &str| {
        let settings = create_database(url, "queue").await?;
        let client = settings.connect().await?;
        for setting in ["fsync", "synchronous_commit"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            ensure!(
                row.get::<_, &str>(0) == "on",
                "{setting} is not on: commits are not durable"
            );
        }
        let commits = commits_per_second(&client).await?;
        let messages = messages_per_second(&settings).await?;
        fill(&client).await?;
        let commits_of_many = commits_per_second(&client).await?;
        let messages_of_many = messages_per_second(&settings).await?;
        let ratio = |messages: f64, commits: f64| (messages / commits * 10.0).round() / 10.0;
        Ok(QueueFigures {
            lanes: LANES,
            messages_per_second: messages as u64,
            commits_per_second: commits as u64,
            messages_per_second_of_300000: messages_of_many as u64,
            commits_per_second_of_300000: commits_of_many as u64,
            messages_per_commit: ratio(messages, commits),
            messages_per_commit_of_300000: ratio(messages_of_many, commits_of_many),
            optimised: !cfg!(debug_assertions),
        })
    })
    .await
}

async fn commits_per_second(client: &tokio_postgres::Client) -> anyhow::Result<f64> {
    client
        .batch_execute("CREATE TABLE IF NOT EXISTS bare_commits (number bigint)")
        .await?;
    let insert = client.prepare("INSERT INTO bare_commits VALUES (1)").await?;
    let (start, mut commits) = (Instant::now(), 0_u32);
    while start.elapsed() < COMMITS_FOR {
        client.execute(&insert, &[]).await?;
        commits += 1;
    }
    Ok(f64::from(commits) / start.elapsed().as_secs_f64())
}

/// Puts messages on the queue, in turns by ingestion.
async fn fill(client: &tokio_postgres::Client) -> anyhow::Result<()> {
    const FILL: &str = "
        INSERT INTO queue_messages (queue, body, message_key, ingestion_id, turn, not_before)
        SELECT $1, replace(replace($2, '424242', number::text), '535353', (number % $3 + 1)::text),
               'identify_album:' || number, number % $3 + 1, number / $3, NULL
        FROM generate_series(1, $4::bigint) AS number";
    let body = envelope(424_242, 535_353).body();
    client
        .execute(FILL, &[&QUEUE.as_str(), &body, &INGESTIONS, &WAITING])
        .await?;
    Ok(client.batch_execute("VACUUM ANALYZE queue_messages").await?)
}

fn envelope(album: i64, ingestion: i64) -> Envelope {
    let album_id = AlbumId(album);
    Envelope::requested(Message::IdentifyAlbum { album_id }, None).awaited_by(&[IngestionId(ingestion)])
}

/// Sends [`MESSAGES`] messages while the lanes handle as many.
async fn messages_per_second(settings: &DatabaseSettings) -> anyhow::Result<f64> {
    let pool = Pool::new(settings, LANES + 1)?;
    let worker = Worker {
        pool: pool.clone(),
        queues: Queues::postgres(pool),
        queue: QUEUE,
        name: "identify",
        concurrency: BATCH_SIZE,
    };
    let handled = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let lanes: Vec<_> = (0..LANES)
        .map(|_| tokio::spawn(work(worker.clone(), Arc::clone(&handled))))
        .collect();
    for first in (0..MESSAGES).step_by(BATCH_SIZE) {
        let bodies: Vec<String> = (first..first + BATCH_SIZE)
            .map(|number| envelope(number as i64, (first / BATCH_SIZE) as i64 % INGESTIONS + 1).body())
            .collect();
        worker.queues.send(QUEUE, &bodies).await?;
    }
    for lane in lanes {
        lane.await??;
    }
    Ok(handled.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

/// Receives and handles messages by tens until as many are handled as were sent.
async fn work(worker: Worker, handled: Arc<AtomicUsize>) -> anyhow::Result<()> {
    let receive = ReceiveOptions {
        limit: BATCH_SIZE as i64,
        visibility: Duration::from_secs(360),
        wait: Duration::from_millis(100),
        max_receive_count: MAX_RECEIVE_COUNT,
    };
    while handled.load(Ordering::Relaxed) < MESSAGES {
        let deliveries = worker.queues.receive(QUEUE, &receive).await?;
        let count = deliveries.len();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let again = worker
            .handle(deliveries, deadline, async |_, _| Ok(Outcome::Done))
            .await?;
        ensure!(again.is_empty(), "a message was not taken off the queue");
        handled.fetch_add(count, Ordering::Relaxed);
    }
    Ok(())
}
