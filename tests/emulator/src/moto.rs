//! moto, which stands for SQS and Secrets Manager, and calls to it. Which queues and secrets there are is the stack's
//! matter.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::emulator::Programs;
use super::watched::Watched;

/// Where everything is.
pub const REGION: &str = "us-east-1";
/// moto's own.
pub(super) const ACCOUNT: &str = "123456789012";

/// A running moto. Dropped, it is ended.
#[derive(Debug)]
pub struct Moto {
    /// Where it listens.
    pub url: String,
    _program: Watched,
}

impl Moto {
    /// Starts one that holds nothing.
    ///
    /// # Errors
    /// Where it is not installed, or does not start.
    pub async fn start(programs: &Programs) -> anyhow::Result<Self> {
        let started = Watched::start(|address, _| {
            let mut command = Command::new(&programs.moto);
            command
                .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
                // So that it can be told to look at who asks; see `AwsClient::admit`.
                .env("INITIAL_NO_AUTH_ACTION_COUNT", EVERYBODY.to_string());
            command
        });
        let (program, address) = started.await.context("start moto")?;
        Ok(Self {
            url: format!("http://{address}"),
            _program: program,
        })
    }
}

/// More calls than anybody makes.
const EVERYBODY: u32 = 1_000_000_000;

/// A client of moto's. It is not signed: moto looks at the names alone.
#[derive(Debug, Clone)]
pub struct AwsClient {
    url: String,
    http: reqwest::Client,
}

impl AwsClient {
    /// A client of the moto at a URL.
    ///
    /// # Errors
    /// Where no HTTP client can be made.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            http: shared::platform::http::client("Linernotes")?,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One action of SQS, such as `SendMessage`.
    ///
    /// # Errors
    /// moto's refusal, in its words.
    pub async fn sqs(&self, action: &str, request: &Value) -> anyhow::Result<Value> {
        self.call("sqs", &format!("AmazonSQS.{action}"), request).await
    }

    /// Keeps a secret; gives its ARN.
    ///
    /// # Errors
    /// As [`AwsClient::sqs`].
    pub async fn create_secret(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let request = serde_json::json!({"Name": name, "SecretString": text});
        let answer = self
            .call("secretsmanager", "secretsmanager.CreateSecret", &request)
            .await?;
        Ok(answer["ARN"].as_str().context("no ARN")?.to_owned())
    }

    /// Lets everybody in from now on, or nobody.
    ///
    /// # Errors
    /// Where moto does not answer.
    pub async fn admit(&self, everybody: bool) -> anyhow::Result<()> {
        let count = if everybody { EVERYBODY } else { 0 };
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
            "AWS4-HMAC-SHA256 Credential=e2e/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
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
