//! One upstream at a free port of the loopback address that stands for Spotify and MusicBrainz and answers what a test gives
//! it, odd answers among them. The shapes of records are in [`crate::records`]; limits and a whole catalog are the demo's.

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
use tokio::task::JoinHandle;

use crate::{Database, FAST, Machine};

/// Spotify embeds so many tracks in an album.
const EMBEDDED_TRACKS: usize = 50;
/// Spotify lists so many of an artist's albums at once.
const ALBUMS_PAGE: usize = 10;
/// MusicBrainz lists so many releases at once.
const RELEASES_PAGE: usize = 100;

/// What is sent back for a call.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    breaks_off: bool,
}

impl Answer {
    /// A status with a body of any kind.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            breaks_off: false,
        }
    }

    /// Spotify's way to say no.
    pub fn error(status: u16, message: &str) -> Self {
        let body = json!({"error": {"status": status, "message": message}});
        Self::new(status, body.to_string())
    }

    /// With a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The connection is closed in the middle of the body.
    pub fn that_breaks_off(mut self) -> Self {
        self.breaks_off = true;
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
    /// Path, what the query must hold, and the answers in turn; the last one stays. A later entry goes before.
    answers: Vec<(String, String, VecDeque<Answer>)>,
    calls: Vec<String>,
    tokens: u64,
}

/// The upstream, running until this is dropped.
pub struct Upstream {
    url: String,
    script: Arc<Mutex<Script>>,
    server: JoinHandle<()>,
}

