//! One function under the emulator: started, invoked, and gone when dropped. Queues and HTTP are not its matter: it takes
//! an event and gives an answer.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

/// Runs the emulator for as long as its own standard input is open, which it is while we live, however we end.
const WATCH: &str = r#"
trap '' HUP INT TERM PIPE
"$@" </dev/null &
read -r _
kill "$!" 2>/dev/null
wait "$!"
"#;
const INVOCATIONS: &str = "/2015-03-31/functions/function/invocations";
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);
/// A free port can be taken before the emulator has it.
const ATTEMPTS: u32 = 5;

/// Where the programs are: AWS's emulator and our functions' binaries.
#[derive(Debug, Clone)]
pub struct Programs {
    emulator: PathBuf,
    functions: PathBuf,
}

impl Programs {
    /// Finds what `scripts/prepare aws` and `cargo lambda build` left in cargo's target directory.
    ///
    /// # Errors
    /// Where the emulator is not there; says what puts it there.
    pub fn find(target: &Path) -> anyhow::Result<Self> {
        let name = match std::env::consts::ARCH {
            "aarch64" => "aws-lambda-rie-arm64",
            _ => "aws-lambda-rie-x86_64",
        };
        let emulator = glob_one(
            &target.join("aws/lib"),
            &["site-packages/samcli/local/rapid", name],
        )
        .with_context(|| {
            format!(
                "no {name} in {}: run scripts/prepare aws",
                target.join("aws").display()
            )
        })?;
        Ok(Self {
            emulator,
            functions: target.join("lambda"),
        })
    }

    /// The binary of a function.
    ///
    /// # Errors
    /// Where it was not built.
    pub fn bootstrap(&self, function: &str) -> anyhow::Result<PathBuf> {
        let path = self.functions.join(function).join("bootstrap");
        if !path.is_file() {
            bail!(
                "{} is not there: build it with cargo lambda build --release --bin {function}",
                path.display()
            );
        }
        Ok(path)
    }
}

/// The one place below `lib/python3.*/` that has the path.
fn glob_one(lib: &Path, path: &[&str]) -> Option<PathBuf> {
    std::fs::read_dir(lib)
        .ok()?
        .flatten()
        .map(|python| {
            path.iter()
                .fold(python.path(), |path, part| path.join(part))
        })
        .find(|path| path.is_file())
}

/// What is started.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name of its binary.
    pub name: String,
    /// All of its environment, but for what the emulator itself adds.
    pub environment: Vec<(String, String)>,
    /// After so long the emulator ends an invocation. It counts in whole seconds.
    pub time_out: Duration,
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What the function answered.
    Value(Value),
    /// The invocation failed: the error's type and message.
    Failed(String),
}

/// A running function. It takes one event at a time, as an instance does. Dropped, it is ended.
#[derive(Debug)]
pub struct Emulator {
    http: reqwest::Client,
    url: String,
    said: Arc<Mutex<Vec<String>>>,
    _hold: ChildStdin,
    _watch: Child,
}

impl Emulator {
    /// Starts a function; it begins its init with the first event, as the emulator wants it.
    ///
    /// # Errors
    /// Where the binary was not built, or the emulator does not start.
    pub async fn start(programs: &Programs, function: &Function) -> anyhow::Result<Self> {
        let bootstrap = programs.bootstrap(&function.name)?;
        for _ in 0..ATTEMPTS {
            let (address, runtime_address) = (free_address()?, free_address()?);
            let mut watch = Command::new("/bin/sh");
            watch
                .args(["-c", WATCH, "linernotes-emulator"])
                .arg(&programs.emulator)
                .args(["--runtime-interface-emulator-address", &address])
                .args(["--runtime-api-address", &runtime_address])
                .arg(&bootstrap)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
                .env(
                    "AWS_LAMBDA_FUNCTION_TIMEOUT",
                    function.time_out.as_secs().to_string(),
                )
                .envs(function.environment.iter().cloned())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped());
            let mut watch = watch.spawn().context("start sh to run the emulator")?;
            let hold = watch.stdin.take().context("no standard input")?;
            let said = Arc::default();
            listen(
                watch.stderr.take().context("no standard error")?,
                Arc::clone(&said),
            );
            if is_listening(&address, &said).await? {
                return Ok(Self {
                    http: shared::http::client("Linernotes")?,
                    url: format!("http://{address}{INVOCATIONS}"),
                    said,
                    _hold: hold,
                    _watch: watch,
                });
            }
        }
        bail!("no free port for the emulator of {}", function.name)
    }

    /// Hands over an event and waits for the answer.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub async fn invoke(&self, event: &Value) -> anyhow::Result<Answer> {
        let response = self
            .http
            .post(&self.url)
            .body(event.to_string())
            .send()
            .await
            .context("invoke the function")?;
        let body = response.text().await.context("read its answer")?;
        let Ok(value) = serde_json::from_str::<Value>(&body) else {
            // A time-out is told in plain words.
            return Ok(Answer::Failed(body));
        };
        match (value.get("errorType"), value.get("errorMessage")) {
            (None, None) => Ok(Answer::Value(value)),
            (kind, message) => {
                let word =
                    |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
                Ok(Answer::Failed(format!("{}: {}", word(kind), word(message))))
            }
        }
    }

    /// How long the function took from its start to asking for its first event, in milliseconds; none before that.
    #[must_use]
    pub fn init_ms(&self) -> Option<f64> {
        self.said().iter().find_map(|line| {
            let (_, rest) = line.split_once("INIT REPORT(durationMs: ")?;
            rest.split([')', ',']).next()?.parse().ok()
        })
    }

    /// Every line that the emulator and the function wrote so far.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn free_address() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("find a free port")?;
    Ok(listener.local_addr()?.to_string())
}

fn listen(stderr: ChildStderr, said: Arc<Mutex<Vec<String>>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    });
}

/// Waits until the emulator takes connections; false where its port was taken.
async fn is_listening(address: &str, said: &Mutex<Vec<String>>) -> anyhow::Result<bool> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let taken = said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|line| line.contains("address already in use"));
        if taken {
            return Ok(false);
        }
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let said = said
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .join("; ");
    bail!("the emulator does not start: {said}")
}
