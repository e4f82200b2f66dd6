//! A database that refuses connections, does not answer, or does not accept the password: requests get an
//! error, messages wait, and all of them are handled when the database is available.

use std::time::Duration;

use emulator::{ApiGateway, EventSource, Stack};
use integration::upstream::Upstream;
use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::batches::give_album;
use crate::gate::Gate;
use crate::stage::{Setting, key, stack, until};

/// More failed invocations than a message has attempts.
const MORE_THAN_ATTEMPTS: u64 = 7;

/// A stack whose functions cannot use their database at first.
struct DatabaseOutage {
    upstream: Upstream,
    database: Database,
    stack: Stack,
    key: String,
}

impl DatabaseOutage {
    /// A stack whose functions connect to the database at this URL.
    async fn at(database: Database, url: &str) -> Self {
        let upstream = Upstream::start().await;
        let stack = stack(url, &Setting::with_upstream(&upstream)).await;
        Self {
            upstream,
            key: key(&database).await,
            database,
            stack,
        }
    }

    /// Sends three messages and lets ingest handle them until this many invocations have failed. Each fails
    /// as a whole, so that its alarm rings.
    async fn ingest_without_database(&self, time_out: Duration, failures: u64) -> EventSource {
        for id in ["DbA", "DbB", "DbC"] {
            let body = give_album(&self.upstream, id);
            self.stack.send("CatalogQueue", &body).await.unwrap();
        }
        let mut function = self.stack.function("ingest").unwrap();
        function.time_out = time_out;
        let source = self.stack.start_event_source(&function).await.unwrap();
        until("the invocations fail", async || {
            source.counts().failed_events >= failures
        })
        .await;
        assert_eq!(source.counts().reported, 0);
        assert_eq!(self.stack.count("CatalogQueue").await.unwrap(), 3);
        source
    }

    async fn assert_all_are_handled(&self) {
        let albums = "SELECT count(*) FROM albums";
        until("the albums are stored", async || {
            self.database.count(albums).await == 3 && self.stack.count("CatalogQueue").await.unwrap() == 0
        })
        .await;
        assert_eq!(self.stack.count("CatalogDeadLetterQueue").await.unwrap(), 0);
        let issues = "SELECT message FROM worker_issues";
        assert_eq!(self.database.texts(issues).await, [""; 0]);
        let attempts = "SELECT message_key FROM message_attempts";
        assert_eq!(self.database.texts(attempts).await, [""; 0]);
    }

    /// The API responds with an error before the time limit of its function, which the emulator enforces.
    async fn assert_api_is_unavailable(&self) -> ApiGateway {
        let front = ApiGateway::start(self.stack.start("api").await.unwrap())
            .await
            .unwrap();
        let (status, retry_after) = search(&front, &self.key).await;
        assert_eq!((status, retry_after), (503, true));
        front
    }
}

/// The status of a request that needs the database, and whether the response says when to try again.
async fn search(front: &ApiGateway, key: &str) -> (u16, bool) {
    let http = shared::platform::http::client("e2e").unwrap();
    let response = http
        .get(format!("{}/v1/producers?q=a", front.url))
        .bearer_auth(key)
        .send()
        .await
        .unwrap();
    let retry_after = response.headers().contains_key("retry-after");
    (response.status().as_u16(), retry_after)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_connections_loses_nothing() {
    let database = database().await;
    let (mut gate, url) = Gate::before(&database.url).await;
    let scene = DatabaseOutage::at(database, &url).await;
    let front = scene.assert_api_is_unavailable().await;
    let _source = scene
        .ingest_without_database(Duration::from_secs(20), MORE_THAN_ATTEMPTS)
        .await;
    gate.open().await;
    scene.assert_all_are_handled().await;
    assert_eq!(search(&front, &scene.key).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_loses_nothing() {
    let database = database().await;
    let (mut gate, url) = Gate::before(&database.url).await;
    gate.hang().await;
    let scene = DatabaseOutage::at(database, &url).await;
    let front = scene.assert_api_is_unavailable().await;
    let _source = scene.ingest_without_database(Duration::from_secs(60), 2).await;
    gate.open().await;
    scene.assert_all_are_handled().await;
    assert_eq!(search(&front, &scene.key).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_accept_the_password_loses_nothing() {
    let database = database().await;
    let (login, server) = database.url.split_once('@').unwrap();
    let (user, _) = login.rsplit_once(':').unwrap();
    let url = format!("{user}:wrong@{server}");
    let right_url = database.url.clone();
    let scene = DatabaseOutage::at(database, &url).await;
    scene.assert_api_is_unavailable().await;
    let source = scene
        .ingest_without_database(Duration::from_secs(20), MORE_THAN_ATTEMPTS)
        .await;
    for instance in &source.instances {
        assert!(
            !instance.output().join("\n").contains("wrong"),
            "a password was logged"
        );
    }
    drop(source);
    // After an update of the stack with the right secret, the functions start again with the same queues.
    let mut function = scene.stack.function("ingest").unwrap();
    for (name, value) in &mut function.environment {
        if name == "DATABASE_URL" {
            value.clone_from(&right_url);
        }
    }
    let _source = scene.stack.start_event_source(&function).await.unwrap();
    scene.assert_all_are_handled().await;
}
