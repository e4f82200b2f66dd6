//! Settings stored in AWS. Instead of a value, a variable may contain `ssm:NAME`, a parameter of Systems
//! Manager, or `secretsmanager:NAME#KEY`, a field of the JSON in a secret of Secrets Manager (without `#KEY`,
//! its whole text). Each is fetched once, at start.
//!
//! Both services take JSON in a signed request, and one kind of request to each is enough. Their SDKs would
//! add 62 (ssm) and 6 seconds to a clean build on two cores; a signature made with parts of the SQS SDK adds
//! none.

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
use crate::platform::error_text::error_text;

/// The time limit for all requests. A function has ten seconds to start, and connecting to the database takes
/// some of them.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// The pause before the first retry after a temporary failure; it doubles for each further one.
const FIRST_RETRY_DELAY: Duration = Duration::from_millis(200);

/// A reference to a stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    location: SecretLocation,
    /// The field of the JSON stored there; the whole text if `None`.
    key: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SecretLocation {
    Parameter(String),
    Secret(String),
}

impl Reference {
    /// Parses the reference in a variable; `None` if the text is an ordinary value.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("ssm:") {
            let location = SecretLocation::Parameter(name.to_owned());
            return Some(Self { location, key: None });
        }
        let name = text.strip_prefix("secretsmanager:")?;
        let (name, key) = match name.split_once('#') {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (name, None),
        };
        let location = SecretLocation::Secret(name.to_owned());
        Some(Self { location, key })
    }

    /// The referenced value in the stored text; `None` if the JSON lacks the key or has null for it.
    fn value(&self, stored: &str) -> anyhow::Result<Option<String>> {
        let Some(key) = &self.key else {
            return Ok(Some(stored.to_owned()));
        };
        // The parser's error is dropped, since it could quote the secret.
        let fields: BTreeMap<String, Value> = serde_json::from_str(stored)
            .ok()
            .context("it is not a JSON object")?;
        match fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => bail!("its {key} is not a text"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            SecretLocation::Parameter(name) => write!(f, "ssm:{name}")?,
            SecretLocation::Secret(name) => write!(f, "secretsmanager:{name}")?,
        }
        match &self.key {
            Some(key) => write!(f, "#{key}"),
            None => Ok(()),
        }
    }
}

/// Fetches the values that variables refer to, each location once. The result has a value for each variable
/// whose reference exists. `endpoint` is another address than that of AWS.
///
/// # Errors
/// The variable, its reference, and why it cannot be fetched. The error never contains a value.
pub(crate) async fn fetch(
    references: &[(&'static str, Reference)],
    endpoint: Option<&str>,
) -> Result<BTreeMap<&'static str, String>, (&'static str, String)> {
    let Some((variable, reference)) = references.first() else {
        return Ok(BTreeMap::new());
    };
    let service = SecretService::new(endpoint).await;
    let service = service.map_err(|error| (*variable, unreadable(reference, &error)))?;
    service.fetch_all(references).await
}

fn unreadable(reference: &Reference, error: &anyhow::Error) -> String {
    format!("{reference} cannot be read: {}", error_text(&**error))
}

struct SecretService {
    connector: SharedHttpConnector,
    credentials: Credentials,
    region: Region,
    endpoint: Option<String>,
    deadline: Instant,
}

/// A failed attempt, and whether a retry may succeed.
struct FailedAttempt {
    cause: anyhow::Error,
    is_temporary: bool,
}

impl SecretService {
    async fn new(endpoint: Option<&str>) -> anyhow::Result<Self> {
        let credentials = aws::credentials().provide_credentials().await;
        Ok(Self {
            connector: aws::connector(),
            credentials: credentials.context("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")?,
            region: aws::region().await?,
            endpoint: endpoint.map(str::to_owned),
            deadline: Instant::now() + TIME_LIMIT,
        })
    }

    async fn fetch_all(
        &self,
        references: &[(&'static str, Reference)],
    ) -> Result<BTreeMap<&'static str, String>, (&'static str, String)> {
        let mut values = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for (variable, reference) in references {
            let location = &reference.location;
            let value = async {
                if !texts.contains_key(location) {
                    texts.insert(location, self.fetch(location).await?);
                }
                reference.value(&texts[location])
            };
            let value = value.await;
            let value = value.map_err(|error| (*variable, unreadable(reference, &error)))?;
            values.extend(value.map(|value| (*variable, value)));
        }
        Ok(values)
    }

    /// The text stored at a location.
    async fn fetch(&self, location: &SecretLocation) -> anyhow::Result<String> {
        let (service, action, body, pointer) = match location {
            SecretLocation::Parameter(name) => (
                "ssm",
                "AmazonSSM.GetParameter",
                json!({"Name": name, "WithDecryption": true}),
                "/Parameter/Value",
            ),
            SecretLocation::Secret(name) => (
                "secretsmanager",
                "secretsmanager.GetSecretValue",
                json!({"SecretId": name}),
                "/SecretString",
            ),
        };
        let response = self.call(service, action, &body.to_string()).await?;
        let text = response.pointer(pointer).and_then(Value::as_str);
        Ok(text.context("it holds no text")?.to_owned())
    }

    /// Calls a service, and retries temporary failures until the time limit.
    async fn call(&self, service: &str, action: &'static str, body: &str) -> anyhow::Result<Value> {
        let mut pause = FIRST_RETRY_DELAY;
        loop {
            let attempt = self.attempt(service, action, body);
            let failure = match tokio::time::timeout_at(self.deadline, attempt).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => bail!("there was no response within {} seconds", TIME_LIMIT.as_secs()),
            };
            if !failure.is_temporary || Instant::now() + pause >= self.deadline {
                return Err(failure.cause);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn attempt(&self, service: &str, action: &'static str, body: &str) -> Result<Value, FailedAttempt> {
        let permanent = |cause: anyhow::Error| FailedAttempt {
            cause,
            is_temporary: false,
        };
        let request = self.request(service, action, body).map_err(permanent)?;
        let temporary = |cause: anyhow::Error| FailedAttempt {
            cause,
            is_temporary: true,
        };
        let response = self.connector.call(request).await;
        let response =
            response.map_err(|error| temporary(anyhow::Error::new(error).context("no connection")))?;
        let status = response.status();
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| temporary(error.into()))?.into_bytes();
        let answer = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        Err(FailedAttempt {
            is_temporary: status.is_server_error() || error_name(&answer).contains("Throttl"),
            cause: anyhow::anyhow!("{} {}", status.as_u16(), error_line(&answer)),
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

/// The name of an AWS error, such as `ResourceNotFoundException`.
fn error_name(answer: &Value) -> &str {
    let kind = answer["__type"].as_str().unwrap_or_default();
    kind.rsplit('#').next().unwrap_or_default()
}

/// The name and message of an AWS error, on one line. For a wrong signature, further lines of the message
/// contain the signed text with the session token.
fn error_line(answer: &Value) -> String {
    let message = answer["message"].as_str().or(answer["Message"].as_str());
    let line = message.and_then(|message| message.lines().next());
    format!("{} {}", error_name(answer), line.unwrap_or_default())
}

#[cfg(test)]
mod tests;
