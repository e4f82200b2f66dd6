//! One function under the emulator: started, invoked, and gone when dropped. Queues and HTTP are not its matter: it takes
//! an event and gives an answer.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::sync::Mutex;

use super::watched::Watched;

const INVOCATIONS: &str = "/2015-03-31/functions/function/invocations";
/// For the emulator itself, which ends what takes too long.
const MARGIN: Duration = Duration::from_secs(20);
/// What it says of an event can come after the answer.
const TIME_TO_SAY: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// Where the programs are: AWS's emulator, moto and our functions' binaries.
#[derive(Debug, Clone)]
pub struct Programs {
    emulator: PathBuf,
    pub(super) moto: PathBuf,
    pub(super) python: PathBuf,
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
            moto: target.join("aws/bin/moto_server"),
            python: target.join("aws/bin/python"),
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
        .map(|python| path.iter().fold(python.path(), |path, part| path.join(part)))
        .find(|path| path.is_file())
}

/// What is started.
#[derive(Debug, Clone)]
pub struct EmulatedFunction {
    /// The name of its binary.
    pub name: String,
    /// All of its environment, but for what the emulator itself adds.
    pub environment: Vec<(String, String)>,
    /// After so long the emulator ends an invocation. It counts in whole seconds.
    pub time_out: Duration,
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum InvocationResult {
    /// What the function answered.
    Value(Value),
    /// The invocation failed: the error's type and message.
    Failed(String),
}

/// A running function. It takes one event at a time, as an instance does: the next one waits. Dropped, it is ended.
#[derive(Debug)]
pub struct Emulator {
    program: Watched,
    http: reqwest::Client,
    url: String,
    patience: Duration,
    turn: Mutex<()>,
}

impl Emulator {
    /// Starts a function; it begins its init with the first event, as the emulator wants it.
    ///
    /// # Errors
    /// Where the binary was not built, or the emulator does not start.
    pub async fn start(programs: &Programs, function: &EmulatedFunction) -> anyhow::Result<Self> {
        let bootstrap = programs.bootstrap(&function.name)?;
        let started = Watched::start(|address, runtime_address| {
            let mut command = Command::new(&programs.emulator);
            // It would listen on every address.
            command
                .arg("--runtime-interface-emulator-address")
                .arg(address.to_string())
                .arg("--runtime-api-address")
                .arg(runtime_address.to_string())
                .arg(&bootstrap)
                .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
                .env(
                    "AWS_LAMBDA_FUNCTION_TIMEOUT",
                    function.time_out.as_secs().to_string(),
                )
                .envs(function.environment.iter().cloned());
            command
        });
        let (program, address) = started
            .await
            .with_context(|| format!("start {} under the emulator", function.name))?;
        Ok(Self {
            program,
            http: shared::platform::http::client("Linernotes")?,
            url: format!("http://{address}{INVOCATIONS}"),
            patience: function.time_out + MARGIN,
            turn: Mutex::new(()),
        })
    }

    /// Hands over an event and waits for the answer.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub async fn invoke(&self, event: &Value) -> anyhow::Result<InvocationResult> {
        let _turn = self.turn.lock().await;
        let response = self
            .http
            .post(&self.url)
            .timeout(self.patience)
            .body(event.to_string())
            .send()
            .await
            .context("invoke the function")?;
        let body = response.text().await.context("read its answer")?;
        let Ok(value) = serde_json::from_str::<Value>(&body) else {
            // A time-out is told in plain words.
            return Ok(InvocationResult::Failed(body));
        };
        match (value.get("errorType"), value.get("errorMessage")) {
            (None, None) => Ok(InvocationResult::Value(value)),
            (kind, message) => {
                let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
                Ok(InvocationResult::Failed(format!(
                    "{}: {}",
                    word(kind),
                    word(message)
                )))
            }
        }
    }

    /// How long the function took from its start to asking for its first event, in milliseconds; none where it has had no
    /// event yet.
    pub async fn init_ms(&self) -> Option<f64> {
        let begun = Instant::now();
        loop {
            let said = self.said();
            let init_ms = said.iter().find_map(|line| {
                let (_, rest) = line.split_once("INIT REPORT(durationMs: ")?;
                rest.split([')', ',']).next()?.parse().ok()
            });
            if init_ms.is_some() || begun.elapsed() > TIME_TO_SAY {
                return init_ms;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Every line that the emulator and the function wrote so far.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.program.said()
    }

    /// Kills the function in the middle of what it does; false where it does not run. The next event starts it anew.
    ///
    /// # Errors
    /// Where the processes of this machine cannot be listed.
    pub fn kill_runtime(&self) -> anyhow::Result<bool> {
        let parent = format!("PPid:\t{}", self.program.pid);
        for entry in std::fs::read_dir("/proc")
            .context("list the processes")?
            .flatten()
        {
            let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            if status.lines().any(|line| line == parent) {
                let mut kill = Command::new("/bin/sh");
                kill.args(["-c", "kill -KILL \"$1\"", "sh"])
                    .arg(entry.file_name());
                return Ok(kill.status().context("kill the function")?.success());
            }
        }
        Ok(false)
    }
}
