//! The headers of every answer, and its id in the log.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderMap, VARY, X_CONTENT_TYPE_OPTIONS};
use shared::platform::api_keys::Scope;

use crate::Service;

fn request_id(headers: &HeaderMap) -> String {
    let ids: Vec<_> = headers.get_all("x-request-id").iter().collect();
    assert_eq!(ids.len(), 1, "{headers:?}");
    let id = ids[0].to_str().unwrap().to_owned();
    assert_eq!(id.len(), 32, "{id}");
    assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    id
}

#[tokio::test]
async fn every_answer_has_an_id_and_says_what_caches_may_do() {
    let service = Service::start().await;
    let (_, key) = service.key(&[Scope::Read, Scope::Contacts]).await;
    let key = format!("Bearer {key}");
    let mut ids = Vec::new();
    for (path, header, status, is_private) in [
        ("/v1/health", None, 200, false),
        ("/v1/producers/1", None, 200, false),
        ("/v1/producers/1", Some((AUTHORIZATION, key.as_str())), 200, true),
        ("/v1/producers/99", Some((AUTHORIZATION, &key)), 404, true),
        (
            "/v1/producers/1",
            Some((AUTHORIZATION, "Bearer ln_wrong")),
            401,
            true,
        ),
        ("/v1/producers/1", Some((COOKIE, "session=x")), 200, true),
        ("/v2", None, 404, false),
    ] {
        let mut request = Request::get(path).header("x-request-id", "chosen\tby the caller");
        if let Some((name, value)) = &header {
            request = request.header(name, *value);
        }
        let answer = service.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{path} {header:?}");
        let of = |name| answer.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(
            of(CACHE_CONTROL),
            Some(if is_private {
                "no-store"
            } else {
                "private, no-cache"
            }),
            "{path} {header:?}"
        );
        assert_eq!(of(VARY), Some("Authorization, Cookie, Accept, Accept-Encoding"));
        assert_eq!(of(X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
        ids.push(request_id(&answer.headers));
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each request has an id of its own");
}
