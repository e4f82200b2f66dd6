//! While a load into an empty catalog has dropped its keys, nobody else writes, and every part of the system
//! says so; also after the load was killed, until its keys are created.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use integration::failpoints::HeldStatement;
use integration::program::Program;
use integration::random::random;
use integration::{Database, EVERY_SOURCE, Machine, bootstrap, database, make_key};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Message, QueueName};
use shared::platform::api_keys::Scope;
use shared::store::loads::missing_keys;
use shared::store::loads::{dropped_keys, loaded_records};
use tower::ServiceExt as _;

use crate::dump::{dump, file, gzip, load, pool};
use crate::stopped::{MANY, expected_of_many, many, resumes};

/// The keys of all tables.
const KEYS: &str = "SELECT count(*) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')";

/// Statements on a table with a missing key each, which change no row.
const WRITES: [&str; 3] = [
    "INSERT INTO artists (name) SELECT 'A' WHERE false",
    "UPDATE track_producers SET confidence = 0 WHERE false",
    "DELETE FROM albums WHERE false",
];

/// The state by which each statement is refused; empty if it is not.
async fn refusals(database: &Database) -> Vec<String> {
    let client = database.client().await;
    let mut refusals = Vec::new();
    for write in WRITES {
        let result = client.execute(write, &[]).await;
        let refusal = result.err().and_then(|error| error.code().cloned());
        refusals.push(refusal.map(|state| state.code().to_owned()).unwrap_or_default());
    }
    refusals
}

/// Kills a load that has written a batch and writes the next one.
async fn kill_load(database: &Database, releases: &[String]) {
    let path = file("locked.xml.gz", &gzip(&dump(releases)));
    let held = HeldStatement::write_of_batch(database, &mut random(), 2).await;
    let program = Program::start(database, &["load", "discogs", path.to_str().unwrap()]);
    held.wait().await;
    program.kill().await;
    held.release_after_kill().await;
}

fn router(database: &Database) -> Router {
    let bootstrap = bootstrap(&database.pool, api::SETTINGS, EVERY_SOURCE);
    api::router(api::Context::new(&bootstrap))
}

