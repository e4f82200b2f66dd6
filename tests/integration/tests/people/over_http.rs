//! Verdicts and erasure over HTTP: scopes, answers, and the effect on a track.

use api::Context;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use integration::{Database, EVERY_SOURCE, bootstrap, database, make_key};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::curation::merge;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::platform::api_keys::Scope;
use tower::ServiceExt as _;

use super::{DECISION, an_album, credit, producer};

struct Service {
    router: Router,
    database: Database,
    key: String,
}

impl Service {
    /// Ann and Bob are credited for the tracks of an album. The API key is called "editor".
    async fn start(scopes: &[Scope]) -> Self {
        let database = database().await;
        let client = database.client().await;
        let album = an_album(&client, "album").await;
        for (id, name) in [("m1", "Ann"), ("m2", "Bob")] {
            let identity = producer(&client, Source::MusicBrainz, id, name).await;
            credit(&database, Source::MusicBrainz, &album, None, identity, name).await;
        }
        let (_, key) = make_key(&database.pool, "editor", scopes).await;
        let bootstrap = bootstrap(&database.pool, api::SETTINGS, EVERY_SOURCE);
        let router = api::router(Context::new(&bootstrap));
        Self {
            router,
            database,
            key,
        }
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8080")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.key));
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, &Value::Null).await.1
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.send(Method::DELETE, path, &Value::Null).await
    }
}

#[tokio::test]
async fn a_track_shows_a_verdict_with_its_reason_until_it_is_withdrawn() {
    let mut service = Service::start(Scope::ALL).await;
    let path = "/v1/tracks/1/verdicts";
    for (producer, verdict) in [(1, "confirmed"), (2, "rejected")] {
        let body = json!({"producer_id": producer, "verdict": verdict, "reason": " the booklet "});
        let (status, answer) = service.send(Method::POST, path, &body).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            (&answer["verdict"], &answer["reason"], &answer["decided_by"]),
            (&json!(verdict), &json!("the booklet"), &json!("editor (key 1)"))
        );
        assert_eq!(answer["track_ids"], json!([1]));
    }
    let track = service.get("/v1/tracks/1").await;
    let producers = track["producers"].as_array().unwrap();
    assert_eq!(producers.len(), 1);
    assert_eq!(
        (&producers[0]["name"], &producers[0]["verdict"]["verdict"]),
        (&json!("Ann"), &json!("confirmed"))
    );
    let credits = track["credits"].as_array().unwrap();
    assert_eq!(credits.len(), 2, "a rejected credit stays visible");
    assert_eq!(credits[1]["credited_as"], "Bob");
    let rejected = &credits[1]["verdict"];
    assert_eq!(
        (&rejected["verdict"], &rejected["reason"], &rejected["decided_by"]),
        (
            &json!("rejected"),
            &json!("the booklet"),
            &json!("editor (key 1)")
        )
    );

    let rejected = json!({"producer_id": 1, "verdict": "rejected", "reason": "a namesake"});
    assert_eq!(service.send(Method::POST, path, &rejected).await.0, 200);
    let track = service.get("/v1/tracks/1").await;
    assert_eq!(
        track["why_none"]["reason"],
        "a person rejected the producers that its credits name: a namesake"
    );
    let (_, reader) = make_key(&service.database.pool, "reader", &[Scope::Read]).await;
    let own_key = std::mem::replace(&mut service.key, reader);
    let track = service.get("/v1/tracks/1").await;
    assert_eq!(
        track["why_none"]["reason"],
        "a person rejected the producers that its credits name"
    );
    assert_eq!(track["credits"][1]["verdict"]["verdict"], "rejected");
    let track = track.to_string();
    assert!(
        !track.contains("editor") && !track.contains("namesake"),
        "{track}"
    );
    service.key = own_key;
    for producer in [1, 2] {
        assert_eq!(service.delete(&format!("{path}/{producer}")).await.0, 204);
        assert_eq!(service.delete(&format!("{path}/{producer}")).await.0, 404);
    }
    let track = service.get("/v1/tracks/1").await;
    assert_eq!(track["producers"].as_array().unwrap().len(), 2);
    assert_eq!(track["credits"][0]["verdict"], Value::Null);
}

