//! Failures in the middle of work: an upstream that does not answer, a function that is killed, a queue that
//! accepts no messages, a message that always fails. No message is lost, and each dead letter has an issue.

use std::time::Duration;

use emulator::{ApiGateway, Stack, schedule_event, sqs_event};
use integration::records::spotify_id;
use integration::upstream::{Answer as UpstreamAnswer, Upstream};
use integration::{Database, database};
use linernotes::demo::{self, Catalog, StandIns};
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::messages::Envelope;

use crate::batches::give_album;
use crate::stage::{Setting, invoke, key, own_moto, receive, stack, stack_at, until};

/// Short, but long enough to begin a batch.
const VISIBILITY: Duration = Duration::from_secs(4);

/// A stack whose upstream withholds one album until the test releases it.
struct WithheldAlbum {
    stand_ins: StandIns,
    withheld: String,
    others: Vec<String>,
    database: Database,
    stack: Stack,
}

impl WithheldAlbum {
    async fn new() -> Self {
        let catalog = Catalog::real().unwrap();
        let mut albums = catalog.albums.iter().map(|album| album.id.clone());
        let (withheld, others) = (albums.next().unwrap(), albums.take(3).collect());
        let options = demo::StandInOptions {
            withheld_album: Some(withheld.clone()),
            ..demo::StandInOptions::default()
        };
        let stand_ins = StandIns::start(catalog, options).await.unwrap();
        let database = database().await;
        let setting = Setting {
            visibility: Some(VISIBILITY),
            ..Setting::with_stand_ins(&stand_ins)
        };
        let stack = stack(&database.url, &setting).await;
        Self {
            stand_ins,
            withheld,
            others,
            database,
            stack,
        }
    }

    async fn send(&self, spotify_album_id: &str) {
        let message = integration::scene::ingest_album(spotify_album_id);
        let body = serde_json::to_string(&Envelope::requested(message, None)).unwrap();
        self.stack.send("CatalogQueue", &body).await.unwrap();
    }

    /// The number of album requests to the stand-in for Spotify.
    fn calls(&self) -> u64 {
        let calls = self.stand_ins.calls();
        calls.spotify_by_kind.get("album").copied().unwrap_or(0)
    }

    async fn albums(&self) -> i64 {
        self.database.count("SELECT count(*) FROM albums").await
    }

