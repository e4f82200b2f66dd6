//! The whole system through a pooler, from the request to the answer, with several instances at once.

use api::Context;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::future::join_all;
use integration::{Database, EVERY_SOURCE, Machine, bootstrap, database, make_key, pool};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;
use shared::platform::db::{Pool, Statements};
use tower::ServiceExt as _;

use crate::pgbouncer::Pooler;

/// The number of connections of a function on Lambda.
const CONNECTIONS: usize = 2;
/// Fewer than the clients, so that they share connections.
const SERVER_CONNECTIONS: usize = 3;

fn router(pool: &Pool) -> Router {
    let bootstrap = bootstrap(pool, api::SETTINGS, EVERY_SOURCE);
    api::router(Context::new(&bootstrap))
}

/// A key with all scopes.
async fn owner(database: &Database) -> String {
    make_key(&database.pool, "owner", Scope::ALL).await.1
}

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX);
    (status, serde_json::from_slice(&body.await.unwrap()).unwrap())
}

async fn get(router: &Router, path: &str, key: &str) -> Value {
    let request = Request::get(path).header("authorization", format!("Bearer {key}"));
    let (status, body) = send(router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// Requests the ingestion of every artist of the stand-ins; gives its path.
async fn request_ingestion(router: &Router, stand_ins: &StandIns, key: &str) -> String {
    let artists = stand_ins.artists();
    let what: Vec<_> = artists.iter().map(|artist| artist.id.as_str()).collect();
    let request = Request::post("/v1/ingestions")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    let body = Body::from(json!({ "what": what }).to_string());
    let (status, body) = send(router, request.body(body).unwrap()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    body["url"].as_str().unwrap().to_owned()
}

/// An instance of every function with this many connections. Sweep has two of its own: with queues in
/// Postgres it sends over the second one while its transaction is open.
fn instance(url: &str, connections: usize, stand_ins: &StandIns) -> (Database, Machine) {
    let database = Database {
        url: url.to_owned(),
        pool: pool(url, Statements::Unnamed, connections),
    };
    let mut machine = Machine::new(&database, stand_ins);
    let pool = pool(url, Statements::Unnamed, 2);
    machine.sweep = sweep::Context::new(&bootstrap(&pool, sweep::SETTINGS, EVERY_SOURCE));
    (database, machine)
}

async fn assert_nothing_failed(database: &Database) {
    let issues = "SELECT message FROM worker_issues";
    assert_eq!(database.texts(issues).await, [""; 0]);
    let errors = "SELECT COALESCE(sum(error_count), 0)::bigint FROM queue_metrics";
    assert_eq!(database.count(errors).await, 0, "messages failed");
}

/// A path for every read endpoint of the API.
async fn api_paths(database: &Database, ingestion: String) -> Vec<String> {
    let first = async |table: &str| database.count(&format!("SELECT min(id) FROM {table}")).await;
    let producer = database
        .count("SELECT producer_id FROM track_producers GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
        .await;
    let (artist, track) = (first("artists").await, first("tracks").await);
    vec![
        "/v1/health".to_owned(),
        ingestion,
        "/v1/producers?q=rick+rubbin".to_owned(),
        format!("/v1/producers/{producer}"),
        format!("/v1/producers/{producer}/tracks"),
        format!("/v1/producers/{producer}/collaborations"),
        format!("/v1/artists/{artist}/producers"),
        format!("/v1/tracks/{track}"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_of_the_demo_is_the_same_as_without_a_pooler() {
    let stand_ins = StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap();
    let expected = database().await;
    let machine = Machine::new(&expected, &stand_ins);
    request_ingestion(&router(&expected.pool), &stand_ins, &owner(&expected).await).await;
    machine.drain(&expected).await;

    let direct = database().await;
    let pooler = Pooler::before(&direct.url, SERVER_CONNECTIONS).await;
    let api = router(&pool(&pooler.url, Statements::Unnamed, CONNECTIONS));
    let key = owner(&direct).await;
    let ingestion = request_ingestion(&api, &stand_ins, &key).await;
    let instances: Vec<_> = (0..4)
        .map(|_| instance(&pooler.url, CONNECTIONS, &stand_ins))
        .collect();
    join_all(
        instances
            .iter()
            .map(|(database, machine)| machine.drain(database)),
    )
    .await;
    let servers = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid()";
    assert_eq!(direct.count(servers).await, SERVER_CONNECTIONS as i64);
    assert_nothing_failed(&direct).await;
    assert_eq!(direct.fingerprint().await, expected.fingerprint().await);

    let rollup_pool = pool(&pooler.url, Statements::Unnamed, 1);
    let rollup = rollup::Context::new(&bootstrap(&rollup_pool, rollup::SETTINGS, &[]));
    assert!(rollup::handle(&rollup).await.unwrap() > 0);
    let without = router(&direct.pool);
    for path in api_paths(&direct, ingestion).await {
        assert_eq!(
            get(&api, &path, &key).await,
            get(&without, &path, &key).await,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_suffices_for_each_function_but_sweep() {
    let mut catalog = Catalog::real().unwrap();
    catalog.artists.truncate(4);
    let kept = catalog.artists.clone();
    catalog.albums.retain(|album| kept.contains(&album.artists[0]));
    let stand_ins = StandIns::start(catalog, StandInOptions::default()).await.unwrap();
    let expected = database().await;
    request_ingestion(&router(&expected.pool), &stand_ins, &owner(&expected).await).await;
    let machine = Machine::new(&expected, &stand_ins);
    machine.drain(&expected).await;

    let direct = database().await;
    let pooler = Pooler::before(&direct.url, SERVER_CONNECTIONS).await;
    let api = router(&pool(&pooler.url, Statements::Unnamed, 1));
    request_ingestion(&api, &stand_ins, &owner(&direct).await).await;
    let (database, machine) = instance(&pooler.url, 1, &stand_ins);
    machine.drain(&database).await;
    assert_nothing_failed(&direct).await;
    assert_eq!(direct.fingerprint().await, expected.fingerprint().await);
}
