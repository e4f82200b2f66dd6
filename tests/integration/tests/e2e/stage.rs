//! A stack of the template for one test: its queues at moto, its secret, its database, its upstreams.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use emulator::{AwsClient, Emulator, InvocationResult, Moto, Programs, Stack, StackOptions};
use integration::upstream::Upstream;
use integration::{Database, make_key};
use linernotes::demo::{self, StandIns};
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;
use tokio::sync::OnceCell;

/// How long a test waits for something before it fails, on a machine that may be busy building.
const GIVE_UP_AFTER: Duration = Duration::from_secs(240);
const PAUSE: Duration = Duration::from_millis(100);

/// The settings in which stacks differ.
pub(crate) struct Setting {
    /// The URL of Spotify's Web API.
    pub(crate) spotify_url: String,
    /// The URL of Spotify's tokens.
    pub(crate) spotify_token_url: String,
    /// The URL of MusicBrainz.
    pub(crate) musicbrainz_url: String,
    /// Calls a second to Spotify and MusicBrainz.
    pub(crate) calls_per_second: [&'static str; 2],
    /// How long a received message stays invisible; None for the time of the template.
    pub(crate) visibility: Option<Duration>,
}

impl Setting {
    /// The stand-ins of the demo at their own rates, and the times of the template.
    pub(crate) fn with_stand_ins(stand_ins: &StandIns) -> Self {
        Self {
            spotify_url: stand_ins.spotify_url.clone(),
            spotify_token_url: stand_ins.spotify_token_url.clone(),
            musicbrainz_url: stand_ins.musicbrainz_url.clone(),
            calls_per_second: ["10", "20"],
            visibility: None,
        }
    }

    /// A stand-in of the harness. A message that was not deleted is delivered again after a few seconds,
    /// because a test cannot wait for the twelve minutes of the template.
    pub(crate) fn with_upstream(upstream: &Upstream) -> Self {
        Self {
            spotify_url: format!("{}/v1", upstream.url()),
            spotify_token_url: format!("{}/api/token", upstream.url()),
            musicbrainz_url: format!("{}/ws/2", upstream.url()),
            calls_per_second: ["1000", "1000"],
            visibility: Some(Duration::from_secs(3)),
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn programs() -> Programs {
    Programs::find(&repository().join("target")).unwrap()
}

/// Starts a moto for one test.
pub(crate) async fn own_moto() -> Moto {
    Moto::start(&programs()).await.unwrap()
}

/// The moto that the tests of this process share; it ends with the process.
async fn moto_url() -> &'static str {
    static MOTO: OnceCell<Moto> = OnceCell::const_new();
    &MOTO.get_or_init(own_moto).await.url
}

/// A stack with the database at a URL.
pub(crate) async fn stack(database_url: &str, setting: &Setting) -> Stack {
    stack_at(moto_url().await, database_url, setting).await
}

/// As [`stack`], at the moto at a URL.
pub(crate) async fn stack_at(moto_url: &str, database_url: &str, setting: &Setting) -> Stack {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("e2e-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let aws = AwsClient::at(moto_url).unwrap();
    let create = async |kind: &str, secret: Value| {
        let name = format!("{name}-{kind}");
        aws.create_secret(&name, &secret.to_string()).await.unwrap()
    };
    let database = create("database", json!({ "DATABASE_URL": database_url })).await;
    let sources = json!({
        "SPOTIFY_CLIENT_ID": demo::SPOTIFY_CLIENT_ID,
        "SPOTIFY_CLIENT_SECRET": demo::SPOTIFY_CLIENT_SECRET,
    });
    let sources = create("sources", sources).await;
    let parameters = [
        ("DatabaseSecret", database),
        ("SourcesSecret", sources),
        ("Contact", "https://linernotes.invalid/e2e".to_owned()),
        ("SpotifyPerSecond", setting.calls_per_second[0].to_owned()),
        ("MusicBrainzUrl", setting.musicbrainz_url.clone()),
        ("MusicBrainzPerSecond", setting.calls_per_second[1].to_owned()),
    ];
    let variables = [
        ("SPOTIFY_URL", &setting.spotify_url),
        ("SPOTIFY_TOKEN_URL", &setting.spotify_token_url),
    ];
    let options = StackOptions {
        name,
        parameters: parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        variables: variables
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into(),
        visibility: setting.visibility,
    };
    let template = repository().join("template.yaml");
    Stack::create(&programs(), &template, aws, options).await.unwrap()
}

/// An API key that may read, and request ingestions.
pub(crate) async fn key(database: &Database) -> String {
    make_key(&database.pool, "e2e", &[Scope::Read, Scope::Write])
        .await
        .1
}

/// The response of a function. An invocation that fails makes the test fail, with the log of the function.
pub(crate) async fn invoke(emulator: &Emulator, event: &Value) -> Value {
    match emulator.invoke(event).await.unwrap() {
        InvocationResult::Value(value) => value,
        InvocationResult::Failed(cause) => panic!("{cause}\n{}", emulator.output().join("\n")),
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let in_time = tokio::time::timeout(GIVE_UP_AFTER, wait).await;
    in_time.unwrap_or_else(|_| panic!("{what}: not within {GIVE_UP_AFTER:?}"));
}

/// Receives up to ten messages from a queue.
pub(crate) async fn receive(stack: &Stack, queue: &str) -> Vec<Value> {
    let request = json!({
        "QueueUrl": stack.queue_url(queue).unwrap(), "MaxNumberOfMessages": 10, "AttributeNames": ["All"],
    });
    let mut answer = stack.aws.sqs("ReceiveMessage", &request).await.unwrap();
    match answer["Messages"].take() {
        Value::Array(messages) => messages,
        _ => Vec::new(),
    }
}