async fn send(router: &Router, request: axum::http::request::Builder, body: String) -> (u16, Value) {
    let request = request
        .header("content-type", "application/json")
        .body(Body::from(body));
    let response = router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn get(router: &Router, path: &str) -> (u16, Value) {
    send(router, Request::get(path), String::new()).await
}

async fn confirm_a_credit(router: &Router, key: &str) -> (u16, Value) {
    let body = json!({"producer_id": 1, "verdict": "confirmed", "reason": "the booklet"});
    let request = Request::post("/v1/tracks/1/verdicts").header(AUTHORIZATION, format!("Bearer {key}"));
    send(router, request, body.to_string()).await
}

async fn output_of(database: &Database, arguments: &[&str]) -> String {
    let exit = Program::start(database, arguments).exit().await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    exit.stdout + &exit.stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_load_keeps_others_out_until_its_keys_are_created() {
    let releases = many(MANY);
    let database = database().await;
    let keys = database.count(KEYS).await;
    kill_load(&database, &releases).await;
    assert!(database.count(KEYS).await < keys);
    assert_eq!(refusals(&database).await, ["LN001"; 3]);

    let router = router(&database);
    let (_, key) = make_key(&database.pool, "a test", &[Scope::Write]).await;
    assert_eq!(get(&router, "/v1/health").await.0, 200);
    assert_eq!(get(&router, "/v1/tracks/1").await.0, 200);
    let (status, problem) = get(&router, "/v1/ready").await;
    assert_eq!(status, 503, "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("linernotes migrate"), "{detail}");
    let (status, problem) = confirm_a_credit(&router, &key).await;
    assert_eq!(status, 503, "{problem}");
    assert!(
        problem["type"].as_str().unwrap().ends_with("catalog-locked"),
        "{problem}"
    );

    let machine = Machine::with(&database, EVERY_SOURCE);
    let message = Message::IdentifyAlbum {
        album_id: AlbumId(999_999),
    };
    let ingestion = machine.request(&[message]).await;
    assert_eq!(machine.work_once(QueueName::Identification).await, 1);
    let waiting = "SELECT bucket || ': ' || snooze_reason FROM outgoing_messages";
    assert_eq!(
        database.texts(waiting).await,
        ["load: a load is filling the catalog"]
    );
    assert_eq!(database.count("SELECT count(*) FROM message_attempts").await, 0);

    for arguments in [&["status"][..], &["search", "producer"]] {
        let output = output_of(&database, arguments).await;
        let words: Vec<&str> = output.split_whitespace().collect();
        assert!(words.join(" ").contains("or `linernotes migrate`"), "{output}");
    }
    let output = output_of(&database, &["migrate"]).await;
    assert!(output.contains("created the keys and indexes"), "{output}");
    assert_eq!(database.count(KEYS).await, keys);
    assert_eq!(refusals(&database).await, [""; 3]);
    assert_eq!(get(&router, "/v1/ready").await, (200, json!({"status": "ready"})));
    assert_eq!(confirm_a_credit(&router, &key).await.0, 200);
    database
        .execute("UPDATE outgoing_messages SET not_before = now()")
        .await;
    machine.drain(&database).await;
    let ended = format!(
        "SELECT count(*) FROM ingestion_tasks WHERE ingestion_id = {ingestion} AND outcome IS NOT NULL"
    );
    assert_eq!(database.count(&ended).await, 1, "the message is handled now");
    let output = output_of(&database, &["migrate"]).await;
    assert!(!output.contains("created the keys"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_resumes_in_a_catalog_whose_keys_were_created_without_it() {
    let releases = many(MANY);
    let database = database().await;
    kill_load(&database, &releases).await;
    let pool = pool(&database);
    assert!(load::restore_keys(&pool).await.unwrap());
    pool.close();
    resumes(&database, "locked.xml.gz", &releases, expected_of_many().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_is_locked_without_missing_keys_is_reported_and_unlocked() {
    let database = database().await;
    load(&database, "locked.xml.gz", &many(2)).await;
    assert_eq!(
        refusals(&database).await,
        [""; 3],
        "a load that ends unlocks the catalog"
    );
    let client = database.client().await;
    assert_eq!(missing_keys::find(&client).await.unwrap(), None);
    let ddl = dropped_keys::list_ddl(&client).await.unwrap();
    // As if the load was killed before it dropped the first key.
    dropped_keys::set_pending(&client, 1, &ddl).await.unwrap();
    assert_eq!(refusals(&database).await, ["LN001"; 3]);
    let missing = missing_keys::find(&client).await.unwrap().unwrap();
    assert_eq!((missing.count, missing.is_running), (0, false));
    let pool = pool(&database);
    assert!(load::restore_keys(&pool).await.unwrap());
    assert!(!load::restore_keys(&pool).await.unwrap());
    pool.close();
    assert_eq!(refusals(&database).await, [""; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_load_is_told_from_a_killed_one_and_nobody_else_creates_its_keys() {
    let database = database().await;
    let path = file("running.xml.gz", &gzip(&dump(&many(MANY))));
    let held = HeldStatement::write_of_batch(&database, &mut random(), 1).await;
    let program = Program::start(&database, &["load", "discogs", path.to_str().unwrap()]);
    held.wait().await;
    let client = database.client().await;
    let missing = missing_keys::find(&client).await.unwrap().unwrap();
    assert!(missing.is_running && missing.count > 0, "{missing:?}");
    let text = missing.to_string();
    assert!(
        text.contains("imports wait") && !text.contains("migrate"),
        "{text}"
    );
    let refused = Program::start(&database, &["migrate"]).exit().await;
    assert!(refused.error().contains("another load is running"), "{refused:?}");
    held.release().await;
    let exit = program.exit().await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(
        loaded_records::count(&client, shared::domain::credits::Source::Discogs)
            .await
            .unwrap(),
        MANY
    );
    assert_eq!(missing_keys::find(&client).await.unwrap(), None);
}
