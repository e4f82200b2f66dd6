//! A database that is not there, does not answer, or does not know the functions: requests are told so, messages wait,
//! and when it is there all of them are handled.

use std::time::{Duration, Instant};

use emulator::{ApiGateway, EventSource, Stack};
use integration::upstream::Upstream;
use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::batches::give_album;
use crate::gate::Gate;
use crate::stage::{Setting, stack, until};

/// As the template has it for a function that is asked over HTTP.
const API_TIME_OUT: Duration = Duration::from_secs(15);

struct Scene {
    upstream: Upstream,
    database: Database,
    stack: Stack,
}

impl Scene {
    /// Functions that are told that their database is at `url`.
    async fn at(database: Database, url: &str) -> Self {
        let upstream = Upstream::start().await;
        let setting = Setting {
            // They would be given up before the database is back.
            max_receive_count: Some(100),
            ..Setting::with_upstream(&upstream)
        };
        let stack = stack(url, &setting).await;
        Self {
            upstream,
            database,
            stack,
        }
    }

    /// Sends three messages and lets ingest have them, until all of them were reported as failed.
    async fn ingest_in_vain(&self, time_out: Duration) -> EventSource {
        for id in ["DbA", "DbB", "DbC"] {
            let body = give_album(&self.upstream, id);
            self.stack.send("CatalogQueue", &body).await.unwrap();
        }
        let mut function = self.stack.function("ingest").unwrap();
        function.time_out = time_out;
        let source = self.stack.start_event_source(&function).await.unwrap();
        until("the messages come back", async || source.counts().reported >= 3).await;
        let counts = source.counts();
        assert_eq!((counts.failed_events, counts.reported), (0, counts.messages));
        assert_eq!(self.stack.count("CatalogQueue").await.unwrap(), 3);
        source
    }

    async fn assert_all_arrive(&self) {
        let albums = "SELECT count(*) FROM albums";
        until("the albums arrive", async || {
            self.database.count(albums).await == 3 && self.stack.count("CatalogQueue").await.unwrap() == 0
        })
        .await;
        assert_eq!(self.stack.count("CatalogDeadLetterQueue").await.unwrap(), 0);
        let issues = "SELECT message FROM worker_issues";
        assert_eq!(self.database.texts(issues).await, [""; 0]);
    }

    async fn assert_api_says_so(&self) -> ApiGateway {
        let front = ApiGateway::start(self.stack.start("api").await.unwrap())
            .await
            .unwrap();
        let begun = Instant::now();
        let (status, retry_after) = ask(&front).await;
        assert_eq!((status, retry_after), (503, true));
        assert!(begun.elapsed() < API_TIME_OUT, "{:?}", begun.elapsed());
        front
    }
}

/// The status of a question that needs the database, and whether it was said when to ask again.
async fn ask(front: &ApiGateway) -> (u16, bool) {
    let http = shared::platform::http::client("e2e").unwrap();
    let response = http
        .get(format!("{}/v1/producers?q=a", front.url))
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
    let scene = Scene::at(database, &url).await;
    let front = scene.assert_api_says_so().await;
    let _source = scene.ingest_in_vain(Duration::from_secs(20)).await;
    gate.open().await;
    scene.assert_all_arrive().await;
    assert_eq!(ask(&front).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_loses_nothing() {
    let database = database().await;
    let (mut gate, url) = Gate::before(&database.url).await;
    gate.hang().await;
    let scene = Scene::at(database, &url).await;
    let front = scene.assert_api_says_so().await;
    let _source = scene.ingest_in_vain(Duration::from_secs(60)).await;
    gate.open().await;
    scene.assert_all_arrive().await;
    assert_eq!(ask(&front).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_know_the_password_loses_nothing() {
    let database = database().await;
    let (login, server) = database.url.split_once('@').unwrap();
    let (user, _) = login.rsplit_once(':').unwrap();
    let url = format!("{user}:wrong@{server}");
    let right_url = database.url.clone();
    let scene = Scene::at(database, &url).await;
    scene.assert_api_says_so().await;
    let source = scene.ingest_in_vain(Duration::from_secs(20)).await;
    for instance in &source.instances {
        assert!(
            !instance.said().join("\n").contains("wrong"),
            "a password was logged"
        );
    }
    drop(source);
    // As after an update of the stack with the right secret: the functions start anew, on the queues there are.
    let mut function = scene.stack.function("ingest").unwrap();
    for (name, value) in &mut function.environment {
        if name == "DATABASE_URL" {
            value.clone_from(&right_url);
        }
    }
    let _source = scene.stack.start_event_source(&function).await.unwrap();
    scene.assert_all_arrive().await;
}
