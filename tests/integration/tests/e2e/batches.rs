//! Malformed events for the functions behind the queues, as Lambda would send them: each is handled as
//! specified, and no message is lost.

use emulator::{InvocationResult, Stack, http_event, schedule_event, sqs_event};
use integration::records::{album, artist, spotify_id, track};
use integration::upstream::Upstream;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::Envelope;

use crate::stage::{Setting, invoke, receive, stack};

/// The functions behind queues, and those behind schedules.
const QUEUED: [&str; 3] = ["ingest", "identify", "enrich"];
const SCHEDULED: [&str; 2] = ["sweep", "rollup"];
const ARN: &str = "arn:aws:sqs:us-east-1:123456789012:e2e";

struct Scene {
    upstream: Upstream,
    database: Database,
    stack: Stack,
}

impl Scene {
    async fn new() -> Self {
        let (upstream, database) = (Upstream::start().await, database().await);
        let stack = stack(&database.url, &Setting::with_upstream(&upstream)).await;
        Self {
            upstream,
            database,
            stack,
        }
    }
}

/// Adds an album to Spotify. Returns the body of the message that ingests it.
pub(crate) fn give_album(upstream: &Upstream, id: &str) -> String {
    let artist = artist("Artist", "Somebody");
    let tracks = vec![track(&format!("{id}t"), 1, "Song", &[&artist])];
    upstream.give_album(&album(id, &format!("Album {id}"), &[&artist], tracks));
    let message = integration::scene::ingest_album(&spotify_id(id));
    serde_json::to_string(&Envelope::requested(message, None)).unwrap()
}

fn assert_failed(answer: &InvocationResult, case: &str) {
    assert!(
        matches!(answer, InvocationResult::Failed(_)),
        "{case}: {answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_kind_fails_as_a_whole_and_the_next_one_is_handled() {
    let scene = Scene::new().await;
    let message = json!({"MessageId": "m1", "ReceiptHandle": "r1", "Body": "{}", "Attributes": {}});
    let sqs = sqs_event(ARN, &[message]);
    let empty = json!({"Records": []});
    for binary in QUEUED {
        let function = scene.stack.start(binary).await.unwrap();
        for event in [schedule_event(), json!({}), json!([]), json!("text")] {
            assert_failed(&function.invoke(&event).await.unwrap(), binary);
        }
        let answer = invoke(&function, &empty).await;
        assert_eq!(answer, json!({"batchItemFailures": []}), "{binary}");
    }
    let api = scene.stack.start("api").await.unwrap();
    for event in [schedule_event(), sqs] {
        assert_failed(&api.invoke(&event).await.unwrap(), "api");
    }
    let health = http_event("GET", "/v1/health", &[].into(), None);
    assert_eq!(invoke(&api, &health).await["statusCode"], 200);
    for binary in SCHEDULED {
        let function = scene.stack.start(binary).await.unwrap();
        assert_failed(&function.invoke(&json!([])).await.unwrap(), binary);
        invoke(&function, &schedule_event()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_messages_only_the_unreadable_one_is_discarded() {
    let scene = Scene::new().await;
    let mut bodies: Vec<String> = (0..9)
        .map(|number| give_album(&scene.upstream, &format!("Ten{number}")))
        .collect();
    bodies.insert(4, "{\"kind\":".to_owned());
    for body in &bodies {
        scene.stack.send("CatalogQueue", body).await.unwrap();
    }
    let messages = receive(&scene.stack, "CatalogQueue").await;
    assert_eq!(messages.len(), 10);
    let ingest = scene.stack.start("ingest").await.unwrap();
    let answer = invoke(&ingest, &sqs_event(ARN, &messages)).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let albums = "SELECT count(*) FROM albums";
    assert_eq!(scene.database.count(albums).await, 9);
    let dead = receive(&scene.stack, "CatalogDeadLetterQueue").await;
    let dead: Vec<&Value> = dead.iter().map(|message| &message["Body"]).collect();
    assert_eq!(dead, [&bodies[4]]);
    let issues = "SELECT issue_type || ' ' || fingerprint FROM worker_issues";
    assert_eq!(scene.database.texts(issues).await, ["discarded unreadable"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_a_message_without_an_id_fails_before_any_is_handled() {
    let scene = Scene::new().await;
    for id in ["IdA", "IdB"] {
        let body = give_album(&scene.upstream, id);
        scene.stack.send("CatalogQueue", &body).await.unwrap();
    }
    let messages = receive(&scene.stack, "CatalogQueue").await;
    let mut event = sqs_event(ARN, &messages);
    let record = event["Records"][1].as_object_mut().unwrap();
    record.remove("messageId");
    let ingest = scene.stack.start("ingest").await.unwrap();
    assert_failed(&ingest.invoke(&event).await.unwrap(), "ingest");
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 0);
    assert_eq!(scene.stack.count("CatalogQueue").await.unwrap(), 2);
    assert_eq!(scene.stack.count("CatalogDeadLetterQueue").await.unwrap(), 0);
}
