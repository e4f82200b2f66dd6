//! Access control: writing data and reading contact fields need an API key with the right scope, unless a
//! program on the same machine calls a server that only this machine can reach. Each route says which scopes
//! it needs.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN, VIA};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::middleware::Next;
use axum::response::Response;
use shared::platform::api_keys::{self, Scope};
use shared::store;

use crate::context::{Access, Context};
use crate::error::ApiError;

/// The sender of a request, identified by its API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The API key, if one was sent.
    pub(crate) api_key_id: Option<i64>,
    /// The name that the operator gave the key.
    name: Option<String>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the caller has the scope.
    pub(crate) fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The caller's name, as it is stored with a decision.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("somebody on the server's machine")
    }

    /// Returns an error unless the caller has the scope.
    pub(crate) fn require_scope(&self, scope: Scope) -> Result<(), ApiError> {
        match self.api_key_id {
            _ if self.has_scope(scope) => Ok(()),
            Some(_) => Err(ApiError::Forbidden(format!(
                "this request needs an API key with the scope `{scope}`, which your key does not have"
            ))),
            None => Err(ApiError::Unauthorized(
                format!(
                    "this request needs an API key with the scope `{scope}`: \
                     send it in the header `Authorization: Bearer ln_…`"
                )
                .into(),
            )),
        }
    }
}

/// Middleware that identifies the caller and adds a [`Caller`] to the request. It refuses every request with
/// an unknown or revoked key, even where no key is needed.
pub(crate) async fn authenticate(
    State(context): State<Arc<Context>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let mut caller = Caller {
        api_key_id: None,
        name: None,
        scopes: Vec::new(),
    };
    if let Some(key) = bearer_token(request.headers())? {
        let client = context.pool.client().await?;
        let used = store::work::api_keys::find_used(&client, &api_keys::hash(key))
            .await?
            .ok_or(ApiError::Unauthorized(
                "the API key is unknown or was revoked".into(),
            ))?;
        caller = Caller {
            api_key_id: Some(used.id),
            name: Some(used.name),
            scopes: used.scopes,
        };
    }
    if context.access == Access::Loopback && is_local_program(request.uri(), request.headers()) {
        caller.scopes = Scope::ALL.to_vec();
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The API key in the Authorization header; `None` if there is no such header.
fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    const MALFORMED: ApiError = ApiError::Unauthorized(Cow::Borrowed(
        "the Authorization header must have the form `Authorization: Bearer ln_…` and be sent once",
    ));
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let (scheme, key) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(MALFORMED)?;
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(MALFORMED);
    }
    Ok(Some(key.trim()))
}

/// Whether a program on this machine made the request for itself, given a server that listens on loopback
/// only. Three things must hold: the request names the server by a loopback name (a web page could use a
/// domain name of its own that resolves to loopback), no page of another site made it, and no proxy forwarded
/// it.
fn is_local_program(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        return false;
    };
    is_loopback(host)
        && uri
            .authority()
            .is_none_or(|authority| is_loopback(authority.as_str()))
        && headers.get_all(ORIGIN).iter().all(|origin| {
            let origin = origin.to_str().ok();
            let authority = origin.and_then(|origin| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        })
        && !headers.keys().any(is_proxy_header)
}

fn is_loopback(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else {
        return false;
    };
    let host = parsed.host();
    let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    !authority.contains('@')
        && (host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
            || ipv6.is_some_and(|ip| ip.parse().is_ok_and(|ip: Ipv6Addr| ip.is_loopback())))
}

