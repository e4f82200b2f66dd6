//! Keys that are not valid or not where they belong, and requests that only look as if they came from this
//! machine.

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, Version};
use serde_json::json;
use shared::platform::api_keys::{Scope, generate};
use shared::store::work::api_keys;

use crate::{Answer, Service, kind};

impl Service {
    /// Reads a producer, which needs no key, with these headers.
    async fn read_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_key_that_is_not_valid_is_refused_even_where_none_is_needed() {
    let service = Service::start().await;
    let (revoked_id, revoked) = service.key(Scope::ALL).await;
    let (expired_id, expired) = service.key(Scope::ALL).await;
    let client = service.pool.client().await.unwrap();
    assert!(api_keys::mark_revoked(&client, revoked_id).await.unwrap());
    assert!(!api_keys::mark_revoked(&client, revoked_id).await.unwrap());
    let expire = "UPDATE api_keys SET expires_at = now() WHERE id = $1";
    client.execute(expire, &[&expired_id]).await.unwrap();
    drop(client);
    let valid = format!("Bearer {}", service.owner);
    for (case, values, words) in [
        ("revoked", &[format!("Bearer {revoked}")][..], "was revoked"),
        ("expired", &[format!("Bearer {expired}")], "has expired"),
        ("unknown", &[format!("Bearer {}", generate())], "is unknown"),
        ("cut off", &[valid[..40].to_owned()], "is malformed"),
        ("too long", &[format!("{valid}0")], "is malformed"),
        (
            "joined by a gateway",
            &[format!("{valid},{valid}")],
            "is malformed",
        ),
        ("empty", &["Bearer ".to_owned()], "is malformed"),
        (
            "of another scheme",
            &[valid.replace("Bearer", "Basic")],
            "must have the form",
        ),
        (
            "without a scheme",
            std::slice::from_ref(&service.owner),
            "must have the form",
        ),
        ("sent twice", &[valid.clone(), valid.clone()], "be sent once"),
    ] {
        let headers: Vec<_> = values
            .iter()
            .map(|value| (AUTHORIZATION.as_str(), value.as_str()))
            .collect();
        let answer = service.read_with("/v1/producers/1", &headers).await;
        assert_eq!(kind(&answer), (401, "key-required"), "{case}");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(
            detail.contains(words) && !detail.contains("ln_0"),
            "{case}: {detail}"
        );
    }
}

#[tokio::test]
async fn a_key_in_the_query_is_refused_everywhere() {
    let service = Service::start().await;
    for path in [
        format!("/v1/producers?q=x&api_key={}", service.owner),
        format!("/v1/producers?q={}", service.owner),
        "/v1/producers/1?token=x".to_owned(),
        format!("/v1/health?key={}", service.owner),
    ] {
        let valid = format!("Bearer {}", service.owner);
        for headers in [&[][..], &[("authorization", valid.as_str())]] {
            let answer = service.read_with(&path, headers).await;
            assert_eq!(kind(&answer), (400, "key-in-url"));
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.contains("is not accepted in the URL"), "{detail}");
            assert!(!answer.body.to_string().contains(&service.owner));
        }
    }
}

#[tokio::test]
async fn no_header_but_the_key_gives_or_takes_anything() {
    let service = Service::start().await;
    let body = json!({"what": ["Björk"]});
    for header in [
        ("host", "127.0.0.1:8080"),
        ("host", "localhost"),
        ("host", "[::1]"),
        ("host", "music.example.org"),
        ("host", ""),
        ("origin", "http://127.0.0.1:8080"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("forwarded", "for=127.0.0.1;host=localhost"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-for", "192.0.2.1, 127.0.0.1"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "::1"),
        ("via", "1.0 localhost"),
        ("cookie", "authorization=Bearer"),
        ("x-api-key", "ln_"),
        ("proxy-authorization", "Bearer ln_"),
    ] {
        for version in [Version::HTTP_10, Version::HTTP_11] {
            let request = |key: Option<&str>| {
                let mut request = Request::post("/v1/ingestions")
                    .version(version)
                    .header("content-type", "application/json")
                    .header(header.0, header.1);
                if let Some(key) = key {
                    request = request.header(AUTHORIZATION, format!("Bearer {key}"));
                }
                request.body(Body::from(body.to_string())).unwrap()
            };
            let without = service.send(request(None)).await;
            assert_eq!(kind(&without), (401, "key-required"), "{header:?}");
            let with = service.send(request(Some(&service.owner))).await;
            assert_eq!(with.status, 202, "{header:?}");
        }
        let read = service.read_with("/v1/producers/1", &[header]).await;
        assert_eq!(
            (read.status.as_u16(), &read.body["contacts"]),
            (200, &json!("withheld"))
        );
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_stored_to_the_minute() {
    let service = Service::start().await;
    let (id, key) = service.key(&[Scope::Read]).await;
    let last_use = async || {
        let client = service.pool.client().await.unwrap();
        let keys = api_keys::list(&client).await.unwrap();
        keys.into_iter().find(|key| key.id == id).unwrap().last_used_at
    };
    assert_eq!(last_use().await, None);
    assert_eq!(service.get_with("/v1/producers/1", &key).await.status, 200);
    let first = last_use().await;
    assert!(first.is_some());
    assert_eq!(service.get_with("/v1/producers/1", &key).await.status, 200);
    assert_eq!(last_use().await, first, "it is not written for each request");
    let earlier = "UPDATE api_keys SET last_used_at = now() - interval '61 seconds' WHERE id = $1";
    service.sql.execute(earlier, &[&id]).await.unwrap();
    assert_eq!(service.get_with("/v1/producers/1", &key).await.status, 200);
    assert!(last_use().await >= first);
}
