//! The whole system: an empty database is migrated, the artists of the demo are requested over HTTP, and
//! every message goes through SQS and the binary of a function. The resulting rows are the same as on one
//! machine.

use std::cell::Cell;
use std::time::{Duration, Instant};

use emulator::{ApiGateway, EventSource, Stack, schedule_event};
use integration::{Database, database, empty_database, settings};
use linernotes::demo::{self, StandIns};
use linernotes::system;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::platform::config::{Config, VARIABLES};
use shared::platform::db::Pool;
use shared::store::catalog::fingerprint::Fingerprint;
use shared::upstreams::Clients;
use shared::work::ingestion_requests::{self, IngestionRequest};
use tokio::task::JoinHandle;

use crate::stage::{Setting, invoke, key, receive, stack, until};

/// Shorter than the minute of the schedule, which would take most of the run.
const SWEEP_EVERY: Duration = Duration::from_secs(2);
const SHOW_EVERY: Duration = Duration::from_secs(3);
const QUEUES: [&str; 3] = ["CatalogQueue", "IdentificationQueue", "EnrichmentQueue"];
const DEAD_LETTER_QUEUES: [&str; 3] = [
    "CatalogDeadLetterQueue",
    "IdentificationDeadLetterQueue",
    "EnrichmentDeadLetterQueue",
];

/// The functions behind the queues.
pub(crate) const QUEUED: [&str; 3] = ["ingest", "identify", "enrich"];

/// The address of an ingestion, and the key that may see it.
pub(crate) struct IngestionPage {
    url: String,
    key: String,
}

/// Prints the progress of a test, with the time since its start.
pub(crate) struct Progress(pub(crate) Instant);

impl Progress {
    pub(crate) fn say(&self, text: &str) {
        eprintln!("e2e {:5.1} s  {text}", self.0.elapsed().as_secs_f64());
    }
}

/// The artists of the demo, as they are requested.
fn ids(stand_ins: &StandIns) -> Vec<String> {
    let artists = stand_ins.artists().iter();
    artists
        .map(|artist| format!("spotify:artist:{}", artist.id))
        .collect()
}

