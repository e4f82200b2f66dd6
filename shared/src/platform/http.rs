//! HTTP requests to the sources: one client with TLS, time-outs and a User-Agent, and one reading of what comes back.
//! What is particular to a source (tokens, quotas) stays with its client.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::de::DeserializeOwned;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Far above the largest release there is (about 20 MB), and small enough not to exhaust a function's memory.
const LARGEST_BODY_BYTES: usize = 64 << 20;
/// How long to stay away after a 429 that does not say.
const PAUSE_SECONDS: u32 = 30;

/// Why an upstream gave no answer. That it knows no such thing is no error: `fetch_` methods say `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many requests: none may go out before `until`.
    #[error("rate limited until {until}")]
    RateLimited {
        /// When the upstream will answer again.
        until: DateTime<Utc>,
        /// True for a quota used up, which can be hours; false for a pause.
        quota: bool,
    },
    /// The upstream turns us away without saying how long (a captcha, a ban): stay away for long.
    #[error("blocked: {0}")]
    Blocked(String),
    /// The upstream is down, slow or unreachable: try again later.
    #[error("unavailable: {cause}")]
    Unavailable {
        /// What went wrong, in one line without secrets.
        cause: String,
        /// How long it asked us to wait, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// The upstream will not serve these credentials; a person must mend the configuration.
    #[error("refused: {0}")]
    Refused(String),
    /// The answer is not what the upstream's documentation says: cut off, not JSON, of another shape.
    #[error("unreadable answer: {0}")]
    Decode(String),
}

/// A client for every upstream. `user_agent` names the application and a way to reach its operator.
///
/// # Errors
/// When the User-Agent has characters a header cannot hold.
#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
pub fn client(user_agent: &str) -> Result<reqwest::Client, reqwest::Error> {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(user_agent)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        // An upstream's answers come from its own host; a redirect elsewhere would carry our token along.
        .redirect(reqwest::redirect::Policy::limited(3))
        .build()
}

/// A whole answer, whatever its status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, complete.
    pub body: Vec<u8>,
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// [`Error::Unavailable`] for what did not connect, took too long or broke off; [`Error::Decode`] for a body over 64 MiB.
pub async fn send(request: reqwest::RequestBuilder) -> Result<HttpResponse, Error> {
    let mut response = request.send().await.map_err(unavailable)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        if body.len() + chunk.len() > LARGEST_BODY_BYTES {
            return Err(Error::Decode(format!(
                "the answer is over {} MiB",
                LARGEST_BODY_BYTES >> 20
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
    /// [`Error::Decode`] where it is not that, with how the body begins.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::Decode(format!("{error}; it begins: {}", self.beginning())))
    }

    /// What a status that all upstreams use alike means: `Ok(None)` for 404, the JSON for success, else the error.
    /// 401 and 403 are [`Error::Refused`]; a source where they mean something else looks at `status` first.
    ///
    /// # Errors
    /// As said, and as [`HttpResponse::json`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        match self.status {
            status if status.is_success() => self.json().map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::TOO_MANY_REQUESTS => Err(Error::RateLimited {
                until: Utc::now()
                    + chrono::Duration::seconds(self.retry_after_seconds().unwrap_or(PAUSE_SECONDS).into()),
                quota: false,
            }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                if self.is_html() {
                    Err(Error::Blocked(format!("{} with a page for people", self.status)))
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

    /// The Retry-After header in seconds from now, whether it was given as seconds or as a date.
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

    /// The first line's worth of the body, for a message.
    fn beginning(&self) -> String {
        const SHOWN: usize = 120;
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(4 * SHOWN)]);
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(SHOWN)
            .collect()
    }
}

/// The cause without the URL, which can hold what a person asked for.
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
