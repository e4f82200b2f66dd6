//! One person's thousand albums do not starve another's single one. Time is counted in calls to the source.

use std::time::Duration;

use integration::records::{mbid, person, produced_by, recording, release};
use integration::upstream::Upstream;
use integration::waiting::wait_until;
use integration::{Database, database};
use linernotes::system::{System, SystemOptions};
use shared::domain::ids::{IngestionId, RequestedItem};
use shared::platform::config::{Config, VARIABLES};
use shared::store::work::ingestions::InsertedIngestion;
use shared::work::ingestion_requests::{self, IngestionRequest};

/// Albums that the first person asks for.
const ALBUMS: u64 = 1_000;
/// The first of these, which exist. There are more of them than are asked about during the test.
const EXISTING: u64 = 120;
/// The number of the single album, of its producer, and of its recording.
const SINGLE: u64 = 9_000;
/// Calls that are made before the single album is asked for.
const CALLS_BEFORE: usize = 20;
/// The most calls between the request for the single album and its last one.
const MOST_CALLS: usize = 20;

/// The system on one machine, which makes 20 calls a second to MusicBrainz alone: what it does between two
/// calls takes far less time.
async fn start(database: &Database, upstream: &Upstream) -> System {
    let config = Config::read(VARIABLES, |name| {
        let value = match name {
            "CONTACT" => "https://localhost/",
            "MUSICBRAINZ_URL" => &format!("{}/ws/2", upstream.url()),
            "MUSICBRAINZ_PER_SECOND" => "20",
            _ => return None,
        };
        Some(value.to_owned())
    })
    .unwrap();
    let clients = shared::upstreams::Clients::new(&config).unwrap();
    let options = SystemOptions {
        sweep_every: Duration::from_secs(1),
        is_alone: true,
    };
    System::start(&config, &database.pool, &clients, options)
        .await
        .unwrap()
}

/// Gives an album with one recording, which has a producer of its own.
fn give(upstream: &Upstream, number: u64) {
    let (artist, producer) = (
        person(1, "Artist"),
        person(10_000 + number, &format!("Producer {number}")),
    );
    let title = format!("Album {number}");
    let song = recording(20_000 + number, &title, &artist, vec![produced_by(&producer)]);
    upstream.give_release(&release(number, &title, &artist, &[&song]));
    upstream.give(&format!("/ws/2/artist/{}", mbid(10_000 + number)), producer);
}

async fn request(database: &Database, system: &System, numbers: impl Iterator<Item = u64>) -> IngestionId {
    let item = |number| format!("https://musicbrainz.org/release/{}", mbid(number));
    let what: Result<Vec<RequestedItem>, _> = numbers.map(|number| item(number).parse()).collect();
    let request = IngestionRequest {
        what: what.unwrap(),
        appears_on: false,
        fresh_after: None,
        api_key_id: None,
        idempotency_key: None,
    };
    let submitted = ingestion_requests::submit(&database.pool, system.queues(), &request).await;
    match submitted.unwrap() {
        InsertedIngestion::New(id) => id,
        other => panic!("the ingestion is not new: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_album_behind_a_thousand_is_done_after_at_most_20_calls() {
    let (database, upstream) = (database().await, Upstream::start().await);
    (1..=EXISTING)
        .chain([SINGLE])
        .for_each(|number| give(&upstream, number));
    let system = start(&database, &upstream).await;
    request(&database, &system, 1..=ALBUMS).await;
    wait_until("the thousand albums are under way", async || {
        upstream.calls("/ws/2") >= CALLS_BEFORE
    })
    .await;

    let id = request(&database, &system, [SINGLE].into_iter()).await;
    let calls_at_request = upstream.calls("/ws/2");
    let waiting =
        format!("SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {id} AND outcome IS NULL");
    wait_until("the single album is done", async || {
        database.count(&waiting).await == 0
    })
    .await;
    system.stop().await;

    let outcomes = format!("SELECT DISTINCT outcome::text FROM ingestion_tasks WHERE ingestion_id = {id}");
    assert_eq!(database.texts(&outcomes).await, ["done"]);
    let kinds = format!("SELECT kind FROM ingestion_tasks WHERE ingestion_id = {id} ORDER BY kind");
    assert_eq!(
        database.texts(&kinds).await,
        ["enrich_producer", "identify_album", "ingest_album"]
    );
    let last_calls = [
        format!("/ws/2/release/{}", mbid(SINGLE)),
        format!("/ws/2/artist/{}", mbid(10_000 + SINGLE)),
    ]
    .map(|path| upstream.calls_until_last(&path).unwrap());
    let further = last_calls.map(|calls| calls.saturating_sub(calls_at_request));
    assert!(further.iter().all(|calls| *calls <= MOST_CALLS), "{further:?}");
    let left = database.count("SELECT count(*) FROM queue_messages").await;
    assert!(left > 500, "the thousand albums still wait: {left}");
}
