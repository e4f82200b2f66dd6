//! A stand-in for the upstreams at a free port of the loopback address: it gives the answers that a test
//! tells it to give, odd ones included. A stand-in with a whole catalog and rate limits is that of the demo.
//!
//! It is one mock of `wiremock` that reads a script, because the last answer given to a call counts, but the
//! first of several mocks; and because `wiremock` cannot forget its requests without its mocks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::waiting::must_end;
use crate::{Database, Machine};

/// The response to a call.
#[derive(Debug, Clone)]
pub struct Answer(ResponseTemplate);

impl Answer {
    /// A response with a status and a body of any kind.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self(ResponseTemplate::new(status).set_body_bytes(body.into()))
    }

    /// An error in the form that Spotify gives it.
    pub fn error(status: u16, message: &str) -> Self {
        let body = json!({"error": {"status": status, "message": message}});
        Self::new(status, body.to_string())
    }

    /// A redirect to this URL.
    pub fn redirect(url: &str) -> Self {
        Self::new(307, "").header("location", url)
    }

    /// Adds a header.
    pub fn header(self, name: &'static str, value: &str) -> Self {
        Self(self.0.insert_header(name, value))
    }
}

impl From<&Value> for Answer {
    fn from(json: &Value) -> Self {
        Self(ResponseTemplate::new(200).set_body_json(json))
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
    holds: Vec<(String, String, Hold)>,
    calls: Vec<String>,
    tokens: u64,
}

/// The stand-in, which runs until this is dropped.
pub struct Upstream {
    url: String,
    script: Arc<Mutex<Script>>,
    _server: MockServer,
}

impl Upstream {
    /// Starts one without any record: every search is empty, everything else is not found.
    pub async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        // `MockServer::start` may take over the port of an earlier test, whose late calls would be counted.
        let server = MockServer::builder().start().await;
        let answers = Arc::clone(&script);
        let respond = move |request: &Request| respond(&answers, request);
        Mock::given(any()).respond_with(respond).mount(&server).await;
        Self {
            url: server.uri(),
            script,
            _server: server,
        }
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

    /// Holds the next call of a path, which is given as for [`Upstream::give`]. Later calls of any path wait
    /// for it.
    pub fn hold(&self, call: &str) -> HeldCall {
        let (path, query) = call.split_once('?').unwrap_or((call, ""));
        let (arrived, (release, released)) = (Arc::new(Semaphore::new(0)), channel());
        let hold = Hold {
            arrived: Arc::clone(&arrived),
            released,
        };
        let mut script = self.script.lock().unwrap();
        script.holds.push((path.to_owned(), query.to_owned(), hold));
        HeldCall { arrived, release }
    }

    /// The number of calls whose path begins with `path`.
    pub fn calls(&self, path: &str) -> usize {
        let script = self.script.lock().unwrap();
        let calls = script.calls.iter();
        calls.filter(|call| call.starts_with(path)).count()
    }

    /// The number of calls up to and including the last one whose path begins with `path`; `None` if there is
    /// none.
    pub fn calls_until_last(&self, path: &str) -> Option<usize> {
        let script = self.script.lock().unwrap();
        let place = script.calls.iter().rposition(|call| call.starts_with(path));
        place.map(|place| place + 1)
    }

    /// Counts calls from now on only.
    pub fn forget_calls(&self) {
        self.script.lock().unwrap().calls.clear();
    }
}

struct Hold {
    arrived: Arc<Semaphore>,
    released: Receiver<()>,
}

/// A call that gets its answer when the test releases it.
pub struct HeldCall {
    arrived: Arc<Semaphore>,
    release: Sender<()>,
}

impl HeldCall {
    /// Waits until the call is made.
    pub async fn wait(&self) {
        let arrived = must_end("the held call is made", self.arrived.acquire());
        arrived.await.unwrap().forget();
    }

    /// Lets the call be answered.
    pub fn release(self) {
        self.release.send(()).unwrap();
    }
}

fn respond(script: &Mutex<Script>, request: &Request) -> ResponseTemplate {
    let (path, query) = (request.url.path(), request.url.query_pairs());
    let query: BTreeMap<_, _> = query.collect();
    let query: String = query
        .iter()
        .map(|(name, value)| format!("&{name}={value}"))
        .collect();
    let query = format!("{query}&");
    let (answer, hold) = {
        let mut script = script.lock().unwrap();
        (script.answer(path, &query), script.take_hold(path, &query))
    };
    if let Some(hold) = hold {
        hold.arrived.add_permits(1);
        // An error means that the test has ended.
        let _ = hold.released.recv();
    }
    answer.0
}

impl Script {
    fn take_hold(&mut self, path: &str, query: &str) -> Option<Hold> {
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
