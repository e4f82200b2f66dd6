//! Access control. A request may do what its API key may do, wherever it comes from; a request without a key
//! may only read, if reading is public. `Host`, `Origin` and the headers of proxies count for nothing,
//! because anybody can set them. [`crate::endpoints()`] has the rule of each endpoint.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;
use shared::platform::api_keys::{self, KeyState, Scope};
use shared::platform::config::ReadAccess;
use shared::store::work::api_keys::{KnownKey, find_used};
use tracing::Span;

use crate::context::Context;
use crate::error::ApiError;

/// Who may send requests to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessRule {
    /// Everybody. No key is looked at.
    Open,
    /// Keys with the scope `read`, and if reading is public also requests without a key.
    Read,
    /// Keys with all of these scopes.
    Scopes(&'static [Scope]),
    /// The key that requested the ingestion, if it has these scopes, and keys with the scope `operate`. To
    /// all other keys there is no such ingestion.
    Ingestion(&'static [Scope]),
}

/// The sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The API key, if one was sent.
    key: Option<KnownKey>,
}

impl Caller {
    /// Whether the caller has the scope.
    pub(crate) fn has_scope(&self, scope: Scope) -> bool {
        self.key.as_ref().is_some_and(|key| key.scopes.contains(&scope))
    }

    /// The id of the caller's API key, if one was sent.
    pub(crate) fn key_id(&self) -> Option<i64> {
        self.key.as_ref().map(|key| key.id)
    }

    /// The name and id of the caller's key, as they are stored with a decision.
    pub(crate) fn signature(&self) -> String {
        match &self.key {
            Some(key) => format!("{} (key {})", key.name, key.id),
            None => "nobody".to_owned(),
        }
    }

    /// Whether the caller may see an ingestion that this key requested.
    pub(crate) fn may_see_ingestion_of(&self, key_id: Option<i64>) -> bool {
        self.has_scope(Scope::Operate) || (key_id.is_some() && key_id == self.key_id())
    }

    /// Returns an error if the rule forbids the request.
    fn check(&self, rule: AccessRule, reading: ReadAccess) -> Result<(), ApiError> {
        match rule {
            AccessRule::Open => Ok(()),
            AccessRule::Read if self.key.is_none() && reading == ReadAccess::Public => Ok(()),
            AccessRule::Read => self.require(&[Scope::Read]),
            AccessRule::Scopes(scopes) => self.require(scopes),
            AccessRule::Ingestion(_) if self.has_scope(Scope::Operate) => Ok(()),
            AccessRule::Ingestion(scopes) => self.require(scopes),
        }
    }

    /// Returns an error unless the caller has a key with all of these scopes.
    fn require(&self, scopes: &[Scope]) -> Result<(), ApiError> {
        let missing: Vec<String> = scopes
            .iter()
            .filter(|scope| !self.has_scope(**scope))
            .map(|scope| format!("`{scope}`"))
            .collect();
        let missing = missing.join(" and ");
        match &self.key {
            Some(_) if missing.is_empty() => Ok(()),
            Some(_) => Err(ApiError::Forbidden(format!(
                "this request needs an API key with the scope {missing}, which your key does not have"
            ))),
            None => Err(ApiError::Unauthorized(
                "this request needs an API key: send it in the header `Authorization: Bearer ln_…`".into(),
            )),
        }
    }
}

/// Middleware that refuses requests that the rule of the endpoint forbids, and adds a [`Caller`] to the
/// others. A key that is not valid is refused even where no key is needed.
pub(crate) async fn guard(
    State((context, rule)): State<(Arc<Context>, AccessRule)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    refuse_key_in_query(request.uri())?;
    if rule != AccessRule::Open {
        let key = match bearer_token(request.headers())? {
            Some(key) => Some(find_key(&context, key).await?),
            None => None,
        };
        let caller = Caller { key };
        caller.check(rule, context.reading)?;
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

/// The valid key with this text. From here on the log lines of the request name it.
async fn find_key(context: &Context, key: &str) -> Result<KnownKey, ApiError> {
    let refuse = |text: &'static str| Err(ApiError::Unauthorized(text.into()));
    if !api_keys::is_key(key) {
        return refuse(
            "the API key is malformed: it is `ln_` and 64 hexadecimal digits; check that it was copied whole",
        );
    }
    let client = context.pool.client().await?;
    let Some(known) = find_used(&client, &api_keys::hash(key)).await? else {
        return refuse("the API key is unknown: check that it belongs to this server");
    };
    Span::current().record("key.id", known.id);
    match known.state {
        KeyState::Active => Ok(known),
        KeyState::Expired => {
            refuse("the API key has expired: ask the operator of the server for another one")
        }
        KeyState::Revoked => {
            refuse("the API key was revoked: ask the operator of the server for another one")
        }
    }
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

/// Refuses a key in the query, also where none is needed: proxies and browsers keep URLs, and the caller has
/// to know that this key is not a secret any more.
fn refuse_key_in_query(uri: &Uri) -> Result<(), ApiError> {
    const NAMES: [&str; 6] = [
        "key",
        "api_key",
        "apikey",
        "access_token",
        "token",
        "authorization",
    ];
    let Ok(Query(parameters)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Ok(());
    };
    let is_key = |(name, value): &(String, String)| {
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
            || api_keys::contains_key(name)
            || api_keys::contains_key(value)
    };
    if parameters.iter().any(is_key) {
        return Err(ApiError::KeyInUrl);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
