//! A stand-in for the upstreams at a free port of the loopback address: it gives the answers that a test
//! tells it to give, odd ones included. A stand-in with a whole catalog and rate limits is that of the demo.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::Response;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::waiting::must_end;
use crate::{Database, Machine};

/// The response to a call.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    is_cut_off: bool,
}

impl Answer {
    /// A response with a status and a body of any kind.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            is_cut_off: false,
        }
    }

    /// An error in the form that Spotify gives it.
    pub fn error(status: u16, message: &str) -> Self {
        let body = json!({"error": {"status": status, "message": message}});
        Self::new(status, body.to_string())
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Closes the connection in the middle of the body.
    pub fn cut_off(mut self) -> Self {
        self.is_cut_off = true;
        self
    }
}

impl From<&Value> for Answer {
    fn from(json: &Value) -> Self {
        Self::new(200, json.to_string()).header("content-type", "application/json")
    }
}

impl From<Value> for Answer {
    fn from(json: Value) -> Self {
        Self::from(&json)
    }
}

#[derive(Default)]
struct Script {
    /// A path, a part of its query, and the answers in turn, of which the last one stays. The last entry that
    /// matches a call counts.
    answers: Vec<(String, String, VecDeque<Answer>)>,
    /// A path, a part of its query, and the hold on the next call that matches.
    holds: Vec<(String, String, Arc<Hold>)>,
    calls: Vec<String>,
    tokens: u64,
}

/// The stand-in, which runs until this is dropped.
pub struct Upstream {
    url: String,
    script: Arc<Mutex<Script>>,
    server: JoinHandle<()>,
}

impl Upstream {
    /// Starts one without any record: every search is empty, everything else is not found.
    pub async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(respond).with_state(script.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script, server }
    }

    /// The URL of its root.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The functions, with this as their upstream.
    pub fn machine(&self, database: &Database) -> Machine {
        let variables = [
            ("SPOTIFY_CLIENT_ID", "id"),
            ("SPOTIFY_CLIENT_SECRET", "secret"),
            ("SPOTIFY_URL", &format!("{}/v1", self.url)),
            ("SPOTIFY_TOKEN_URL", &format!("{}/api/token", self.url)),
            ("MUSICBRAINZ_URL", &format!("{}/ws/2", self.url)),
        ];
        Machine::with(database, &variables)
    }

    /// Gives this answer to a path from now on; what follows a `?` has to be somewhere in the call's decoded
    /// query.
    pub fn give(&self, call: &str, answer: impl Into<Answer>) {
        self.give_in_turn(call, [answer.into()]);
    }

    /// Gives each of these answers to a path in turn, and then always the last one.
    pub fn give_in_turn(&self, call: &str, answers: impl IntoIterator<Item = Answer>) {
        let (path, query) = call.split_once('?').unwrap_or((call, ""));
        let answers = answers.into_iter().collect();
        let mut script = self.script.lock().unwrap();
        script.answers.push((path.to_owned(), query.to_owned(), answers));
    }

    /// Holds the next call of a path, which is given as for [`Upstream::give`].
    pub fn hold(&self, call: &str) -> HeldCall {
        let (path, query) = call.split_once('?').unwrap_or((call, ""));
        let hold = Arc::new(Hold {
            arrived: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        let held = HeldCall(Arc::clone(&hold));
        let mut script = self.script.lock().unwrap();
        script.holds.push((path.to_owned(), query.to_owned(), hold));
        held
    }

    /// The number of calls whose path begins with `path`.
    pub fn calls(&self, path: &str) -> usize {
        let script = self.script.lock().unwrap();
        let calls = script.calls.iter();
        calls.filter(|call| call.starts_with(path)).count()
    }

    /// Counts calls from now on only.
    pub fn forget_calls(&self) {
        self.script.lock().unwrap().calls.clear();
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Hold {
    arrived: Semaphore,
    released: Semaphore,
}

/// A call that gets its answer when the test releases it.
pub struct HeldCall(Arc<Hold>);

impl HeldCall {
    /// Waits until the call is made.
    pub async fn wait(&self) {
        let arrived = must_end("the held call is made", self.0.arrived.acquire());
        arrived.await.unwrap().forget();
    }

    /// Lets the call be answered.
    pub fn release(self) {
        self.0.released.add_permits(1);
    }
}

async fn respond(
    State(script): State<Arc<Mutex<Script>>>,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let query: String = query
        .iter()
        .map(|(name, value)| format!("&{name}={value}"))
        .collect();
    let query = format!("{query}&");
    let (answer, hold) = {
        let mut script = script.lock().unwrap();
        (
            script.answer(uri.path(), &query),
            script.take_hold(uri.path(), &query),
        )
    };
    if let Some(hold) = hold {
        hold.arrived.add_permits(1);
        hold.released.acquire().await.unwrap().forget();
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = if answer.is_cut_off {
        let error = std::io::Error::other("cut off");
        Body::from_stream(stream::iter([Ok(answer.body), Err(error)]).boxed())
    } else {
        Body::from(answer.body)
    };
    response.body(body).unwrap()
}

impl Script {
    fn take_hold(&mut self, path: &str, query: &str) -> Option<Arc<Hold>> {
        let mut holds = self.holds.iter();
        let place = holds.position(|(its, part, _)| its == path && query.contains(part.as_str()))?;
        Some(self.holds.remove(place).2)
    }

    fn answer(&mut self, path: &str, query: &str) -> Answer {
        self.calls.push(path.to_owned());
        let given = self.answers.iter_mut().rev();
        let mut fitting = given.filter(|(its, part, _)| its == path && query.contains(part.as_str()));
        if let Some((_, _, answers)) = fitting.next() {
            let next = answers.pop_front().unwrap();
            if answers.is_empty() {
                answers.push_back(next.clone());
            }
            return next;
        }
        match path {
            "/api/token" => {
                self.tokens += 1;
                json!({"access_token": format!("token-{}", self.tokens), "token_type": "Bearer",
                    "expires_in": 3600})
                .into()
            }
            "/v1/search" => {
                let empty = json!({"items": [], "total": 0});
                json!({"artists": empty, "albums": empty, "tracks": empty}).into()
            }
            "/ws/2/release" | "/ws/2/recording" => json!({"releases": [], "recordings": []}).into(),
            _ if path.starts_with("/ws/2") => Answer::new(404, r#"{"error":"Not Found"}"#),
            _ => Answer::error(404, "Resource not found"),
        }
    }
}
