//! What HTTP asks of every endpoint: HEAD, OPTIONS, conditional requests, compression, redirects.

use std::io::Read as _;

use axum::body::{Body, to_bytes};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName,
    IF_NONE_MATCH, LOCATION,
};
use axum::http::{Method, Request, Response};
use flate2::read::GzDecoder;
use tower::ServiceExt as _;

use crate::{Service, kind};

async fn send(
    service: &Service,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Response<Vec<u8>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = service
        .router
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, body.to_vec())
}

fn header(response: &Response<Vec<u8>>, name: HeaderName) -> Option<&str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn an_answer_that_the_caller_has_is_not_sent_again() {
    let service = Service::start().await;
    let path = "/v1/producers/1";
    let first = send(&service, Method::GET, path, &[]).await;
    let tag = header(&first, ETAG).unwrap();
    assert!(tag.starts_with("W/"), "{tag}");
    let strong = tag.trim_start_matches("W/");
    for (known, status) in [
        (tag, 304),
        (strong, 304),
        ("*", 304),
        (&format!("\"x\", {tag}"), 304),
        ("W/\"x\"", 200),
        ("rubbish", 200),
    ] {
        let again = send(&service, Method::GET, path, &[(IF_NONE_MATCH, known)]).await;
        assert_eq!(again.status(), status, "{known}");
        assert_eq!(again.body().is_empty(), status == 304);
        assert_eq!(header(&again, ETAG), Some(tag));
        assert_eq!(header(&again, CONTENT_TYPE).is_some(), status == 200);
    }
    let sql = "UPDATE producers SET name = 'Renamed' WHERE id = 1";
    service.sql.batch_execute(sql).await.unwrap();
    let changed = send(&service, Method::GET, path, &[(IF_NONE_MATCH, tag)]).await;
    assert_eq!(changed.status(), 200);
    let unknown = send(&service, Method::GET, "/v1/producers/99", &[(IF_NONE_MATCH, "*")]).await;
    assert_eq!(unknown.status(), 404, "an error is sent");
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_options_the_methods() {
    let service = Service::start().await;
    let path = "/v1/producers/1";
    let (get, head) = (
        send(&service, Method::GET, path, &[]).await,
        send(&service, Method::HEAD, path, &[]).await,
    );
    assert_eq!(head.status(), 200);
    assert!(head.body().is_empty());
    for name in [CONTENT_TYPE, ETAG] {
        assert_eq!(header(&head, name.clone()), header(&get, name));
    }
    assert_eq!(
        header(&head, CONTENT_LENGTH),
        Some(get.body().len().to_string().as_str())
    );
    assert_eq!(
        send(&service, Method::HEAD, "/v1/producers/99", &[])
            .await
            .status(),
        404
    );
    assert_eq!(
        send(&service, Method::HEAD, "/v1/ingestions", &[]).await.status(),
        405
    );
    for (path, methods) in [
        ("/v1/producers/1", "GET,HEAD"),
        ("/v1/ingestions", "POST"),
        ("/v1/ingestions/1", "DELETE,GET,HEAD"),
    ] {
        let options = send(&service, Method::OPTIONS, path, &[]).await;
        assert_eq!(options.status(), 204, "{path}");
        let mut allowed: Vec<&str> = header(&options, ALLOW).unwrap().split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), methods, "{path}");
        assert!(options.body().is_empty());
    }
}

#[tokio::test]
async fn large_answers_are_compressed_for_callers_who_take_it() {
    let service = Service::start().await;
    let path = "/v1/tracks/1";
    let plain = send(&service, Method::GET, path, &[]).await;
    assert!(plain.body().len() > 1024);
    assert_eq!(header(&plain, CONTENT_ENCODING), None);
    let gzip = send(&service, Method::GET, path, &[(ACCEPT_ENCODING, "gzip")]).await;
    assert_eq!(header(&gzip, CONTENT_ENCODING), Some("gzip"));
    assert_eq!(header(&gzip, ETAG), header(&plain, ETAG));
    let mut unpacked = Vec::new();
    GzDecoder::new(&gzip.body()[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(&unpacked, plain.body());
    let small = send(&service, Method::GET, "/v1/health", &[(ACCEPT_ENCODING, "gzip")]).await;
    assert_eq!(header(&small, CONTENT_ENCODING), None);
}

#[tokio::test]
async fn a_slash_at_the_end_is_redirected_and_other_types_are_refused() {
    let service = Service::start().await;
    let response = send(&service, Method::GET, "/v1/producers/?q=one", &[]).await;
    assert_eq!(response.status(), 308);
    assert_eq!(header(&response, LOCATION), Some("../producers?q=one"));
    let request = Request::get("/v1/producers/1").header(ACCEPT, "text/csv");
    let answer = service.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(kind(&answer), (406, "not-acceptable"));
}
