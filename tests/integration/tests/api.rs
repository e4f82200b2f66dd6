//! The API on a real Postgres: the answers and errors of each endpoint. The tests insert the rows by SQL, so
//! that they depend on no other function.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use api::{Access, Context};
use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Request, StatusCode};
use integration::Database;
use serde_json::{Value, json};
use shared::domain::credits::Source;
use shared::domain::messages::QueueName;
use shared::platform::api_keys::{self, Scope};
use shared::platform::config::DisabledSource;
use shared::platform::db::{self, Pool, Statements};
use shared::store;
use shared::work::queue::Queues;
use tower::ServiceExt as _;

/// The API on a database of its own.
struct Service {
    router: Router,
    pool: Pool,
    sql: tokio_postgres::Client,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Service {
    /// With the catalog of `api_catalog.sql`.
    async fn start(access: Access) -> Self {
        let Database { url, pool } = integration::database().await;
        let (sql, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        sql.batch_execute(include_str!("api_catalog.sql")).await.unwrap();
        let router = router(&pool, access);
        Self { router, pool, sql }
    }

    async fn key(&self, scopes: &[Scope]) -> (i64, String) {
        let key = api_keys::generate();
        let client = self.pool.client().await.unwrap();
        let hash = api_keys::hash(&key);
        let id = store::work::api_keys::insert(&client, "a test", &hash, scopes)
            .await
            .unwrap();
        (id, key)
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn get_with(&self, path: &str, key: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post("/v1/ingestions").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    async fn count(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }
}

fn router(pool: &Pool, access: Access) -> Router {
    api::router(Context {
        pool: pool.clone(),
        queues: Queues::postgres(pool.clone()),
        access,
        switched_off: vec![DisabledSource {
            source: Source::Spotify,
            reason: "it has no credentials".to_owned(),
        }],
    })
}

/// As a program on this machine sends it, unless the request says otherwise.
async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    request
        .headers_mut()
        .entry("host")
        .or_insert("127.0.0.1:8080".parse().unwrap());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    if answer.status.is_client_error() || answer.status.is_server_error() {
        assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.body["status"], answer.status.as_u16());
        assert!(answer.body["type"].is_string() && answer.body["title"].is_string());
        assert!(answer.body["detail"].is_string());
    }
    answer
}

fn kind(answer: &Answer) -> (u16, &str) {
    let kind = answer.body["type"].as_str().unwrap();
    let word = kind.strip_prefix("urn:linernotes:problem:").unwrap();
    (answer.status.as_u16(), word)
}

#[tokio::test]
async fn an_ingestion_request_sends_messages() {
    let service = Service::start(Access::Loopback).await;
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

    let shown = service.get(url).await.body;
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
    let service = Service::start(Access::Loopback).await;
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
        let request = Request::post("/v1/ingestions").header("content-type", content_type);
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
    let service = Service::start(Access::Loopback).await;
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

    // Another's key is another's affair.
    let (_, key) = service.key(&[Scope::Write]).await;
    let authorization = format!("Bearer {key}");
    let theirs = [headers[0], ("authorization", authorization.as_str())];
    let answer = service.post(&other, &theirs).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let (_, two) = (answer, service.count("SELECT count(*) FROM ingestions").await);
    // One of the catalog, two of these.
    assert_eq!(two, 3);
}

#[tokio::test]
async fn an_ingestion_shows_its_progress() {
    let service = Service::start(Access::Keys).await;
    let shown = service.get("/v1/ingestions/1").await.body;
    assert_eq!(shown["state"], "snoozed");
    let albums = json!({
        "stage": "ingest_album", "waiting": 1, "snoozed": 1, "snoozed_until": "2124-05-21T12:00:00Z",
        "snoozed_reason": "Spotify's quota is used up", "done": 1, "failed": 1, "ambiguous": 0,
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
    assert_eq!(service.get("/v1/ingestions/1").await.body["state"], "ambiguous");
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let service = Service::start(Access::Keys).await;
    for id in [
        "99",
        "0",
        "-1",
        "1.0",
        "x",
        "9223372036854775808",
        "%00",
        "%FF",
        "1%20",
        "0123456789abcdefABCDEF",
    ] {
        for path in [
            format!("/v1/ingestions/{id}"),
            format!("/v1/producers/{id}"),
            format!("/v1/producers/{id}/tracks"),
            format!("/v1/producers/{id}/collaborations"),
            format!("/v1/artists/{id}/producers"),
            format!("/v1/tracks/{id}"),
        ] {
            let answer = service.get(&path).await;
            assert_eq!(kind(&answer), (404, "not-found"), "{path}");
        }
    }
    assert_eq!(kind(&service.get("/v2").await), (404, "not-found"));
    let delete = Request::delete("/v1/producers").body(Body::empty()).unwrap();
    let answer = service.send(delete).await;
    assert_eq!(kind(&answer), (405, "method-not-allowed"));
    assert_eq!(answer.headers[ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn producers_are_found_by_any_of_their_names() {
    let service = Service::start(Access::Keys).await;
    for (query, kind, matched) in [
        ("fixture%20%C3%B6ne", "exact", "Fixture One"),
        ("FIXTURE", "prefix", "Fixture One"),
        ("the%20first%20fixture", "exact", "The First Fixture"),
        ("fixtrue%20one", "similar", "Fixture One"),
    ] {
        let answer = service.get(&format!("/v1/producers?q={query}")).await;
        let found = &answer.body["items"][0];
        assert_eq!(found["id"], 1, "{query}: {}", answer.body);
        assert_eq!(
            (&found["match_kind"], &found["matched_name"]),
            (&json!(kind), &json!(matched))
        );
        assert_eq!(
            (&found["track_count"], &found["artist_count"]),
            (&json!(2), &json!(2))
        );
        assert_eq!(answer.body["next"], Value::Null);
    }
    let one = service.get("/v1/producers?q=fixture&limit=1").await.body;
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    let none = service.get("/v1/producers?q=%E6%A4%8E%E5%90%8D").await.body;
    assert_eq!(none["items"], json!([]));
    for query in [
        "".to_owned(),
        "?q=".to_owned(),
        "?q=%20".to_owned(),
        "?q=a%00b".to_owned(),
        format!("?q={}", "x".repeat(301)),
        "?q=a&limit=0".to_owned(),
        "?q=a&limit=101".to_owned(),
        "?q=a&limit=ten".to_owned(),
    ] {
        let answer = service.get(&format!("/v1/producers{query}")).await;
        assert_eq!(kind(&answer), (422, "invalid-request"), "{query}");
    }
}

#[tokio::test]
async fn contacts_are_shown_only_with_their_scope() {
    let service = Service::start(Access::Keys).await;
    let withheld = service.get("/v1/producers/1").await.body;
    assert_eq!(withheld["name"], "Fixture One");
    assert_eq!(withheld["track_count"], 2);
    assert_eq!(
        withheld["names"][1],
        json!({"name": "The First Fixture", "kind": "alias", "source": "musicbrainz"})
    );
    assert_eq!(
        withheld["identities"][0]["source_id"],
        "00000000-0000-5000-8000-000000000001"
    );
    assert_eq!(
        withheld["related"],
        json!([{"producer_id": 2, "name": "Fixture Two", "relation": "group", "source": "musicbrainz"}])
    );
    assert_eq!(withheld["contacts"], "withheld");
    assert!(!withheld.to_string().contains("example"), "{withheld}");

    let (_, writer) = service.key(&[Scope::Write]).await;
    let answer = service.get_with("/v1/producers/1", &writer).await;
    assert_eq!(answer.body["contacts"], "withheld");
    let (id, reader) = service.key(&[Scope::Contacts]).await;
    let client = service.pool.client().await.unwrap();
    let another = "INSERT INTO producer_contacts (producer_id, kind, value, source, source_id)
        VALUES (1, 'website', $1, 'discogs', '5')";
    for website in ["https://a.example", "https://one.example"] {
        client.execute(another, &[&website]).await.unwrap();
    }
    drop(client);
    let shown = service.get_with("/v1/producers/1", &reader).await.body;
    assert_eq!(shown["email"], "one@example.org");
    assert_eq!(shown["instagram_handle"], "fixture.one");
    assert_eq!(
        shown["contacts"][0],
        json!({"kind": "website", "value": "https://one.example", "verified": true, "sources": [
            {"source": "musicbrainz", "source_id": "00000000-0000-5000-8000-000000000001"},
                {"source": "discogs", "source_id": "5"}]})
    );
    assert_eq!(
        shown["contacts"][1],
        json!({"kind": "website", "value": "https://a.example", "verified": false,
            "sources": [{"source": "discogs", "source_id": "5"}]})
    );

    let client = service.pool.client().await.unwrap();
    let kept = store::work::api_keys::list(&client).await.unwrap();
    let kept = kept.iter().find(|key| key.id == id).unwrap();
    assert!(kept.last_used_at.is_some() && kept.revoked_at.is_none());
    assert!(store::work::api_keys::mark_revoked(&client, id).await.unwrap());
    assert!(!store::work::api_keys::mark_revoked(&client, id).await.unwrap());
    let refused = service.get_with("/v1/producers/1", &reader).await;
    assert_eq!(kind(&refused), (401, "key-required"));
}

#[tokio::test]
async fn writing_requires_a_key_with_the_scope() {
    let service = Service::start(Access::Keys).await;
    let body = json!({"what": ["Björk"]});
    let answer = service.post(&body, &[]).await;
    assert_eq!(kind(&answer), (401, "key-required"));
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer");
    let (_, reader) = service.key(&[Scope::Contacts]).await;
    let (_, writer) = service.key(&[Scope::Write]).await;
    for (key, expected) in [
        (reader.as_str(), 403),
        (
            "ln_0000000000000000000000000000000000000000000000000000000000000000",
            401,
        ),
        (writer.as_str(), 202),
    ] {
        let authorization = format!("Bearer {key}");
        let answer = service.post(&body, &[("authorization", &authorization)]).await;
        assert_eq!(answer.status, expected);
    }

    // Of a server on loopback, only what comes from this machine is trusted; a wrong key is wrong everywhere.
    let local = router(&service.pool, Access::Loopback);
    for (header, expected) in [
        (("accept", "*/*"), 202),
        (("host", "rebound.example"), 401),
        (("origin", "https://evil.example"), 401),
        (("x-forwarded-for", "127.0.0.1"), 401),
        (("authorization", "Bearer ln_wrong"), 401),
    ] {
        let request = Request::post("/v1/ingestions")
            .header("content-type", "application/json")
            .header(header.0, header.1)
            .body(Body::from(body.to_string()));
        let answer = send(&local, request.unwrap()).await;
        assert_eq!(answer.status, expected, "{header:?}");
    }
}

#[tokio::test]
async fn each_song_of_a_producer_is_listed_once_and_newest_first() {
    let service = Service::start(Access::Keys).await;
    let all = service.get("/v1/producers/1/tracks").await.body;
    let song = json!({
        "track_id": 1, "name": "Song", "spotify_id": "0000000000000000000011", "normalized_track_id": 1,
            "version_count": 2,
        "artists": [{"id": 1, "name": "Artist One"}, {"id": 2, "name": "Artist Two"}],
        "album": {"id": 1, "name": "Album", "release_date": "2001-05-21"},
        "role": "producer", "source": "musicbrainz", "confidence": 0.9,
    });
    assert_eq!(all["items"][0], song);
    assert_eq!(all["items"][1]["track_id"], 5);
    assert_eq!(
        all["items"][1]["artists"],
        json!([{"id": 1, "name": "Artist One"}])
    );
    assert_eq!(all["items"][1]["album"]["release_date"], "1997");
    assert_eq!(
        (all["items"].as_array().unwrap().len(), &all["next"]),
        (2, &Value::Null)
    );

    let first = service.get("/v1/producers/1/tracks?limit=1").await.body;
    assert_eq!(first["items"], json!([all["items"][0]]));
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/producers/1/tracks?limit=1&cursor={next}");
    let second = service.get(&path).await.body;
    assert_eq!(second["items"], json!([all["items"][1]]));
    assert_eq!(second["next"], Value::Null);

    let answer = service.get("/v1/producers/1/tracks?cursor=x").await;
    assert_eq!(kind(&answer), (422, "invalid-request"));
}

#[tokio::test]
async fn the_songs_of_an_album_keep_its_order_across_pages() {
    let service = Service::start(Access::Keys).await;
    let all = service.get("/v1/producers/2/tracks").await.body;
    let names = [&all["items"][0]["name"], &all["items"][1]["name"]];
    assert_eq!(names, ["Song", "Guest Song"]);
    let first = service.get("/v1/producers/2/tracks?limit=1").await.body;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/producers/2/tracks?limit=1&cursor={next}");
    let second = service.get(&path).await.body;
    assert_eq!(second["items"], json!([all["items"][1]]));
}

#[tokio::test]
async fn collaborations_are_counted_in_songs() {
    let service = Service::start(Access::Keys).await;
    let path = "/v1/producers/1/collaborations";
    let all = service.get(path).await.body;
    let items = json!([
        {"artist_id": 1, "artist_name": "Artist One", "track_count": 2},
        {"artist_id": 2, "artist_name": "Artist Two", "track_count": 1},
    ]);
    assert_eq!(all, json!({"items": items, "next": null}));
    let first = service.get(&format!("{path}?limit=1")).await.body;
    let next = first["next"].as_str().unwrap();
    let second = service.get(&format!("{path}?limit=1&cursor={next}")).await;
    assert_eq!(second.body["items"], json!([items[1]]));
    let answer = service.get(&format!("{path}?limit=-1")).await;
    assert_eq!(kind(&answer), (422, "invalid-request"));
}

#[tokio::test]
async fn the_producers_of_an_artist_are_those_of_the_artists_own_songs() {
    let service = Service::start(Access::Keys).await;
    let one = service.get("/v1/artists/1/producers").await.body;
    let artist = json!({"id": 1, "name": "Artist One", "spotify_id": "0000000000000000000001",
        "track_count": 3, "without_producer_count": 1});
    assert_eq!(one["artist"], artist);
    let producers = json!([
        {"producer_id": 1, "name": "Fixture One", "track_count": 2, "role": "producer", "confidence": 0.9,
            "first_year": 1997, "last_year": 2001},
        {"producer_id": 2, "name": "Fixture Two", "track_count": 1, "role": "co_producer", "confidence": 0.5,
            "first_year": 2001, "last_year": 2001},
    ]);
    assert_eq!(one["items"], producers);
    for spotify_id in ["0000000000000000000001", "0000000000000000000009"] {
        let path = format!("/v1/artists/{spotify_id}/producers");
        assert_eq!(service.get(&path).await.body, one, "{spotify_id}");
    }
    let first = service.get("/v1/artists/1/producers?limit=1").await.body;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/artists/1/producers?limit=1&cursor={next}");
    assert_eq!(service.get(&path).await.body["items"], json!([producers[1]]));

    // On the album of another, Artist Two is on two songs and no more.
    let two = service.get("/v1/artists/2/producers").await.body;
    assert_eq!(
        (
            &two["artist"]["track_count"],
            &two["artist"]["without_producer_count"]
        ),
        (&json!(2), &json!(0))
    );
}

#[tokio::test]
async fn a_track_shows_its_producers_and_their_sources() {
    let service = Service::start(Access::Keys).await;
    let track = service.get("/v1/tracks/1").await.body;
    assert_eq!(service.get("/v1/tracks/0000000000000000000011").await.body, track);
    assert_eq!(service.get("/v1/tracks/0000000000000000000012").await.body, track);
    assert_eq!(track["name"], "Song");
    assert_eq!(track["album"]["release_date"], "2001-05-21");
    assert_eq!(
        track["artists"][1],
        json!({"id": 2, "name": "Artist Two", "part": "featured"})
    );
    assert_eq!(
        track["producers"],
        json!([
            {"id": 1, "name": "Fixture One", "role": "producer", "confidence": 0.9, "source": "musicbrainz",
                "verdict": null},
            {"id": 2, "name": "Fixture Two", "role": "co_producer", "confidence": 0.5,
                "source": "musicbrainz", "verdict": null},
        ])
    );
    let credits = track["credits"].as_array().unwrap();
    assert_eq!(
        credits[0],
        json!({
            "covers": "track", "track_range": null, "source": "musicbrainz", "record_kind": "recording",
                "record_id": "00000000-0000-5000-8000-000000000011",
            "record_url": "https://musicbrainz.org/recording/00000000-0000-5000-8000-000000000011",
            "producer_id": 1, "credited_as": "F. One", "raw_role": "producer", "role": "producer",
            "matched_by": "isrc", "match_score": 1.0, "known_from": null, "note": null,
                "first_seen_at": "2024-05-21T12:00:00Z", "verdict": null,
        })
    );
    assert_eq!(
        (&credits[1]["covers"], &credits[1]["record_kind"]),
        (&json!("album"), &json!("release"))
    );
    assert_eq!(
        (&credits[2]["role"], &credits[2]["producer_id"]),
        (&json!("executive_producer"), &Value::Null)
    );
    // The credit of another track and the one of some positions only are not among them.
    assert_eq!(credits.len(), 3);
    assert_eq!(track["why_none"], Value::Null);
}

#[tokio::test]
async fn a_track_without_a_producer_shows_the_reason() {
    let service = Service::start(Access::Keys).await;
    let why = service.get("/v1/tracks/3").await.body["why_none"].take();
    assert_eq!(why["reason"], "not found in musicbrainz");
    let outcomes: Vec<_> = why["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asked| {
            (
                asked["source"].as_str().unwrap(),
                asked["about"].as_str().unwrap(),
                asked["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("spotify", "track", "found"),
            ("musicbrainz", "album", "not_found"),
            ("musicbrainz", "track", "not_found")
        ]
    );
    assert_eq!(why["waiting"], Value::Null);
    assert_eq!(
        why["switched_off"],
        json!([{"source": "spotify", "reason": "it has no credentials"}])
    );

    service
        .sql
        .batch_execute(
            "INSERT INTO ingestion_tasks (ingestion_id, kind, subject) VALUES (1, 'identify_album', '3');
             INSERT INTO outgoing_messages (queue, message_key, body, not_before, snooze_count, snooze_reason)
             VALUES ('identification', 'identify_album:3', '{}', '2124-05-21T12:00:00Z', 1,
             'MusicBrainz is blocked')",
        )
        .await
        .unwrap();
    let why = service.get("/v1/tracks/3").await.body["why_none"].take();
    assert_eq!(
        why["reason"],
        "the search for its producers is paused until 2124-05-21T12:00:00Z: MusicBrainz is blocked"
    );
    assert_eq!(why["waiting"]["snoozed_reason"], "MusicBrainz is blocked");
}

#[tokio::test]
async fn the_health_is_that_of_the_database() {
    let service = Service::start(Access::Keys).await;
    let answer = service.get("/v1/health").await;
    assert_eq!(
        (answer.status, answer.body),
        (StatusCode::OK, json!({"status": "ok"}))
    );

    // Nobody listens on the port of discard.
    let settings =
        db::DatabaseSettings::parse("postgres://u:secret@127.0.0.1:9/d", Statements::Prepared).unwrap();
    let without = router(&Pool::new(&settings, 1).unwrap(), Access::Keys);
    for path in ["/v1/health", "/v1/producers?q=a", "/v1/tracks/1"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = send(&without, request).await;
        assert_eq!(kind(&answer), (503, "unavailable"), "{path}");
        assert!(!answer.body.to_string().contains("127.0.0.1"), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_messages_of_an_ingestion_are_received_from_the_queue() {
    let service = Service::start(Access::Loopback).await;
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
        json!({"type": "ingest_album", "spotify_album_id": "32nryzA6XBCX9ZUspVc1yz", "priority": "requested"})
    );
    assert_eq!(bodies.len(), 1);
}