fn is_proxy_header(name: &HeaderName) -> bool {
    name == FORWARDED
        || name == VIA
        || name.as_str() == "x-real-ip"
        || name.as_str().starts_with("x-forwarded-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_programs_on_this_machine_need_no_key() {
        let host = ("host", "127.0.0.1:8080");
        for (case, pairs, expected) in [
            ("by address", &[host][..], true),
            ("by name", &[("host", "localhost:8080")], true),
            ("by name in capitals", &[("host", "LocalHost")], true),
            ("by IPv6", &[("host", "[::1]:8080")], true),
            ("by another loopback address", &[("host", "127.8.8.8")], true),
            (
                "from a page of the server itself",
                &[host, ("origin", "http://127.0.0.1:8080")],
                true,
            ),
            ("without a Host header", &[], false),
            (
                "by a domain name that resolves to loopback",
                &[("host", "rebound.example:8080")],
                false,
            ),
            (
                "by a name that starts like a loopback name",
                &[("host", "localhost.example")],
                false,
            ),
            (
                "by a name that starts like a loopback address",
                &[("host", "127.0.0.1.example")],
                false,
            ),
            ("by the unspecified address", &[("host", "0.0.0.0:8080")], false),
            (
                "with user information in the host",
                &[("host", "me@127.0.0.1")],
                false,
            ),
            (
                "by an address of the local network",
                &[("host", "192.168.1.7:8080")],
                false,
            ),
            (
                "from a page of another site",
                &[host, ("origin", "https://evil.example")],
                false,
            ),
            (
                "from a page of another port",
                &[host, ("origin", "http://127.0.0.1:3000")],
                false,
            ),
            ("from a sandboxed page", &[host, ("origin", "null")], false),
            (
                "with a Forwarded header",
                &[host, ("forwarded", "for=192.0.2.1")],
                false,
            ),
            (
                "with an X-Forwarded-For header",
                &[host, ("x-forwarded-for", "127.0.0.1")],
                false,
            ),
            (
                "with an X-Forwarded-Proto header",
                &[host, ("x-forwarded-proto", "https")],
                false,
            ),
            ("with a Via header", &[host, ("via", "1.1 proxy")], false),
            (
                "with an X-Real-IP header",
                &[host, ("x-real-ip", "127.0.0.1")],
                false,
            ),
        ] {
            let is_local = is_local_program(&Uri::from_static("/v1/producers"), &headers(pairs));
            assert_eq!(is_local, expected, "{case}");
        }
    }

    #[test]
    fn the_request_line_and_every_host_header_must_name_loopback() {
        let local = headers(&[("host", "127.0.0.1:8080")]);
        let elsewhere = Uri::from_static("http://rebound.example/v1/producers");
        assert!(!is_local_program(&elsewhere, &local));
        let mut twice = local.clone();
        twice.append(HOST, "rebound.example".parse().unwrap());
        assert!(!is_local_program(&Uri::from_static("/"), &twice));
    }

    #[test]
    fn a_key_is_sent_as_a_bearer_token() {
        for (value, expected) in [
            ("Bearer ln_abc", Some("ln_abc")),
            ("bearer ln_abc ", Some("ln_abc")),
            ("Basic bG5fYWJj", None),
            ("ln_abc", None),
            ("", None),
        ] {
            let headers = headers(&[("authorization", value)]);
            assert_eq!(bearer_token(&headers).ok().flatten(), expected, "{value}");
        }
        assert!(matches!(bearer_token(&HeaderMap::new()), Ok(None)));
    }

    #[test]
    fn a_key_grants_only_its_own_scopes() {
        let caller = |api_key_id, scopes: &[Scope]| Caller {
            api_key_id,
            name: None,
            scopes: scopes.to_vec(),
        };
        let outcome = |caller: Caller| match caller.require_scope(Scope::Write) {
            Ok(()) => "allowed",
            Err(ApiError::Forbidden(_)) => "forbidden",
            Err(_) => "unauthorized",
        };
        assert_eq!(outcome(caller(None, &[])), "unauthorized");
        assert_eq!(outcome(caller(None, Scope::ALL)), "allowed");
        assert_eq!(outcome(caller(Some(1), &[Scope::Write])), "allowed");
        assert_eq!(outcome(caller(Some(1), &[Scope::Contacts])), "forbidden");
    }
}
