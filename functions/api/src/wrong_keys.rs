//! Slows the guessing of API keys. An address that sent several wrong keys must wait before it may send
//! another one. A key that was accepted lately is not held up, so that a guesser behind a proxy does not lock
//! out the others behind it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use shared::platform::api_keys;
use tokio::time::Instant;

use crate::error::ApiError;

/// The wrong keys that an address may send at once.
const ALLOWED: u32 = 10;
/// The time after which it may send one more.
const PAUSE: Duration = Duration::from_secs(6);
/// How long an accepted key is remembered.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);
/// The most addresses, and the most keys, that are remembered. Beyond it all are forgotten.
const MOST_ENTRIES: usize = 10_000;

/// The address that sent a request, an extension of the request. Without it wrong keys are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The addresses that one sender can have: an IPv6 network of the usual size counts as one.
    fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            address => address,
        }
    }
}

/// The addresses that sent wrong keys, and the keys that were accepted.
#[derive(Debug, Default)]
pub(crate) struct WrongKeys(Mutex<KeyHistory>);

#[derive(Debug, Default)]
struct KeyHistory {
    /// When all wrong keys of an address are forgiven; each adds a [`PAUSE`].
    forgiven_at: HashMap<IpAddr, Instant>,
    /// When a key was accepted last, by its hash.
    accepted_at: HashMap<Vec<u8>, Instant>,
}

/// Middleware around the one that finds out who calls.
pub(crate) async fn slow_down(
    State(wrong_keys): State<Arc<WrongKeys>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let peer = request.extensions().get::<Peer>().copied();
    let header = request.headers().get(AUTHORIZATION);
    let (Some(peer), Some(header)) = (peer, header) else {
        return Ok(next.run(request).await);
    };
    let key = api_keys::hash(&String::from_utf8_lossy(header.as_bytes()));
    if let Some(wait) = wrong_keys.wait(peer.network(), &key) {
        return Err(ApiError::TooManyWrongKeys(wait));
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        wrong_keys.add(peer.network(), &key);
    } else if !response.status().is_server_error() {
        wrong_keys.add_accepted(key);
    }
    Ok(response)
}

impl WrongKeys {
    fn history(&self) -> MutexGuard<'_, KeyHistory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the address must wait before it may send this key; `None` if it need not.
    fn wait(&self, address: IpAddr, key: &[u8]) -> Option<Duration> {
        let history = self.history();
        let now = Instant::now();
        let is_accepted = |at: &Instant| now - *at < REMEMBERED;
        if history.accepted_at.get(key).is_some_and(is_accepted) {
            return None;
        }
        let debt = history.forgiven_at.get(&address)?.saturating_duration_since(now);
        let wait = debt
            .checked_sub(PAUSE * (ALLOWED - 1))
            .filter(|wait| !wait.is_zero())?;
        Some(Duration::from_secs(wait.as_secs() + 1))
    }

    fn add(&self, address: IpAddr, key: &[u8]) {
        let mut history = self.history();
        let now = Instant::now();
        history.accepted_at.remove(key);
        if history.forgiven_at.len() >= MOST_ENTRIES {
            history.forgiven_at.clear();
        }
        let forgiven_at = history.forgiven_at.entry(address).or_insert(now);
        *forgiven_at = (*forgiven_at).max(now) + PAUSE;
    }

    fn add_accepted(&self, key: Vec<u8>) {
        let mut history = self.history();
        if history.accepted_at.len() >= MOST_ENTRIES {
            history.accepted_at.clear();
        }
        history.accepted_at.insert(key, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::HeaderMap;
    use axum::http::header::RETRY_AFTER;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    /// A route that accepts one key.
    fn router() -> Router {
        async fn answer(headers: HeaderMap) -> StatusCode {
            match headers[AUTHORIZATION].to_str() {
                Ok("Bearer right") => StatusCode::OK,
                Ok("Bearer right without the scope") => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            }
        }
        let layer = from_fn_with_state(Arc::<WrongKeys>::default(), slow_down);
        Router::new().route("/", get(answer)).route_layer(layer)
    }

    async fn send(router: &Router, address: &str, key: &str) -> (u16, Option<String>) {
        let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {key}"));
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        let response = router.clone().oneshot(request).await.unwrap();
        let wait = response.headers().get(RETRY_AFTER);
        let wait = wait.map(|seconds| seconds.to_str().unwrap().to_owned());
        (response.status().as_u16(), wait)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_guesses_keys_must_wait() {
        let router = router();
        let (guesser, neighbour, other) = ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1");
        assert_eq!(send(&router, guesser, "right").await.0, 200);
        for number in 0..ALLOWED {
            assert_eq!(send(&router, guesser, &format!("guess {number}")).await.0, 401);
        }
        let refused = (429, Some("7".to_owned()));
        assert_eq!(send(&router, guesser, "guess").await, refused);
        assert_eq!(send(&router, neighbour, "guess").await, refused);
        assert_eq!(send(&router, guesser, "right without the scope").await, refused);
        assert_eq!(send(&router, guesser, "right").await.0, 200, "accepted before");
        assert_eq!(send(&router, other, "guess").await.0, 401);

        tokio::time::advance(PAUSE).await;
        assert_eq!(send(&router, guesser, "right without the scope").await.0, 403);
        assert_eq!(send(&router, guesser, "guess").await.0, 401);
        assert_eq!(send(&router, guesser, "guess").await, refused);
        assert_eq!(send(&router, guesser, "right without the scope").await.0, 403);
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_of_wrong_keys_is_bounded() {
        let keys = WrongKeys::default();
        for number in 0..=u32::try_from(MOST_ENTRIES).unwrap() {
            keys.add(IpAddr::V4(number.into()), b"wrong");
            keys.add_accepted(number.to_be_bytes().to_vec());
        }
        let history = keys.history();
        assert_eq!((history.forgiven_at.len(), history.accepted_at.len()), (1, 1));
    }
}
