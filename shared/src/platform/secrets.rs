//! Settings that are kept in AWS: a variable may hold `ssm:NAME`, a parameter of Systems Manager, or
//! `secretsmanager:NAME#KEY`, a field of the JSON that a secret of Secrets Manager holds (without `#KEY`, all of its text)
//! instead of a value. Each is fetched once, at start; which variables there are is [`crate::platform::config`]'s matter.
//!
//! Both services take JSON in a signed request, and one request is all that is wanted of each. Their SDKs would cost 62
//! (ssm) and 6 seconds of a clean build on two cores, which a signature with what the SDK for SQS is made of does not.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use aws_config::Region;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::platform::aws;

/// A function has ten seconds to start, and its database wants some of them.
const TIME: Duration = Duration::from_secs(5);
/// Before what failed in passing is tried again; each further time it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Where a value is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    place: Place,
    /// The field of the JSON there; all of the text where it is not given.
    key: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Parameter(String),
    Secret(String),
}

impl Reference {
    /// The reference that a variable holds, where it holds no value.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("ssm:") {
            let place = Place::Parameter(name.to_owned());
            return Some(Self { place, key: None });
        }
        let name = text.strip_prefix("secretsmanager:")?;
        let (name, key) = match name.split_once('#') {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (name, None),
        };
        let place = Place::Secret(name.to_owned());
        Some(Self { place, key })
    }

    /// What it stands for in the text that is kept there; nothing where the JSON lacks the key, or has null for it.
    fn value(&self, kept: &str) -> anyhow::Result<Option<String>> {
        let Some(key) = &self.key else {
            return Ok(Some(kept.to_owned()));
        };
        // The cause could quote the secret.
        let kept: BTreeMap<String, Value> =
            serde_json::from_str(kept).ok().context("it is no JSON object")?;
        match kept.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => bail!("its {key} is no text"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Parameter(name) => write!(f, "ssm:{name}")?,
            Place::Secret(name) => write!(f, "secretsmanager:{name}")?,
        }
        match &self.key {
            Some(key) => write!(f, "#{key}"),
            None => Ok(()),
        }
    }
}

/// Fetches what variables refer to, each place once; gives the value of each variable whose reference has one.
/// `endpoint` is another address than AWS's.
///
/// # Errors
/// Names the variable, what it refers to, and why that cannot be had. Never holds a value.
pub(crate) async fn fetch(
    references: &[(&'static str, Reference)],
    endpoint: Option<&str>,
) -> Result<BTreeMap<&'static str, String>, (&'static str, String)> {
    let Some((variable, reference)) = references.first() else {
        return Ok(BTreeMap::new());
    };
    let service = Service::at(endpoint).await;
    let service = service.map_err(|error| (*variable, unread(reference, &error)))?;
    service.fetch_all(references).await
}

fn unread(reference: &Reference, error: &anyhow::Error) -> String {
    format!("{reference} cannot be read: {error:#}")
}

struct Service {
    connector: SharedHttpConnector,
    credentials: Credentials,
    region: Region,
    endpoint: Option<String>,
    until: Instant,
}

/// Why an attempt failed, and whether another one may not.
struct Failure {
    cause: anyhow::Error,
    is_passing: bool,
}

impl Service {
    async fn at(endpoint: Option<&str>) -> anyhow::Result<Self> {
        let credentials = aws::credentials().provide_credentials().await;
        Ok(Self {
            connector: aws::connector(),
            credentials: credentials.context("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")?,
            region: aws::region().await?,
            endpoint: endpoint.map(str::to_owned),
            until: Instant::now() + TIME,
        })
    }

    async fn fetch_all(
        &self,
        references: &[(&'static str, Reference)],
    ) -> Result<BTreeMap<&'static str, String>, (&'static str, String)> {
        let mut values = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for (variable, reference) in references {
            let place = &reference.place;
            let value = async {
                if !kept.contains_key(place) {
                    kept.insert(place, self.fetch(place).await?);
                }
                reference.value(&kept[place])
            };
            let value = value.await;
            let value = value.map_err(|error| (*variable, unread(reference, &error)))?;
            values.extend(value.map(|value| (*variable, value)));
        }
        Ok(values)
    }

    /// The text that is kept at a place.
    async fn fetch(&self, place: &Place) -> anyhow::Result<String> {
        let (service, action, body, pointer) = match place {
            Place::Parameter(name) => (
                "ssm",
                "AmazonSSM.GetParameter",
                json!({"Name": name, "WithDecryption": true}),
                "/Parameter/Value",
            ),
            Place::Secret(name) => (
                "secretsmanager",
                "secretsmanager.GetSecretValue",
                json!({"SecretId": name}),
                "/SecretString",
            ),
        };
        let answer = self.call(service, action, &body.to_string()).await?;
        let text = answer.pointer(pointer).and_then(Value::as_str);
        Ok(text.context("it holds no text")?.to_owned())
    }

    /// Tries until there is no time left, where it may help.
    async fn call(&self, service: &str, action: &'static str, body: &str) -> anyhow::Result<Value> {
        let mut pause = FIRST_PAUSE;
        loop {
            let attempt = self.attempt(service, action, body);
            let failure = match tokio::time::timeout_at(self.until, attempt).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => bail!("there was no answer in {} seconds", TIME.as_secs()),
            };
            if !failure.is_passing || Instant::now() + pause >= self.until {
                return Err(failure.cause);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn attempt(&self, service: &str, action: &'static str, body: &str) -> Result<Value, Failure> {
        let lasting = |cause: anyhow::Error| Failure {
            cause,
            is_passing: false,
        };
        let request = self.request(service, action, body).map_err(lasting)?;
        let passing = |cause: anyhow::Error| Failure {
            cause,
            is_passing: true,
        };
        let response = self.connector.call(request).await;
        let response =
            response.map_err(|error| passing(anyhow::Error::new(error).context("no connection")))?;
        let status = response.status();
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| passing(error.into()))?.into_bytes();
        let answer = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        Err(Failure {
            is_passing: status.is_server_error() || kind(&answer).contains("Throttl"),
            cause: anyhow::anyhow!("{} {}", status.as_u16(), refusal(&answer)),
        })
    }

    fn request(&self, service: &str, action: &'static str, body: &str) -> anyhow::Result<HttpRequest> {
        let region = self.region.as_ref();
        let uri = match &self.endpoint {
            Some(endpoint) => format!("{endpoint}/"),
            None if region.starts_with("cn-") => {
                format!("https://{service}.{region}.amazonaws.com.cn/")
            }
            None => format!("https://{service}.{region}.amazonaws.com/"),
        };
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", action),
        ];
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableRequest::new(
            "POST",
            uri.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (signature, _) = sign(signable, &params)?.into_parts();
        let mut request = HttpRequest::new(body.into());
        request.set_method("POST")?;
        request.set_uri(uri.as_str())?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        for (name, value) in signature.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }
}

/// What AWS calls an error, as in `ResourceNotFoundException`.
fn kind(answer: &Value) -> &str {
    let kind = answer["__type"].as_str().unwrap_or_default();
    kind.rsplit('#').next().unwrap_or_default()
}

/// What AWS says of an error, in one line: of a wrong signature it tells in further ones what was signed, which holds
/// the session's token.
fn refusal(answer: &Value) -> String {
    let message = answer["message"].as_str().or(answer["Message"].as_str());
    let line = message.and_then(|message| message.lines().next());
    format!("{} {}", kind(answer), line.unwrap_or_default())
}

#[cfg(test)]
mod tests;
