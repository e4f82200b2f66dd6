//! What the stand-in for MusicBrainz does before answering: counts the call and checks its headers.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::stand_in::{MusicBrainzError, MusicBrainzState};

/// Counts the call, rejects it if it is one that fails, and checks the headers.
pub(super) async fn admit(State(musicbrainz): MusicBrainzState, request: Request, next: Next) -> Response {
    let kind = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some("/ws/2/release") if !is_search(&request) => "release list",
        Some("/ws/2/release") => "release search",
        Some("/ws/2/release/{mbid}") => "release",
        Some("/ws/2/isrc/{isrc}") => "isrc",
        Some("/ws/2/recording") => "recording search",
        Some("/ws/2/recording/{mbid}") => "recording",
        Some("/ws/2/artist") => "artist search",
        Some("/ws/2/artist/{mbid}") => "artist",
        _ => "unknown",
    };
    if musicbrainz.meter.count(kind, Instant::now()).is_some() {
        let busy = MusicBrainzError(
            StatusCode::SERVICE_UNAVAILABLE,
            "Your requests are exceeding the allowable rate limit.",
        );
        return ([(header::RETRY_AFTER, "1")], busy).into_response();
    }
    match header_error(&request) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

/// The response to a call without a proper User-Agent or without a request for JSON.
fn header_error(request: &Request) -> Option<Response> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let user_agent = header(header::USER_AGENT);
    // A name, a version and contact details. The default User-Agent of an HTTP library has no contact
    // details.
    if !(user_agent.contains('/') && (user_agent.contains('@') || user_agent.contains("://"))) {
        let error = MusicBrainzError(StatusCode::FORBIDDEN, "Your User-Agent does not say who you are.");
        return Some(error.into_response());
    }
    let wants_json = request
        .uri()
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair == "fmt=json"));
    if wants_json || header(header::ACCEPT).contains("application/json") {
        return None;
    }
    let xml =
        r#"<?xml version="1.0" encoding="UTF-8"?><metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"/>"#;
    Some(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

fn is_search(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').any(|pair| pair.starts_with("query="))
}