    async fn count_dead_letters(&self) -> u64 {
        self.stack.count("CatalogDeadLetterQueue").await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_runs_out_of_time_reports_what_it_did_not_finish() {
    let scene = WithheldAlbum::new().await;
    scene.send(&scene.withheld).await;
    for id in &scene.others {
        scene.send(id).await;
    }
    let messages = receive(&scene.stack, "CatalogQueue").await;
    assert_eq!(messages.len(), 4);
    let slow = messages
        .iter()
        .find(|message| message["Body"].as_str().unwrap().contains(&scene.withheld))
        .unwrap();

    let mut function = scene.stack.function("ingest").unwrap();
    // A call is started if five seconds are left for it, and unfinished messages are reported three seconds
    // before the end. The emulator enforces the time limit.
    function.time_out = Duration::from_secs(14);
    let ingest = scene.stack.start_function(&function).await.unwrap();
    let answer = invoke(&ingest, &sqs_event("arn", &messages)).await;
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": slow["MessageId"]}]})
    );
    assert_eq!(scene.albums().await, 3, "{}", ingest.output().join("\n"));

    // The test deleted no message, so all of them are delivered again.
    scene.stand_ins.release_withheld();
    let _source = scene.stack.start_event_source(&function).await.unwrap();
    until("the remaining messages are done", async || {
        scene.albums().await == 4 && scene.stack.count("CatalogQueue").await.unwrap() == 0
    })
    .await;
    assert_eq!(scene.count_dead_letters().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_killed_in_the_middle_of_a_batch_loses_nothing() {
    let scene = WithheldAlbum::new().await;
    scene.send(&scene.withheld).await;
    scene.send(&scene.others[0]).await;
    let function = scene.stack.function("ingest").unwrap();
    let source = scene.stack.start_event_source(&function).await.unwrap();
    until("work has begun", async || {
        scene.calls() >= 2 && scene.albums().await == 1
    })
    .await;
    for instance in &source.instances {
        instance.kill_runtime().unwrap();
    }
    until("the batch has failed", async || {
        source.counts().failed_events >= 1
    })
    .await;
    scene.stand_ins.release_withheld();
    until("both albums are stored", async || {
        scene.albums().await == 2 && scene.stack.count("CatalogQueue").await.unwrap() == 0
    })
    .await;
    assert_eq!(scene.count_dead_letters().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_its_function_every_time_becomes_a_dead_letter_with_its_issue() {
    // From the fifth receipt on the starts are recorded. After three of them the function discards it.
    let kills = 7;
    let scene = WithheldAlbum::new().await;
    scene.send(&scene.withheld).await;
    let function = scene.stack.function("ingest").unwrap();
    let source = scene.stack.start_event_source(&function).await.unwrap();
    for attempt in 1..=kills {
        until("the message is being handled", async || scene.calls() >= attempt).await;
        for instance in &source.instances {
            instance.kill_runtime().unwrap();
        }
        until("the attempt has failed", async || {
            source.counts().failed_events >= attempt
        })
        .await;
    }
    until("the message is a dead letter", async || {
        scene.count_dead_letters().await == 1
    })
    .await;
    let dead = receive(&scene.stack, "CatalogDeadLetterQueue").await;
    assert!(dead[0]["Body"].as_str().unwrap().contains(&scene.withheld));
    assert_eq!(scene.stack.count("CatalogQueue").await.unwrap(), 0);
    assert_eq!(source.counts().messages, kills + 1);
    assert_eq!(issues(&scene.database).await, ["ingest discarded ingest_album"]);
}

async fn issues(database: &Database) -> Vec<String> {
    let issues = "SELECT worker_name || ' ' || issue_type || ' ' || fingerprint FROM worker_issues";
    database.texts(issues).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_always_fails_becomes_a_dead_letter_with_its_issue() {
    let (upstream, database) = (Upstream::start().await, database().await);
    let stack = stack(&database.url, &Setting::with_upstream(&upstream)).await;
    let body = give_album(&upstream, "Fails");
    let path = format!("/v1/albums/{}", spotify_id("Fails"));
    upstream.give(&path, UpstreamAnswer::new(200, "this is no album"));
    stack.send("CatalogQueue", &body).await.unwrap();
    let function = stack.function("ingest").unwrap();
    let source = stack.start_event_source(&function).await.unwrap();
    // At the fifth failure the function itself makes the message a dead letter, before it responds.
    until("the message is a dead letter", async || {
        stack.count("CatalogDeadLetterQueue").await.unwrap() == 1 && source.counts().messages == 5
    })
    .await;
    assert_eq!(source.counts().reported, 4);
    assert_eq!(issues(&database).await, ["ingest gave_up ingest_album"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_cannot_be_sent_with_wrong_credentials_are_sent_later() {
    let (upstream, database) = (Upstream::start().await, database().await);
    let moto = own_moto().await;
    let setting = Setting::with_upstream(&upstream);
    let stack = stack_at(&moto.url, &database.url, &setting).await;
    let front = ApiGateway::start(stack.start("api").await.unwrap())
        .await
        .unwrap();
    let sweep = stack.start("sweep").await.unwrap();
    let http = shared::platform::http::client("e2e").unwrap();
    // The functions read their secret before the credentials are refused.
    let health = http.get(format!("{}/v1/health", front.url)).send().await.unwrap();
    assert_eq!(health.status(), 200);
    invoke(&sweep, &schedule_event()).await;

    stack.aws.admit(false).await.unwrap();
    let request = http
        .post(format!("{}/v1/ingestions", front.url))
        .bearer_auth(key(&database).await)
        .json(&json!({"what": ["upc:602527291840"]}));
    assert_eq!(request.send().await.unwrap().status(), 202);
    let unsent = "SELECT count(*) FROM outgoing_messages";
    assert_eq!(database.count(unsent).await, 1);

    stack.aws.admit(true).await.unwrap();
    assert_eq!(stack.count("CatalogQueue").await.unwrap(), 0);
    until("sweep has sent the message", async || {
        invoke(&sweep, &schedule_event()).await;
        database.count(unsent).await == 0
    })
    .await;
    assert_eq!(stack.count("CatalogQueue").await.unwrap(), 1);
}