impl Upstream {
    /// Starts one that knows nothing: every search is empty, everything else is not found.
    pub async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(respond).with_state(script.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The functions, asking this upstream.
    pub fn machine(&self, database: &Database) -> Machine {
        let settings = shared::config::SpotifySettings {
            api_url: format!("{}/v1", self.url),
            token_url: format!("{}/api/token", self.url),
            client_id: "id".to_owned(),
            client_secret: "secret".to_owned(),
            market: "US".to_owned(),
        };
        Machine::with(database, Some(settings), &format!("{}/ws/2", self.url), FAST)
    }

    /// Answers a path so from now on; what follows a `?` has to be somewhere in the call's decoded query.
    pub fn give(&self, what: &str, answer: impl Into<Answer>) {
        self.give_in_turn(what, [answer.into()]);
    }

    /// Answers a path with each of these in turn, and then with the last one.
    pub fn give_in_turn(&self, what: &str, answers: impl IntoIterator<Item = Answer>) {
        let (path, query) = what.split_once('?').unwrap_or((what, ""));
        let answers = answers.into_iter().collect();
        let mut script = self.script.lock().unwrap();
        script.answers.push((path.to_owned(), query.to_owned(), answers));
    }

    /// An album of Spotify's with all its tracks, in pages where they are many.
    pub fn give_album(&self, album: &Value) {
        let tracks = album["tracks"]["items"].as_array().unwrap();
        let path = format!("/v1/albums/{}", album["id"].as_str().unwrap());
        let mut embedded = album.clone();
        let page = |page: &[Value]| json!({"items": page, "total": album["tracks"]["total"]});
        embedded["tracks"] = page(&tracks[..tracks.len().min(EMBEDDED_TRACKS)]);
        self.give(&path, embedded);
        for (place, tracks) in tracks.chunks(EMBEDDED_TRACKS).enumerate().skip(1) {
            let offset = place * EMBEDDED_TRACKS;
            self.give(&format!("{path}/tracks?&offset={offset}&"), page(tracks));
        }
    }

    /// An artist of Spotify's and his albums, as they are listed.
    pub fn give_artist(&self, artist: &Value, albums: &[&Value]) {
        let path = format!("/v1/artists/{}", artist["id"].as_str().unwrap());
        self.give(&path, artist);
        let simple: Vec<Value> = albums.iter().map(|album| without_tracks(album)).collect();
        self.give(
            &format!("{path}/albums"),
            json!({"items": [], "total": simple.len()}),
        );
        for (place, page) in simple.chunks(ALBUMS_PAGE).enumerate() {
            let answer = json!({"items": page, "total": simple.len()});
            let offset = place * ALBUMS_PAGE;
            self.give(&format!("{path}/albums?&offset={offset}&"), answer);
        }
    }

    /// Releases of MusicBrainz's, all of which a search for the barcode finds.
    pub fn give_releases(&self, barcode: &str, releases: &[&Value]) {
        for release in releases {
            let path = format!("/ws/2/release/{}", release["id"].as_str().unwrap());
            self.give(&path, *release);
        }
        let found = json!({"releases": releases.iter().map(|release| found(release)).collect::<Vec<_>>()});
        self.give(&format!("/ws/2/release?{barcode}"), found);
    }

    /// A release of MusicBrainz's that no search finds.
    pub fn give_release(&self, release: &Value) {
        let path = format!("/ws/2/release/{}", release["id"].as_str().unwrap());
        self.give(&path, release);
    }

    /// The releases of `artist`, `track_artist` or `release-group`, as MusicBrainz lists them.
    pub fn give_release_list(&self, whose: &str, mbid: &str, releases: &[Value]) {
        let page = |page: &[Value]| json!({"releases": page, "release-count": releases.len()});
        for (place, listed) in releases.chunks(RELEASES_PAGE).enumerate() {
            let offset = place * RELEASES_PAGE;
            let query = match whose {
                "artist" => format!(
                    "&artist={mbid}&fmt=json&inc=release-groups media&limit=100&offset={offset}&status=official&"
                ),
                "track_artist" => format!("&offset={offset}&status=official&track_artist={mbid}&"),
                other => format!("&offset={offset}&{other}={mbid}&"),
            };
            self.give(&format!("/ws/2/release?{query}"), page(listed));
        }
    }

    /// The recordings that answer to an ISRC.
    pub fn give_isrc(&self, isrc: &str, recordings: &[&Value]) {
        let answer = json!({"isrc": isrc, "recordings": recordings});
        self.give(&format!("/ws/2/isrc/{isrc}"), answer);
    }

    /// The recordings that a search for a title finds, in this order.
    pub fn give_recordings(&self, title: &str, recordings: &[&Value]) {
        for recording in recordings {
            let path = format!("/ws/2/recording/{}", recording["id"].as_str().unwrap());
            self.give(&path, *recording);
        }
        let found: Vec<Value> = recordings.iter().map(|recording| found(recording)).collect();
        self.give(
            &format!("/ws/2/recording?recording:\"{title}\""),
            json!({ "recordings": found }),
        );
    }

    /// How many calls began so: a path, or a part of one.
    pub fn calls(&self, path: &str) -> usize {
        let script = self.script.lock().unwrap();
        let calls = script.calls.iter();
        calls.filter(|call| call.starts_with(path)).count()
    }

    /// Counts from now.
    pub fn forget_calls(&self) {
        self.script.lock().unwrap().calls.clear();
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn without_tracks(album: &Value) -> Value {
    let mut album = album.clone();
    if let Some(fields) = album.as_object_mut() {
        fields.remove("tracks");
        fields.remove("external_ids");
    }
    album
}

/// A record as a search shows it: with a score and without relations.
fn found(record: &Value) -> Value {
    let mut found = record.clone();
    found["score"] = json!(100);
    if let Some(media) = record["media"].as_array() {
        let tracks = media.iter().filter_map(|medium| medium["tracks"].as_array());
        found["track-count"] = json!(tracks.map(Vec::len).sum::<usize>());
    }
    if let Some(fields) = found.as_object_mut() {
        fields.remove("relations");
        fields.remove("media");
    }
    found
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
    let answer = script.lock().unwrap().answer(uri.path(), &format!("{query}&"));
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = if answer.breaks_off {
        let error = std::io::Error::other("broken off");
        Body::from_stream(stream::iter([Ok(answer.body), Err(error)]).boxed())
    } else {
        Body::from(answer.body)
    };
    response.body(body).unwrap()
}

impl Script {
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
                json!({"access_token": format!("token-{}", self.tokens), "token_type": "Bearer", "expires_in": 3600}).into()
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
