//! HTTP requests to the sources: one client with TLS, time-outs and a User-Agent, and the common reading of
//! responses. Tokens and quotas belong to the client of each source.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::{Action, Attempt, Policy};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Far above the largest release (about 20 MB), and small enough not to exhaust a function's memory.
const MAX_BODY_BYTES: usize = 64 << 20;
const MAX_REDIRECTS: usize = 3;
/// The pause after a 429 response that states none.
const DEFAULT_PAUSE_SECONDS: u32 = 30;

/// Why an upstream gave no usable response. A missing record is not an error: `fetch_` methods return
/// `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many requests: none may be sent before `until`.
    #[error("rate limited until {until}")]
    RateLimited {
        /// When the upstream accepts requests again.
        until: DateTime<Utc>,
        /// Whether a quota is used up, which can take hours to recover, or the upstream only asks for a
        /// pause.
        quota: bool,
    },
    /// The upstream rejects us without saying for how long (a captcha, a ban). The caller should stop for a
    /// long time.
    #[error("blocked: {0}")]
    Blocked(String),
    /// The upstream is down, slow or unreachable. The caller may retry later.
    #[error("unavailable: {cause}")]
    Unavailable {
        /// What went wrong, in one line without secrets.
        cause: String,
        /// The delay that it asks for, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// The upstream does not accept our credentials. A person must correct the configuration.
    #[error("refused: {0}")]
    Refused(String),
    /// The response does not match the upstream's documentation: cut off, not JSON, or of another shape.
    #[error("unreadable response: {0}")]
    Decode(String),
}

/// Creates the client for all upstreams. `user_agent` names the application and a way to reach its operator.
///
/// # Errors
/// If the User-Agent has characters that a header cannot contain.
pub fn client(user_agent: &str) -> Result<reqwest::Client, reqwest::Error> {
    builder(user_agent).build()
}

/// As [`client`], for servers on this machine: a proxy that the environment names would get the requests, and
/// their keys.
///
/// # Errors
/// As [`client`].
pub fn client_without_proxy(user_agent: &str) -> Result<reqwest::Client, reqwest::Error> {
    builder(user_agent).no_proxy().build()
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
fn builder(user_agent: &str) -> reqwest::ClientBuilder {
    // Fails if the provider is already installed, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(user_agent)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .redirect(Policy::custom(follow_on_same_host))
}

/// Follows redirects on the host that was asked, also from http to https. Any other host, port or scheme
/// would get our token and learn what was asked.
fn follow_on_same_host(attempt: Attempt<'_>) -> Action {
    let (target, asked) = (attempt.url(), &attempt.previous()[0]);
    let is_upgrade = (asked.scheme(), target.scheme()) == ("http", "https");
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("the source redirects too often")
    } else if target.origin() == asked.origin() || (is_upgrade && target.host() == asked.host()) {
        attempt.follow()
    } else {
        attempt.error("the source redirects to another host, which is not asked")
    }
}

/// A complete response with any status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The complete body.
    pub body: Vec<u8>,
}

/// Sends a request and reads the complete response.
///
/// # Errors
/// [`Error::Unavailable`] if the connection fails, times out or breaks off; [`Error::Decode`] for a body over
/// 64 MiB.
pub async fn send(request: reqwest::RequestBuilder) -> Result<HttpResponse, Error> {
    let mut response = request.send().await.map_err(unavailable)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Error::Decode(format!(
                "the response is over {} MiB",
                MAX_BODY_BYTES >> 20
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse {
        status,
        headers,
        body,
    })
}

impl HttpResponse {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Decode`] if it is no such JSON. It quotes nothing of the body, which can have what a person
    /// says about themselves.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.not_such_json(&error))
    }

    /// The parser's own message would quote the value that does not fit.
    fn not_such_json(&self, error: &serde_json::Error) -> Error {
        let problem = match error.classify() {
            Category::Data => "JSON of another shape",
            Category::Eof => "cut off or empty",
            Category::Syntax | Category::Io => "not JSON",
        };
        let content_type = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        Error::Decode(format!(
            "the body ({}, {} bytes) is {problem} at line {}, column {}",
            content_type.unwrap_or("no content type"),
            self.body.len(),
            error.line(),
            error.column()
        ))
    }

    /// Interprets the statuses that all upstreams use in the same way: the JSON for success, `Ok(None)` for
    /// 404, otherwise an error. 401 and 403 are [`Error::Refused`]; for a source where they mean something
    /// else, check `status` first.
    ///
    /// # Errors
    /// As said, and as [`HttpResponse::json`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        match self.status {
            status if status.is_success() => self.json().map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::TOO_MANY_REQUESTS => Err(Error::RateLimited {
                until: Utc::now()
                    + chrono::Duration::seconds(
                        self.retry_after_seconds().unwrap_or(DEFAULT_PAUSE_SECONDS).into(),
                    ),
                quota: false,
            }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                if self.is_html() {
                    Err(Error::Blocked(format!("{} with an HTML page", self.status)))
                } else {
                    Err(Error::Refused(format!("{}: {}", self.status, self.beginning())))
                }
            }
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                Err(Error::Unavailable {
                    cause: format!("{status}: {}", self.beginning()),
                    retry_after_seconds: self.retry_after_seconds(),
                })
            }
            status => Err(Error::Decode(format!("{status}: {}", self.beginning()))),
        }
    }

    /// The Retry-After header in seconds from now; it may state seconds or a date.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u32> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse::<f64>() {
            return (seconds >= 0.0).then(|| seconds.ceil().min(f64::from(u32::MAX)) as u32);
        }
        let date = DateTime::parse_from_rfc2822(value).ok()?;
        u32::try_from((date.to_utc() - Utc::now()).num_seconds().max(0)).ok()
    }

    pub(crate) fn is_html(&self) -> bool {
        self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// The beginning of the body on one line, for error messages.
    fn beginning(&self) -> String {
        const MAX_CHARS: usize = 120;
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(4 * MAX_CHARS)]);
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(MAX_CHARS)
            .collect()
    }
}

/// The error without its URL, which can contain what a person requested.
fn unavailable(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        cause = format!("{cause}: {inner}");
        source = inner.source();
    }
    Error::Unavailable {
        cause,
        retry_after_seconds: None,
    }
}
