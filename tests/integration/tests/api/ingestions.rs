//! Requesting ingestions and following them.

use crate::{Service, kind};
use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use shared::domain::messages::QueueName;
use shared::platform::api_keys::Scope;
use shared::work::queue::Queues;
use std::time::Duration;

impl Service {
    /// The path of the ingestion of `catalog.sql`.
    pub(crate) async fn first_ingestion(&self) -> String {
        let id = "SELECT public_id::text FROM ingestions WHERE id = 1";
        let row = self.sql.query_one(id, &[]).await.unwrap();
        format!("/v1/ingestions/{}", row.get::<_, String>(0))
    }
}

#[tokio::test]
async fn an_item_that_no_source_can_look_up_is_accepted_with_a_warning() {
    let service = Service::start().await;
    let (_, key) = service.key(&[Scope::Write]).await;
    let key = format!("Bearer {key}");
    let body = json!({"what": ["David Bowie", "isrc:USSM18300503"]});
    let warnings = async |sources: &[&str]| {
        service.report_sources(sources).await;
        let answer = service.post(&body, &[("authorization", &key)]).await;
        assert_eq!(answer.status, 202);
        answer.body["warnings"].as_array().unwrap().clone()
    };

    let both = warnings(&[]).await;
    let pointers: Vec<_> = both.iter().map(|warning| &warning["pointer"]).collect();
    assert_eq!(pointers, ["/what/0", "/what/1"]);
    let detail = both[0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("\"David Bowie\" cannot be looked up: "),
        "{detail}"
    );
    assert!(
        detail.contains("set CONTACT") && detail.contains("set SPOTIFY_CLIENT_ID"),
        "{detail}"
    );
    assert_eq!(warnings(&["CONTACT"]).await.len(), 1);
    let all = ["CONTACT", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"];
    assert_eq!(warnings(&all).await.len(), 0);
}

#[tokio::test]
async fn an_ingestion_request_sends_messages() {
    let service = Service::start().await;
    let what = ["6rs1KAoQnFalSqSU4LTh8g", "Björk", " Björk", "00602475093060"];
    let answer = service
        .post(
            &json!({ "what": what, "fresh_after": "2024-05-21T12:00:00+02:00" }),
            &[],
        )
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let url = answer.body["url"].as_str().unwrap();
    assert_eq!(answer.headers[LOCATION], url);

    let shown = service.get_with(url, &service.owner).await.body;
    assert_eq!(shown["id"], answer.body["id"]);
    assert_eq!(shown["state"], "waiting");
    assert_eq!(shown["fresh_after"], "2024-05-21T10:00:00Z");
    let written = [
        "spotify:artist:6rs1KAoQnFalSqSU4LTh8g",
        "name:Björk",
        "upc:602475093060",
    ];
    assert_eq!(shown["what"], json!(written));
    assert_eq!(shown["stages"][0]["stage"], "resolve");
    assert_eq!(shown["stages"][0]["waiting"], 2);
    assert_eq!(shown["stages"][1]["stage"], "ingest_artist");

    let queued =
        "SELECT count(*) FROM queue_messages WHERE queue = 'catalog' AND body LIKE '%2024-05-21T10:00:00Z%'";
    assert_eq!(service.count(queued).await, 3);
    let left = "SELECT count(*) FROM outgoing_messages WHERE snooze_count = 0";
    assert_eq!(service.count(left).await, 0);
}

#[tokio::test]
async fn unusable_items_are_reported_one_by_one() {
    let service = Service::start().await;
    let what = json!(["Björk", "", null, "spotify:artist:short", 7.0, {"name": "x"}]);
    let answer = service.post(&json!({ "what": what }), &[]).await;
    assert_eq!(kind(&answer), (422, "invalid-request"));
    let pointers: Vec<&str> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/what/1", "/what/2", "/what/3", "/what/4", "/what/5"]);

    for body in [
        json!({}),
        json!([]),
        json!({"what": "Björk"}),
        json!({"what": null}),
        json!({"what": ["Björk"], "wat": 1}),
        json!({"what": ["Björk"], "appears_on": "yes"}),
        json!({"what": ["Björk"], "fresh_after": "yesterday"}),
    ] {
        let answer = service.post(&body, &[]).await;
        assert_eq!(kind(&answer), (422, "invalid-request"), "{body}");
    }
    let post = |body: Body, content_type: &str| {
        let request = Request::post("/v1/ingestions")
            .header("authorization", format!("Bearer {}", service.owner))
            .header("content-type", content_type);
        service.send(request.body(body).unwrap())
    };
    let cut_off = post(Body::from(r#"{"what":["Bj"#), "application/json").await;
    assert_eq!(kind(&cut_off), (400, "unreadable-body"));
    let form = post(Body::from("what=x"), "text/plain").await;
    assert_eq!(kind(&form), (415, "unsupported-media-type"));
    let large = post(Body::from(vec![b' '; 300 * 1024]), "application/json").await;
    assert_eq!(kind(&large), (413, "body-too-large"));
    assert_eq!(service.count("SELECT count(*) FROM queue_messages").await, 0);
}

#[tokio::test]
async fn a_repeated_idempotency_key_gives_the_first_ingestion() {
    let service = Service::start().await;
    let (body, other) = (json!({"what": ["Björk"]}), json!({"what": ["Portishead"]}));
    let headers = [("idempotency-key", "monday")];
    let first = service.post(&body, &headers).await;
    let again = service.post(&body, &headers).await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    assert_eq!(again.body, first.body);
    let reused = service.post(&other, &headers).await;
    assert_eq!(kind(&reused), (422, "idempotency-key-reused"));
    let fresher = json!({"what": ["Björk"], "fresh_after": "2024-05-21T12:00:00Z"});
    let reused = service.post(&fresher, &headers).await;
    assert_eq!(kind(&reused), (422, "idempotency-key-reused"));
    let empty = service.post(&body, &[("idempotency-key", "")]).await;
    assert_eq!(kind(&empty), (422, "invalid-request"));

    // The same idempotency key with another API key is independent.
    let (_, key) = service.key(&[Scope::Write]).await;
    let authorization = format!("Bearer {key}");
    let theirs = [headers[0], ("authorization", authorization.as_str())];
    let answer = service.post(&other, &theirs).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    // One ingestion of the catalog and two of this test.
    assert_eq!(service.count("SELECT count(*) FROM ingestions").await, 3);
}

#[tokio::test]
async fn an_ingestion_shows_its_progress() {
    let service = Service::start().await;
    let path = service.first_ingestion().await;
    let shown = service.get_with(&path, &service.owner).await.body;
    assert_eq!(shown["state"], "snoozed");
    let albums = json!({
        "stage": "ingest_album", "waiting": 1, "snoozed": 1, "snoozed_until": "2124-05-21T12:00:00Z",
        "snoozed_reason": "Spotify's quota is used up",
        "done": 1, "failed": 1, "ambiguous": 0, "cancelled": 0,
    });
    assert_eq!(shown["stages"][1], albums);
    let problems = json!([
        {"stage": "resolve", "subject": "name:Nobody", "outcome": "ambiguous",
            "detail": {"candidates": [{"name": "Nobody"}]}},
        {"stage": "ingest_album", "subject": "0000000000000000000003", "outcome": "failed",
            "detail": {"reason": "there is no such album"}},
    ]);
    assert_eq!(shown["problems"], problems);

    let end = "UPDATE ingestion_tasks SET outcome = 'done', finished_at = now() WHERE outcome IS NULL";
    service.sql.execute(end, &[]).await.unwrap();
    let shown = service.get_with(&path, &service.owner).await.body;
    assert_eq!(shown["state"], "ambiguous");
}

#[tokio::test]
async fn the_messages_of_an_ingestion_are_received_from_the_queue() {
    let service = Service::start().await;
    service
        .post(&json!({"what": ["spotify:album:32nryzA6XBCX9ZUspVc1yz"]}), &[])
        .await;
    let queues = Queues::postgres(service.pool.clone());
    let receive = shared::work::queue::ReceiveOptions {
        limit: 10,
        visibility: Duration::from_secs(60),
        wait: Duration::ZERO,
        max_receive_count: 5,
    };
    let received = queues.receive(QueueName::Catalog, &receive).await.unwrap();
    let bodies: Vec<&str> = received.iter().map(|delivery| delivery.body.as_str()).collect();
    assert_eq!(
        serde_json::from_str::<Value>(bodies[0]).unwrap(),
        json!({
            "type": "ingest_album", "spotify_album_id": "32nryzA6XBCX9ZUspVc1yz", "priority": "requested",
            "ingestions": [2],
        })
    );
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_cancelled_ingestion_ends_and_keeps_what_is_done() {
    let service = Service::start().await;
    let path = service.first_ingestion().await;
    let cancelled = service.delete(&path, &service.owner).await;
    assert_eq!(cancelled.status, StatusCode::OK);
    assert_eq!(cancelled.body["state"], "cancelled");
    let albums = &cancelled.body["stages"][1];
    let counts = ["waiting", "done", "failed", "cancelled"].map(|name| albums[name].as_i64().unwrap());
    assert_eq!(counts, [0, 1, 1, 1]);
    let again = service.delete(&path, &service.owner).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &cancelled.body));
    assert_eq!(service.get_with(&path, &service.owner).await.body, cancelled.body);
    let decided = "SELECT count(*) FROM operator_decisions
        WHERE action = 'cancel_ingestion' AND subject = '1' AND decided_by LIKE 'the owner (key %)'";
    assert_eq!(
        service.count(decided).await,
        1,
        "only the first one cancelled anything"
    );
}

#[tokio::test]
async fn an_ingestion_is_shown_to_its_key_without_what_is_internal() {
    let service = Service::start().await;
    let (_, key) = service.key(&[Scope::Write]).await;
    let (_, other) = service.key(&[Scope::Read, Scope::Write, Scope::Contacts]).await;
    let authorization = format!("Bearer {key}");
    let asked = service
        .post(&json!({"what": ["Björk"]}), &[("authorization", &authorization)])
        .await;
    let path = asked.body["url"].as_str().unwrap();
    assert_eq!(path.len(), "/v1/ingestions/".len() + 36, "{path}");
    let fail = r#"UPDATE ingestion_tasks SET outcome = 'failed', finished_at = now(),
        detail = '{"reason": "a source failed", "error": "HTTP 400 from 10.0.0.1"}'
        WHERE ingestion_id = 2"#;
    service.sql.execute(fail, &[]).await.unwrap();
    let its_own = service.get_with(path, &key).await.body;
    assert_eq!(its_own["what"], json!(["name:Björk"]));
    assert_eq!(
        its_own["problems"][0]["detail"],
        json!({"reason": "a source failed"})
    );
    let of_operator = service.get_with(path, &service.owner).await.body;
    assert_eq!(
        of_operator["problems"][0]["detail"]["error"],
        "HTTP 400 from 10.0.0.1"
    );
    for answer in [
        service.get_with(path, &other).await,
        service.delete(path, &other).await,
        service.get_with("/v1/ingestions/2", &key).await,
    ] {
        assert_eq!(kind(&answer), (404, "not-found"));
        assert!(!answer.body.to_string().contains("Björk"), "{}", answer.body);
    }

    let first = service.first_ingestion().await;
    let (_, operator) = service.key(&[Scope::Operate]).await;
    let shown = service.get_with(&first, &operator).await.body;
    assert_eq!(shown["stages"][1]["snoozed_reason"], "Spotify's quota is used up");
    // Whoever requested it without a key is not known, so that only operators see it.
    assert_eq!(service.get_with(&first, &key).await.status, StatusCode::NOT_FOUND);
    let give = "UPDATE ingestions SET api_key_id = (SELECT max(api_key_id) FROM ingestions) WHERE id = 1";
    service.sql.execute(give, &[]).await.unwrap();
    let shown = service.get_with(&first, &key).await.body;
    assert_eq!(
        shown["stages"][1]["snoozed_reason"],
        "a source asks to wait, or is switched off; the work continues by itself"
    );
}
