//! Runs one function under AWS's runtime interface emulator: starts it and invokes it with events.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::server_process::WatchedProgram;

const INVOCATIONS: &str = "/2015-03-31/functions/function/invocations";
/// Additional time for the emulator, which itself aborts an invocation at the time-out of the function.
const TIME_OUT_MARGIN: Duration = Duration::from_secs(20);
/// The emulator may log the report of an invocation after the answer.
const REPORT_TIME_OUT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// Paths of AWS's emulator, moto and our functions' binaries.
#[derive(Debug, Clone)]
pub struct Programs {
    emulator: PathBuf,
    pub(super) moto: PathBuf,
    pub(super) python: PathBuf,
    functions: PathBuf,
}

impl Programs {
    /// Finds the programs that `scripts/prepare aws` and `cargo lambda build` put into cargo's target
    /// directory.
    ///
    /// # Errors
    /// If the emulator is missing. The message says how to install it.
    pub fn find(target: &Path) -> anyhow::Result<Self> {
        let name = match std::env::consts::ARCH {
            "aarch64" => "aws-lambda-rie-arm64",
            _ => "aws-lambda-rie-x86_64",
        };
        let emulator = find_in_python(
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
    /// If it was not built.
    pub fn bootstrap(&self, function: &str) -> anyhow::Result<PathBuf> {
        let path = self.functions.join(function).join("bootstrap");
        if !path.is_file() {
            bail!(
                "{} is missing: build it with cargo lambda build --release --bin {function}",
                path.display()
            );
        }
        Ok(path)
    }
}

/// The file with this path below one of the folders `lib/python3.*/`.
fn find_in_python(lib: &Path, path: &[&str]) -> Option<PathBuf> {
    std::fs::read_dir(lib)
        .ok()?
        .flatten()
        .map(|python| path.iter().fold(python.path(), |path, part| path.join(part)))
        .find(|path| path.is_file())
}

/// A function to run under the emulator.
#[derive(Debug, Clone)]
pub struct EmulatedFunction {
    /// Name of the binary.
    pub name: String,
    /// The whole environment, except for what the emulator adds.
    pub environment: Vec<(String, String)>,
    /// The emulator aborts an invocation after this time, in whole seconds.
    pub time_out: Duration,
}

/// The result of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum InvocationResult {
    /// The answer of the function.
    Value(Value),
    /// The invocation failed, with this error type and message.
    Failed(String),
}

/// A running function. Like an instance on Lambda, it handles one event at a time. Dropping this ends it.
#[derive(Debug)]
pub struct Emulator {
    program: WatchedProgram,
    http: reqwest::Client,
    url: String,
    time_out: Duration,
    invocation: Mutex<()>,
}

impl Emulator {
    /// Starts the emulator. It initializes the function at the first event.
    ///
    /// # Errors
    /// If the binary was not built, or the emulator does not start.
    pub async fn start(programs: &Programs, function: &EmulatedFunction) -> anyhow::Result<Self> {
        let bootstrap = programs.bootstrap(&function.name)?;
        let started = WatchedProgram::start(|address, runtime_address| {
            let mut command = Command::new(&programs.emulator);
            // By default, the emulator listens on all addresses.
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
            time_out: function.time_out + TIME_OUT_MARGIN,
            invocation: Mutex::new(()),
        })
    }

    /// Invokes the function with an event and waits for the result.
    ///
    /// # Errors
    /// If the emulator does not answer.
    pub async fn invoke(&self, event: &Value) -> anyhow::Result<InvocationResult> {
        let _invocation = self.invocation.lock().await;
        let response = self
            .http
            .post(&self.url)
            .timeout(self.time_out)
            .body(event.to_string())
            .send()
            .await
            .context("invoke the function")?;
        let body = response.text().await.context("read the function's answer")?;
        let Ok(value) = serde_json::from_str::<Value>(&body) else {
            // The emulator reports a time-out as plain text.
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

    /// Time from the start of the function until it asked for its first event, in milliseconds. `None` if it
    /// has not been invoked yet.
    pub async fn init_ms(&self) -> Option<f64> {
        let started_at = Instant::now();
        loop {
            let output = self.output();
            let init_ms = output.iter().find_map(|line| {
                let (_, rest) = line.split_once("INIT REPORT(durationMs: ")?;
                rest.split([')', ',']).next()?.parse().ok()
            });
            if init_ms.is_some() || started_at.elapsed() > REPORT_TIME_OUT {
                return init_ms;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// All lines that the emulator and the function have written so far.
    #[must_use]
    pub fn output(&self) -> Vec<String> {
        self.program.output()
    }

    /// Kills the process of the function; false if it is not running. The next event starts it again.
    ///
    /// # Errors
    /// If the processes of this machine cannot be listed.
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
