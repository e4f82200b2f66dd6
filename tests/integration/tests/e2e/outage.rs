//! A long outage of the database in the middle of an ingestion. A minute lasts a second here: the outage of
//! twenty minutes, and the twelve minutes for which the template hides a message that was received.

use std::time::{Duration, Instant};

use emulator::ApiGateway;
use integration::database;
use linernotes::demo;
use pretty_assertions::assert_eq;

use crate::gate::Gate;
use crate::run::{
    Progress, assert_no_dead_letters, fingerprint_of_one_machine, request, start_sources, sweep,
    wait_until_nothing_is_left, watch,
};
use crate::stage::{Setting, stack, until};

const OUTAGE: Duration = Duration::from_secs(20);
const VISIBILITY: Duration = Duration::from_secs(12);
/// More failed invocations than a message has attempts.
const MORE_THAN_ATTEMPTS: u64 = 7;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_twenty_minutes_in_the_middle_of_an_ingestion_loses_nothing() {
    let progress = Progress(Instant::now());
    let expected = fingerprint_of_one_machine().await;
    let database = database().await;
    let (mut gate, url) = Gate::before(&database.url).await;
    gate.open().await;
    let stand_ins = demo::start().await.unwrap();
    let setting = Setting {
        visibility: Some(VISIBILITY),
        ..Setting::with_stand_ins(&stand_ins)
    };
    let stack = stack(&url, &setting).await;
    let api = stack.start("api").await.unwrap();
    let front = ApiGateway::start(api).await.unwrap();
    let sources = start_sources(&stack).await;
    let sweeping = sweep(&stack).await;
    let page = request(&front, &database, &stand_ins, &progress).await;
    until("the first albums are stored", async || {
        database.count("SELECT count(*) FROM albums").await > 2
    })
    .await;

    gate.close().await;
    progress.say("the database is away");
    tokio::time::sleep(OUTAGE).await;
    let failed_events: u64 = sources.iter().map(|source| source.counts().failed_events).sum();
    progress.say(&format!("{failed_events} invocations have failed"));
    assert!(failed_events > MORE_THAN_ATTEMPTS, "the alarms ring");
    let open = "SELECT count(*) FROM ingestion_tasks WHERE outcome IS NULL";
    assert!(database.count(open).await > 0, "the outage is in the middle");
    gate.open().await;
    progress.say("the database is there again");

    watch(&progress, &page).await;
    wait_until_nothing_is_left(&stack, &database).await;
    assert_no_dead_letters(&stack, &database).await;
    let attempts = "SELECT message_key FROM message_attempts";
    assert_eq!(database.texts(attempts).await, [""; 0]);
    assert_eq!(database.fingerprint().await, expected);
    progress.say("the fingerprint is that of one machine");
    sweeping.abort();
}