#[tokio::test]
async fn invalid_verdicts_are_refused() {
    let service = Service::start(Scope::ALL).await;
    let good = json!({"producer_id": 1, "verdict": "rejected", "reason": "x"});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (path, body, expected) in [
        ("/v1/tracks/99/verdicts", good.clone(), 404),
        ("/v1/tracks/x/verdicts", good.clone(), 404),
        ("/v1/tracks/1/verdicts", with("producer_id", json!(99)), 404),
        ("/v1/tracks/2/verdicts", good.clone(), 422),
        ("/v1/tracks/1/verdicts", with("verdict", json!("maybe")), 422),
        ("/v1/tracks/1/verdicts", with("reason", json!("  ")), 422),
        ("/v1/tracks/1/verdicts", with("reason", json!("x\0")), 422),
        ("/v1/tracks/1/verdicts", with("more", json!(1)), 422),
        ("/v1/tracks/1/verdicts", Value::Null, 400),
    ] {
        let (status, answer) = service.send(Method::POST, path, &body).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
    }
    for path in ["/v1/tracks/1/verdicts/x", "/v1/tracks/1/verdicts/%FF"] {
        assert_eq!(service.delete(path).await.0, 404);
    }
    assert_eq!(
        service
            .database
            .count("SELECT count(*) FROM credit_overrides")
            .await,
        0
    );
}

#[tokio::test]
async fn two_who_decide_opposite_things_at_once_leave_one_whole_verdict() {
    let service = Service::start(Scope::ALL).await;
    let other = Service {
        router: service.router.clone(),
        database: Database {
            url: service.database.url.clone(),
            pool: service.database.pool.clone(),
        },
        key: make_key(&service.database.pool, "other", Scope::ALL).await.1,
    };
    let path = "/v1/tracks/1/verdicts";
    let body = |verdict| json!({"producer_id": 1, "verdict": verdict, "reason": verdict});
    for _ in 0..8 {
        let (confirmed, rejected) = (body("confirmed"), body("rejected"));
        let (one, two) = tokio::join!(
            service.send(Method::POST, path, &confirmed),
            other.send(Method::POST, path, &rejected)
        );
        assert_eq!((one.0, two.0), (200, 200), "{} {}", one.1, two.1);
        let stored = "SELECT verdict || ' ' || reason || ' ' || decided_by FROM credit_overrides";
        let stored = service.database.texts(stored).await;
        let is_shown = "SELECT count(*) FROM track_producers WHERE track_id = 1 AND producer_id = 1";
        let is_shown = service.database.count(is_shown).await == 1;
        match &stored[..] {
            [one] if one == "confirmed confirmed editor (key 1)" => assert!(is_shown),
            [one] if one == "rejected rejected other (key 2)" => assert!(!is_shown),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_contact_is_erased_and_a_merged_id_leads_to_the_remaining_producer() {
    let service = Service::start(Scope::ALL).await;
    let sql = "UPDATE producers SET email = 'ann@example.org' WHERE id = 1";
    service.database.execute(sql).await;
    assert_eq!(service.get("/v1/producers/1").await["email"], "ann@example.org");
    for _ in 0..2 {
        assert_eq!(service.delete("/v1/producers/1/contact").await.0, 204);
    }
    service.database.execute(sql).await;
    assert_eq!(service.get("/v1/producers/1").await["email"], Value::Null);
    let decided = "SELECT concat_ws(' ', action, subject, decided_by) FROM operator_decisions ORDER BY id";
    assert_eq!(
        service.database.texts(decided).await,
        ["erase_contact 1 editor (key 1)"; 2]
    );
    let hidden = "SELECT details ->> 'email' FROM hidden_contacts WHERE details ->> 'email' IS NOT NULL";
    assert_eq!(
        service.database.texts(hidden).await,
        ["ann@example.org"],
        "for a day"
    );
    for path in ["/v1/producers/99/contact", "/v1/producers/x/contact"] {
        assert_eq!(service.delete(path).await.0, 404);
    }
    merge(&service.database.pool, ProducerId(1), ProducerId(2), DECISION)
        .await
        .unwrap();
    let answer = service.get("/v1/producers/2").await;
    assert_eq!(
        answer["detail"],
        "producer 2 was merged into producer 1: see /v1/producers/1"
    );
}
