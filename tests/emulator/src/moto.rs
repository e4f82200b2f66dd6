//! Runs moto in place of SQS and Secrets Manager, and a client for it.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::emulator::Programs;
use crate::server_process::WatchedProgram;

/// The AWS region of everything.
pub const REGION: &str = "us-east-1";
/// The account id that moto uses.
pub(super) const ACCOUNT: &str = "123456789012";

/// A running moto. Dropping this ends it.
#[derive(Debug)]
pub struct Moto {
    /// Its URL.
    pub url: String,
    _program: WatchedProgram,
}

impl Moto {
    /// Starts an empty moto.
    ///
    /// # Errors
    /// If it is not installed or does not start.
    pub async fn start(programs: &Programs) -> anyhow::Result<Self> {
        let started = WatchedProgram::start(|address, _| {
            let mut command = Command::new(&programs.moto);
            command
                .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
                // Enables the check of credentials, but only after this many calls; see `AwsClient::admit`.
                .env("INITIAL_NO_AUTH_ACTION_COUNT", UNLIMITED_CALLS.to_string());
            command
        });
        let (program, address) = started.await.context("start moto")?;
        Ok(Self {
            url: format!("http://{address}"),
            _program: program,
        })
    }
}

/// More calls than any test makes.
const UNLIMITED_CALLS: u32 = 1_000_000_000;

/// A client for moto. Its requests are not signed: moto checks only the names.
#[derive(Debug, Clone)]
pub struct AwsClient {
    url: String,
    http: reqwest::Client,
}

impl AwsClient {
    /// Creates a client for the moto at a URL.
    ///
    /// # Errors
    /// If the HTTP client cannot be created.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            http: shared::platform::http::client("Linernotes")?,
        })
    }

    /// The URL of moto.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Calls an action of SQS, such as `SendMessage`.
    ///
    /// # Errors
    /// moto's error response.
    pub async fn sqs(&self, action: &str, request: &Value) -> anyhow::Result<Value> {
        self.call("sqs", &format!("AmazonSQS.{action}"), request).await
    }

    /// Creates a secret and returns its ARN.
    ///
    /// # Errors
    /// Like [`AwsClient::sqs`].
    pub async fn create_secret(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let request = serde_json::json!({"Name": name, "SecretString": text});
        let answer = self
            .call("secretsmanager", "secretsmanager.CreateSecret", &request)
            .await?;
        Ok(answer["ARN"]
            .as_str()
            .context("the secret has no ARN")?
            .to_owned())
    }

    /// Makes moto accept all credentials, or none.
    ///
    /// # Errors
    /// If moto does not answer.
    pub async fn admit(&self, everybody: bool) -> anyhow::Result<()> {
        let count = if everybody { UNLIMITED_CALLS } else { 0 };
        let request = self
            .http
            .post(format!("{}/moto-api/reset-auth", self.url))
            .body(count.to_string());
        let response = request.send().await.context("call moto")?;
        ensure!(response.status().is_success(), "moto: {}", response.status());
        Ok(())
    }

    async fn call(&self, service: &str, target: &str, request: &Value) -> anyhow::Result<Value> {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=e2e/20260101/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let response = self
            .http
            .post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .header("authorization", scope)
            .body(request.to_string())
            .send()
            .await
            .context("call moto")?;
        let status = response.status();
        let body = response.text().await.context("call moto")?;
        ensure!(status.is_success(), "{target}: {status} {body}");
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&body).context("read moto's answer")
    }
}
