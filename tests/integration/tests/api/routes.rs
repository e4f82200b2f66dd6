//! Who may send a request to each endpoint: every set of scopes is tried on every one in the list.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{Method, Request};
use shared::platform::api_keys::Scope;

use crate::{Service, kind};

/// What a request needs.
enum Needs {
    Nothing,
    /// The scope `read`, if reading is not public.
    Reading,
    /// All of these scopes.
    Scopes(&'static [Scope]),
    /// The scope `operate`, because the ingestion is of others. With these scopes it is not found.
    Operating(&'static [Scope]),
}

/// Written here a second time, so that a mistake in the rule of an endpoint is found.
fn needs(method: &Method, path: &str) -> Option<Needs> {
    const WRITE: &[Scope] = &[Scope::Write];
    Some(match (method.as_str(), path) {
        ("GET", "/v1/health" | "/v1/ready") => Needs::Nothing,
        (
            "GET",
            "/v1/search"
            | "/v1/producers"
            | "/v1/producers/{id}"
            | "/v1/producers/{id}/tracks"
            | "/v1/producers/{id}/collaborations"
            | "/v1/artists/{id}/producers"
            | "/v1/tracks/{id}",
        ) => Needs::Reading,
        ("POST", "/v1/ingestions" | "/v1/tracks/{id}/verdicts")
        | ("DELETE", "/v1/tracks/{id}/verdicts/{producer_id}") => Needs::Scopes(WRITE),
        ("DELETE", "/v1/producers/{id}/contact") => Needs::Scopes(&[Scope::Write, Scope::Contacts]),
        ("GET", "/v1/ingestions/{id}") => Needs::Operating(&[]),
        ("DELETE", "/v1/ingestions/{id}") => Needs::Operating(WRITE),
        _ => return None,
    })
}

/// The problem that the answer must have; `None` if the request is let through.
fn expected(needs: &Needs, scopes: Option<&[Scope]>, is_public: bool) -> Option<(u16, &'static str)> {
    let has = |all: &[Scope]| all.iter().all(|scope| scopes.unwrap_or_default().contains(scope));
    let refused = match scopes {
        None => Some((401, "key-required")),
        Some(_) => Some((403, "scope-required")),
    };
    match needs {
        Needs::Nothing => None,
        Needs::Reading if is_public && scopes.is_none() => None,
        Needs::Reading => refused.filter(|_| !has(&[Scope::Read])),
        Needs::Scopes(all) => refused.filter(|_| scopes.is_none() || !has(all)),
        Needs::Operating(_) if has(&[Scope::Operate]) => None,
        Needs::Operating(all) if scopes.is_some() && has(all) => Some((404, "not-found")),
        Needs::Operating(_) => refused,
    }
}

async fn every_set_of_scopes_on_every_endpoint(service: &Service, is_public: bool) {
    let ingestion = service.first_ingestion().await;
    let mut callers = vec![(None, None)];
    for bits in 0..1 << Scope::ALL.len() {
        let scopes = Scope::ALL.iter().enumerate();
        let scopes = scopes.filter(|(place, _)| bits & (1 << place) != 0);
        let scopes: Vec<Scope> = scopes.map(|(_, scope)| *scope).collect();
        let (_, key) = service.key(&scopes).await;
        callers.push((Some(scopes), Some(key)));
    }
    for endpoint in api::endpoints() {
        let (method, path) = (&endpoint.method, endpoint.path);
        let needs = needs(method, path).unwrap_or_else(|| panic!("say above what {method} {path} needs"));
        let path = path
            .replace("/v1/ingestions/{id}", &ingestion)
            .replace("{id}", "1")
            .replace("{producer_id}", "1");
        for (scopes, key) in &callers {
            let mut request = Request::builder().method(method).uri(&path);
            if let Some(key) = key {
                request = request.header(AUTHORIZATION, format!("Bearer {key}"));
            }
            let answer = service.send(request.body(Body::empty()).unwrap()).await;
            let case = format!("{method} {path} with {scopes:?}");
            match expected(&needs, scopes.as_deref(), is_public) {
                Some(problem) => assert_eq!(kind(&answer), problem, "{case}"),
                None => assert!(
                    ![401, 403].contains(&answer.status.as_u16()),
                    "{case}: {}",
                    answer.body
                ),
            }
            assert_eq!(
                answer.headers.contains_key(WWW_AUTHENTICATE),
                answer.status == 401,
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn every_endpoint_asks_for_its_scopes_where_reading_is_public() {
    let service = Service::start().await;
    every_set_of_scopes_on_every_endpoint(&service, true).await;
}

#[tokio::test]
async fn every_endpoint_asks_for_its_scopes_where_reading_needs_a_key() {
    let service = Service::with_settings(&[("READ_ACCESS", "keys")]).await;
    every_set_of_scopes_on_every_endpoint(&service, false).await;
}
