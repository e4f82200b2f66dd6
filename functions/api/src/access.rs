//! Who may do what: writing and reading contact fields need an API key with the scope, unless a program on this very
//! machine asks a server that nobody else can reach. What the scopes open is up to the routes.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN, VIA};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::middleware::Next;
use axum::response::Response;
use shared::api_keys::{self, Scope};
use shared::store;

use crate::Context;
use crate::error::ApiError;

/// Who can reach the server, and so who must show a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Others can: scopes come from keys alone.
    Keys,
    /// It listens on loopback only: a program on this machine needs no key. A browser that a web page sent does, and so
    /// does what a proxy passes on.
    Loopback,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose key it is.
    pub(crate) api_key_id: Option<i64>,
    /// What its operator called the key.
    name: Option<String>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the caller may do what the scope opens.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Who that is, for what is kept of a decision.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("somebody on the server's machine")
    }

    /// That the caller may do what the scope opens.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), ApiError> {
        match self.api_key_id {
            _ if self.may(scope) => Ok(()),
            Some(_) => Err(ApiError::Forbidden(format!(
                "this needs a key with the scope {scope}"
            ))),
            None => Err(ApiError::Unauthorized(
                format!("send a key with the scope {scope} in the header Authorization: Bearer ln_…").into(),
            )),
        }
    }
}

/// Finds out who asks and hands it on with the request. A key that is not known or was revoked is refused, whatever
/// was asked for.
pub(crate) async fn identify(
    State(context): State<Arc<Context>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let mut caller = Caller {
        api_key_id: None,
        name: None,
        scopes: Vec::new(),
    };
    if let Some(key) = bearer(request.headers())? {
        let client = context.pool.client().await?;
        let used = store::api_keys::find_used(&client, &api_keys::hash(key))
            .await?
            .ok_or(ApiError::Unauthorized(
                "the key is not known, or was revoked".into(),
            ))?;
        caller = Caller {
            api_key_id: Some(used.id),
            name: Some(used.name),
            scopes: used.scopes,
        };
    }
    if context.access == Access::Loopback && is_from_here(request.uri(), request.headers()) {
        caller.scopes = Scope::ALL.to_vec();
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The key in the Authorization header, where there is one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    const FORM: ApiError = ApiError::Unauthorized(Cow::Borrowed(
        "the Authorization header has to be Bearer and a key: Bearer ln_…",
    ));
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let (scheme, key) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(FORM)?;
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(FORM);
    }
    Ok(Some(key.trim()))
}

/// Whether a request to a server on loopback was made by a program on this machine for itself: it calls the server by
/// a loopback name (else a web page could, by a name of its own that it lets point here), no other site's page made
/// it, and no proxy passed it on.
fn is_from_here(uri: &Uri, headers: &HeaderMap) -> bool {
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
        && !headers.keys().any(is_forwarding)
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

fn is_forwarding(name: &HeaderName) -> bool {
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
    fn only_a_program_on_this_machine_needs_no_key() {
        let host = ("host", "127.0.0.1:8080");
        for (case, pairs, expected) in [
            ("by address", &[host][..], true),
            ("by name", &[("host", "localhost:8080")], true),
            ("by name in capitals", &[("host", "LocalHost")], true),
            ("by IPv6", &[("host", "[::1]:8080")], true),
            ("by another loopback address", &[("host", "127.8.8.8")], true),
            (
                "from its own page",
                &[host, ("origin", "http://127.0.0.1:8080")],
                true,
            ),
            ("without a host", &[], false),
            (
                "by a name that points here",
                &[("host", "rebound.example:8080")],
                false,
            ),
            (
                "by a name that looks like it",
                &[("host", "localhost.example")],
                false,
            ),
            (
                "by an address that looks like it",
                &[("host", "127.0.0.1.example")],
                false,
            ),
            ("by every address", &[("host", "0.0.0.0:8080")], false),
            ("with a user in the host", &[("host", "me@127.0.0.1")], false),
            ("by an address of the net", &[("host", "192.168.1.7:8080")], false),
            (
                "from another site's page",
                &[host, ("origin", "https://evil.example")],
                false,
            ),
            (
                "from another port's page",
                &[host, ("origin", "http://127.0.0.1:3000")],
                false,
            ),
            ("from a sandboxed page", &[host, ("origin", "null")], false),
            ("forwarded", &[host, ("forwarded", "for=192.0.2.1")], false),
            ("forwarded for", &[host, ("x-forwarded-for", "127.0.0.1")], false),
            ("forwarded as", &[host, ("x-forwarded-proto", "https")], false),
            ("by way of", &[host, ("via", "1.1 proxy")], false),
            ("with a real address", &[host, ("x-real-ip", "127.0.0.1")], false),
        ] {
            let decided = is_from_here(&Uri::from_static("/v1/producers"), &headers(pairs));
            assert_eq!(decided, expected, "{case}");
        }
    }

    #[test]
    fn the_request_line_counts_as_the_host_does() {
        let local = headers(&[("host", "127.0.0.1:8080")]);
        let elsewhere = Uri::from_static("http://rebound.example/v1/producers");
        assert!(!is_from_here(&elsewhere, &local));
        let mut twice = local.clone();
        twice.append(HOST, "rebound.example".parse().unwrap());
        assert!(!is_from_here(&Uri::from_static("/"), &twice));
    }

    #[test]
    fn a_key_is_a_bearer_token() {
        for (value, expected) in [
            ("Bearer ln_abc", Some("ln_abc")),
            ("bearer ln_abc ", Some("ln_abc")),
            ("Basic bG5fYWJj", None),
            ("ln_abc", None),
            ("", None),
        ] {
            let headers = headers(&[("authorization", value)]);
            assert_eq!(bearer(&headers).ok().flatten(), expected, "{value}");
        }
        assert!(matches!(bearer(&HeaderMap::new()), Ok(None)));
    }

    #[test]
    fn a_scope_opens_what_it_names_and_nothing_else() {
        let caller = |api_key_id, scopes: &[Scope]| Caller {
            api_key_id,
            name: None,
            scopes: scopes.to_vec(),
        };
        let decided = |caller: Caller| match caller.require(Scope::Write) {
            Ok(()) => "may",
            Err(ApiError::Forbidden(_)) => "forbidden",
            Err(_) => "unauthorized",
        };
        assert_eq!(decided(caller(None, &[])), "unauthorized");
        assert_eq!(decided(caller(None, Scope::ALL)), "may");
        assert_eq!(decided(caller(Some(1), &[Scope::Write])), "may");
        assert_eq!(decided(caller(Some(1), &[Scope::Contacts])), "forbidden");
    }
}
