//! Measures how many messages a second go through the queue in Postgres from end to end: they are sent by
//! tens, received by tens, handled by a handler that does nothing, and taken off the queue. The baseline is
//! the number of durable commits a second of the same Postgres, one after the other.
//!
//! The speed of a disk changes within seconds. So both are measured in turns, for the same short time each,
//! and the result is the median of all turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;
use shared::domain::ids::{AlbumId, IngestionId};
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::platform::db::{DatabaseSettings, Pool};
use shared::work::queue::{BATCH_SIZE, MAX_RECEIVE_COUNT, Queues, ReceiveOptions};
use shared::work::worker::{OpenStarts, Worker};
use tokio::sync::Semaphore;

use crate::clusters::{create_database, on_own_postgres};

const QUEUE: QueueName = QueueName::Identification;
/// Messages that wait on the long queue all the time.
const WAITING: i64 = 300_000;
/// Ingestions that the messages belong to.
const INGESTIONS: i64 = 50;
/// Workers of the queue, as on one machine.
const LANES: usize = 4;
/// How long each of the two is measured in a turn.
const TURN: Duration = Duration::from_millis(500);
/// Turns before those that count. They open the connections and plan the statements.
const WARM_UP_TURNS: usize = 4;
/// Turns of which the medians are taken.
const TURNS: usize = 21;

/// Messages and commits per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct QueueFigures {
    /// Workers that receive by tens.
    lanes: usize,
    /// While nothing else waits.
    none_waiting: QueueSpeed,
    /// While [`WAITING`] others wait.
    many_waiting: QueueSpeed,
    /// Whether this is an optimised build.
    optimised: bool,
}

/// The speed of the queue and of its baseline. Each figure is a median.
#[derive(Debug, Clone, Copy, Serialize)]
struct QueueSpeed {
    /// Other messages that wait on the queue all the time.
    waiting: i64,
    /// Messages per second from end to end.
    messages_per_second: u64,
    /// Durable commits per second, by one connection.
    commits_per_second: u64,
    /// Messages for each bare commit of the same turn; the goal is at least 4.
    messages_per_commit: f64,
}

/// Measures on a Postgres of its own, which is stopped and removed at the end.
///
/// # Errors
/// If Postgres cannot be started, its commits are not durable, or a statement fails.
pub(crate) async fn measure_queue() -> anyhow::Result<QueueFigures> {
    on_own_postgres(async |url: &str| {
        let settings = create_database(url, "queue").await?;
        let client = settings.connect().await?;
        client
            .batch_execute("CREATE TABLE bare_commits (number bigint)")
            .await?;
        for setting in ["fsync", "synchronous_commit"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            ensure!(
                row.get::<_, &str>(0) == "on",
                "{setting} is not on: commits are not durable"
            );
        }
        let none_waiting = measure_speed(&settings, &client, 0).await?;
        fill(&client).await?;
        let many_waiting = measure_speed(&settings, &client, WAITING).await?;
        Ok(QueueFigures {
            lanes: LANES,
            none_waiting,
            many_waiting,
            optimised: !cfg!(debug_assertions),
        })
    })
    .await
}

async fn measure_speed(
    settings: &DatabaseSettings,
    client: &tokio_postgres::Client,
    waiting: i64,
) -> anyhow::Result<QueueSpeed> {
    let pool = Pool::new(settings, LANES + 1)?;
    let worker = Worker {
        pool: pool.clone(),
        queues: Queues::postgres(pool),
        queue: QUEUE,
        name: "identify",
        concurrency: BATCH_SIZE,
        open_starts: OpenStarts::default(),
    };
    let mut turns = Vec::new();
    for _ in 0..WARM_UP_TURNS + TURNS {
        let commits = commits_per_second(client).await?;
        turns.push((messages_per_second(&worker).await?, commits));
    }
    let turns = turns.split_off(WARM_UP_TURNS);
    let ratio = median(turns.iter().map(|(messages, commits)| messages / commits));
    Ok(QueueSpeed {
        waiting,
        messages_per_second: median(turns.iter().map(|(messages, _)| *messages)) as u64,
        commits_per_second: median(turns.iter().map(|(_, commits)| *commits)) as u64,
        messages_per_commit: (ratio * 10.0).round() / 10.0,
    })
}

/// The middle one of an odd number of figures.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn commits_per_second(client: &tokio_postgres::Client) -> anyhow::Result<f64> {
    let insert = client.prepare("INSERT INTO bare_commits VALUES (1)").await?;
    let (start, mut commits) = (Instant::now(), 0_u32);
    while start.elapsed() < TURN {
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

/// The messages of a turn.
struct TurnMessages {
    /// How many may still be sent, so that the lanes have no long work left at the end of the turn.
    room: Semaphore,
    is_over: AtomicBool,
}

/// Sends messages for the time of a turn while the lanes handle them.
async fn messages_per_second(worker: &Worker) -> anyhow::Result<f64> {
    let messages = Arc::new(TurnMessages {
        room: Semaphore::new(2 * LANES * BATCH_SIZE),
        is_over: AtomicBool::new(false),
    });
    let start = Instant::now();
    let lanes: Vec<_> = (0..LANES)
        .map(|_| tokio::spawn(work(worker.clone(), Arc::clone(&messages))))
        .collect();
    let mut sent = 0;
    while start.elapsed() < TURN {
        messages.room.acquire_many(BATCH_SIZE as u32).await?.forget();
        let ingestion = (sent / BATCH_SIZE) as i64 % INGESTIONS + 1;
        let bodies = (sent..sent + BATCH_SIZE).map(|number| envelope(number as i64, ingestion).body());
        let bodies: Vec<String> = bodies.collect();
        worker.queues.send(QUEUE, &bodies).await?;
        sent += BATCH_SIZE;
    }
    // All of them are handled when there is room for as many as at first.
    let all = messages
        .room
        .acquire_many((2 * LANES * BATCH_SIZE) as u32)
        .await?;
    let elapsed = start.elapsed();
    all.forget();
    messages.is_over.store(true, Ordering::Relaxed);
    for lane in lanes {
        lane.await??;
    }
    Ok(sent as f64 / elapsed.as_secs_f64())
}

/// Receives and handles messages by tens until the turn is over.
async fn work(worker: Worker, messages: Arc<TurnMessages>) -> anyhow::Result<()> {
    let receive = ReceiveOptions {
        limit: BATCH_SIZE as i64,
        visibility: Duration::from_secs(360),
        wait: Duration::from_millis(20),
        max_receive_count: MAX_RECEIVE_COUNT,
    };
    while !messages.is_over.load(Ordering::Relaxed) {
        let deliveries = worker.queues.receive(QUEUE, &receive).await?;
        let count = deliveries.len();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let again = worker
            .handle(deliveries, deadline, async |_, _| Ok(Outcome::Done))
            .await?;
        ensure!(again.is_empty(), "a message was not taken off the queue");
        messages.room.add_permits(count);
    }
    Ok(())
}