/// What `linernotes demo` stores: the same request, on one machine.
pub(crate) async fn fingerprint_of_one_machine() -> Fingerprint {
    let database = database().await;
    let stand_ins = demo::start().await.unwrap();
    let config = Config::read(VARIABLES, |name| {
        let value = match name {
            "SPOTIFY_URL" => &stand_ins.spotify_url,
            "SPOTIFY_TOKEN_URL" => &stand_ins.spotify_token_url,
            "SPOTIFY_CLIENT_ID" => demo::SPOTIFY_CLIENT_ID,
            "SPOTIFY_CLIENT_SECRET" => demo::SPOTIFY_CLIENT_SECRET,
            "SPOTIFY_PER_SECOND" => "10",
            "MUSICBRAINZ_URL" => &stand_ins.musicbrainz_url,
            "MUSICBRAINZ_PER_SECOND" => "20",
            "CONTACT" => "https://linernotes.invalid/e2e",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let config = config.unwrap();
    let options = system::SystemOptions {
        sweep_every: Duration::from_secs(1),
        is_alone: true,
    };
    let clients = Clients::new(&config).unwrap();
    let system = system::System::start(&config, &database.pool, &clients, options)
        .await
        .unwrap();
    let request = IngestionRequest {
        what: ids(&stand_ins).iter().map(|what| what.parse().unwrap()).collect(),
        appears_on: false,
        fresh_after: None,
        api_key_id: None,
        idempotency_key: None,
    };
    ingestion_requests::submit(&database.pool, system.queues(), &request)
        .await
        .unwrap();
    until("one machine is done", async || is_done(&database).await).await;
    system.stop().await;
    database.fingerprint().await
}

async fn is_done(database: &Database) -> bool {
    let waiting = "SELECT count(*) FROM ingestion_tasks WHERE outcome IS NULL";
    let put_off = "SELECT count(*) FROM outgoing_messages";
    database.count(waiting).await == 0 && database.count(put_off).await == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artists_of_the_demo_are_ingested_by_the_deployed_binaries() {
    let progress = Progress(Instant::now());
    let expected = fingerprint_of_one_machine().await;
    progress.say("one machine has ingested the demo's artists, for comparison");

    let url = empty_database().await;
    let stand_ins = demo::start().await.unwrap();
    let stack = stack(&url, &Setting::with_stand_ins(&stand_ins)).await;
    progress.say("moto has the template's queues");
    let database = migrate(&stack, &url, &progress).await;

    let front = ApiGateway::start(stack.start("api").await.unwrap())
        .await
        .unwrap();
    let sources = start_sources(&stack).await;
    let sweeping = sweep(&stack).await;
    let page = request(&front, &database, &stand_ins, &progress).await;
    watch(&progress, &page).await;
    wait_until_nothing_is_left(&stack, &database).await;
    for (source, binary) in sources.iter().zip(QUEUED) {
        let counts = source.counts();
        progress.say(&format!(
            "{binary}: {} messages in {} events, {} of them retried",
            counts.messages, counts.events, counts.reported
        ));
        assert_eq!(counts.failed_events, 0, "{binary}");
    }
    assert_eq!(database.fingerprint().await, expected);
    progress.say("the fingerprint is that of one machine");
    assert_no_dead_letters(&stack, &database).await;
    assert_eq!(stand_ins.breaches(), [""; 0]);

    let rollup = stack.start("rollup").await.unwrap();
    invoke(&rollup, &schedule_event()).await;
    let hours = "SELECT count(*) FROM queue_metrics_hourly";
    assert!(database.count(hours).await > 0);
    poison(&stack, &database).await;
    progress.say("a poison message is among the dead letters, with its issue");
    sweeping.abort();
}

/// Starts the functions behind the queues.
pub(crate) async fn start_sources(stack: &Stack) -> Vec<EventSource> {
    let mut sources = Vec::new();
    for binary in QUEUED {
        let function = stack.function(binary).unwrap();
        sources.push(stack.start_event_source(&function).await.unwrap());
    }
    sources
}

/// Requests the artists of the demo over HTTP. Returns the URL of the ingestion.
pub(crate) async fn request(
    front: &ApiGateway,
    database: &Database,
    stand_ins: &StandIns,
    progress: &Progress,
) -> IngestionPage {
    let key = key(database).await;
    let http = shared::platform::http::client("e2e").unwrap();
    let response = http
        .post(format!("{}/v1/ingestions", front.url))
        .bearer_auth(&key)
        .json(&json!({ "what": ids(stand_ins) }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    progress.say(&format!(
        "{} artists were requested, see {location}",
        stand_ins.artists().len()
    ));
    IngestionPage {
        url: format!("{}{location}", front.url),
        key,
    }
}

/// Waits until all steps have ended and all queues are empty.
pub(crate) async fn wait_until_nothing_is_left(stack: &Stack, database: &Database) {
    until("nothing is left to do", async || is_done(database).await).await;
    for queue in QUEUES {
        until("the queues are empty", async || {
            stack.count(queue).await.unwrap() == 0
        })
        .await;
    }
}

/// Migrates an empty database, and then the up-to-date one again.
async fn migrate(stack: &Stack, url: &str, progress: &Progress) -> Database {
    let migrate = stack.start("migrate").await.unwrap();
    let migrated = invoke(&migrate, &json!({})).await;
    let applied = migrated["applied"].as_array().unwrap().len();
    assert!(applied > 0, "{migrated}");
    assert_eq!(migrated["version"], applied);
    let again = invoke(&migrate, &json!({})).await;
    assert_eq!(
        (&again["applied"], &again["version"]),
        (&json!([]), &migrated["version"])
    );
    progress.say(&format!("migrate has applied {applied} migrations"));
    Database {
        url: url.to_owned(),
        pool: Pool::new(&settings(url), 4).unwrap(),
    }
}

/// Runs sweep all the time, also after one that failed.
pub(crate) async fn sweep(stack: &Stack) -> JoinHandle<()> {
    let sweep = stack.start("sweep").await.unwrap();
    tokio::spawn(async move {
        loop {
            sweep.invoke(&schedule_event()).await.unwrap();
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    })
}

/// Prints the progress of the ingestion every few seconds until it is done.
pub(crate) async fn watch(progress: &Progress, page: &IngestionPage) {
    let http = shared::platform::http::client("e2e").unwrap();
    let shown = Cell::new(Instant::now());
    until("the ingestion has ended", async || {
        let request = http.get(&page.url).bearer_auth(&page.key);
        let page = request.send().await.unwrap();
        let page: Value = page.json().await.unwrap();
        let state = page["state"].as_str().unwrap();
        assert!(["waiting", "snoozed", "done"].contains(&state), "{page}");
        if shown.get().elapsed() > SHOW_EVERY || state == "done" {
            shown.set(Instant::now());
            progress.say(&format!("{state}: {}", stages(&page)));
        }
        state == "done"
    })
    .await;
}

fn stages(page: &Value) -> String {
    let stages = page["stages"].as_array().unwrap().iter();
    let stages = stages.map(|stage| {
        format!(
            "{} {} of {}",
            stage["stage"].as_str().unwrap(),
            stage["done"],
            total(stage)
        )
    });
    stages.collect::<Vec<_>>().join(", ")
}

fn total(stage: &Value) -> u64 {
    ["waiting", "done", "failed", "ambiguous"]
        .iter()
        .filter_map(|state| stage[state].as_u64())
        .sum()
}

pub(crate) async fn assert_no_dead_letters(stack: &Stack, database: &Database) {
    let issues = "SELECT message FROM worker_issues";
    assert_eq!(database.texts(issues).await, [""; 0]);
    for queue in DEAD_LETTER_QUEUES {
        assert_eq!(stack.count(queue).await.unwrap(), 0, "{queue}");
    }
}

async fn poison(stack: &Stack, database: &Database) {
    let body = "this is no message";
    stack.send("CatalogQueue", body).await.unwrap();
    until("the poison message is a dead letter", async || {
        stack.count("CatalogDeadLetterQueue").await.unwrap() == 1
            && stack.count("CatalogQueue").await.unwrap() == 0
    })
    .await;
    let dead = receive(stack, "CatalogDeadLetterQueue").await;
    assert_eq!(dead[0]["Body"], body);
    let issues = "SELECT worker_name || ' ' || issue_type || ' ' || fingerprint FROM worker_issues";
    until("the message has an issue", async || {
        !database.texts(issues).await.is_empty()
    })
    .await;
    assert_eq!(database.texts(issues).await, ["ingest discarded unreadable"]);
}
