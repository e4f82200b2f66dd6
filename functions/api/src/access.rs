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
mod tests;
