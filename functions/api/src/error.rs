//! Errors of the API as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details. The causes of
//! server errors are logged here, once, and never sent to the caller.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::curation;
use shared::platform::db::{self, PoolError};
use shared::platform::error_text::error_text;

use crate::limits::{BODY_TIME_OUT, LARGEST_BODY_BYTES, TIME_OUT};

/// Why a request fails.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The requested thing does not exist. The text says what is missing and how to find it.
    NotFound(String),
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// The caller must send an API key, or a different one.
    Unauthorized(Cow<'static, str>),
    /// The API key lacks a scope.
    Forbidden(String),
    /// An API key was sent in the URL.
    KeyInUrl,
    /// The body is not valid JSON or could not be received.
    Unreadable(String),
    /// The body is larger than [`LARGEST_BODY_BYTES`].
    TooLarge,
    /// The Accept header excludes JSON.
    NotAcceptable,
    /// The Content-Type header does not say JSON.
    UnsupportedMediaType,
    /// The request was read, but parts of it are invalid.
    Invalid(Vec<InvalidPart>),
    /// The idempotency key was used for a different request.
    IdempotencyKeyReused,
    /// The response is too large to send.
    AnswerTooLarge,
    /// The body did not arrive within [`BODY_TIME_OUT`].
    BodyTimedOut,
    /// The sender sent too many wrong API keys, and must wait for this long.
    TooManyWrongKeys(Duration),
    /// Too many requests are answered at once.
    Busy,
    /// The request was not finished within [`TIME_OUT`].
    TimedOut,
    /// The database cannot be reached.
    Unavailable(anyhow::Error),
    /// A load has locked the catalog. The text says what has to be done.
    CatalogLocked(String),
    /// Any other error of the server.
    Internal(anyhow::Error),
}

/// One part of a request that is invalid, or that cannot be done yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct InvalidPart {
    /// The place in the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// The name of the query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<&'static str>,
    /// What is wrong, and what would be valid.
    pub(crate) detail: String,
}

/// `{"type","title","status","detail","errors"?}`: `type` identifies the kind of problem for programs,
/// `detail` says what to do, and `errors` lists every invalid part of the request.
#[derive(Debug, Serialize)]
struct ProblemDetails {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<InvalidPart>,
}

impl ApiError {
    /// The error for one invalid part of the body.
    pub(crate) fn in_body(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![InvalidPart::in_body(pointer, detail)])
    }

    fn catalog_locked() -> Self {
        Self::CatalogLocked(
            "nothing can be changed until a load has created the keys of the catalog: try again later, and \
             see GET /v1/ready"
                .to_owned(),
        )
    }

    /// The error for an invalid query parameter or header.
    pub(crate) fn in_parameter(parameter: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![InvalidPart {
            pointer: None,
            parameter: Some(parameter),
            detail: detail.into(),
        }])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Unreadable(_) | Self::KeyInUrl => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::IdempotencyKeyReused | Self::AnswerTooLarge => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::BodyTimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyWrongKeys(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::TimedOut | Self::Unavailable(_) | Self::CatalogLocked(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn kind_and_title(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound(_) => ("not-found", "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", "Method not allowed"),
            Self::Unauthorized(_) => ("key-required", "A valid API key is required"),
            Self::Forbidden(_) => ("scope-required", "The API key lacks a scope"),
            Self::KeyInUrl => ("key-in-url", "An API key was sent in the URL"),
            Self::Unreadable(_) => ("unreadable-body", "The request body cannot be read"),
            Self::TooLarge => ("body-too-large", "The request body is too large"),
            Self::NotAcceptable => ("not-acceptable", "This type is not served"),
            Self::UnsupportedMediaType => ("unsupported-media-type", "The request body is not JSON"),
            Self::Invalid(_) => ("invalid-request", "The request is invalid"),
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                "The idempotency key was used for a different request",
            ),
            Self::AnswerTooLarge => ("answer-too-large", "The response is too large"),
            Self::BodyTimedOut => ("body-timed-out", "The request body did not arrive in time"),
            Self::TooManyWrongKeys(_) => ("too-many-wrong-keys", "Too many wrong API keys were sent"),
            Self::Busy => ("busy", "The server is busy"),
            Self::TimedOut => ("timed-out", "The request timed out"),
            Self::Unavailable(_) => ("unavailable", "The service is unavailable"),
            Self::CatalogLocked(_) => ("catalog-locked", "A load has locked the catalog"),
            Self::Internal(_) => ("internal", "Internal server error"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound(detail)
            | Self::Forbidden(detail)
            | Self::Unreadable(detail)
            | Self::CatalogLocked(detail) => detail.clone(),
            Self::Unauthorized(detail) => detail.clone().into_owned(),
            Self::KeyInUrl => {
                "an API key is not accepted in the URL, which logs and histories keep: send it in the \
                 header `Authorization: Bearer ln_…`, and have a key that was sent in a URL revoked"
                    .to_owned()
            }
            Self::MethodNotAllowed => {
                "use one of the methods in the Allow header of this response".to_owned()
            }
            Self::TooLarge => {
                format!("the body of a request can have at most {LARGEST_BODY_BYTES} bytes")
            }
            Self::NotAcceptable => {
                "the answers are JSON: leave the Accept header out, or send `Accept: application/json`"
                    .to_owned()
            }
            Self::UnsupportedMediaType => {
                "send a JSON body with the header `Content-Type: application/json`".to_owned()
            }
            Self::Invalid(parts) => {
                let details: Vec<&str> = parts.iter().map(|part| part.detail.as_str()).collect();
                details.join("; ")
            }
            Self::IdempotencyKeyReused => {
                "an earlier request with this Idempotency-Key was different: repeat it unchanged to get its \
                 ingestion, or send a new Idempotency-Key"
                    .to_owned()
            }
            Self::AnswerTooLarge => "request fewer items at a time, with a smaller limit".to_owned(),
            Self::BodyTimedOut => format!(
                "the body did not arrive within {} seconds: send it at once",
                BODY_TIME_OUT.as_secs()
            ),
            Self::TooManyWrongKeys(wait) => format!(
                "your address sent too many wrong API keys: check your key, and try again in {} seconds",
                wait.as_secs()
            ),
            Self::Busy => "the server answers as many requests as it can at once: try again later".to_owned(),
            Self::TimedOut => format!(
                "the request was not finished within {} seconds: try again later",
                TIME_OUT.as_secs()
            ),
            Self::Unavailable(_) => "the server cannot reach its database: try again later".to_owned(),
            Self::Internal(_) => "the server failed and logged the cause: try again later".to_owned(),
        }
    }
}

impl InvalidPart {
    /// An invalid part of the body.
    pub(crate) fn in_body(pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.to_owned()),
            parameter: None,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Unavailable(cause) | Self::Internal(cause) = &self {
            tracing::error!(error = error_text(&**cause), "request failed");
        }
        let status = self.status();
        let (kind, title) = self.kind_and_title();
        let is_unauthorized = matches!(self, Self::Unauthorized(_));
        let retry_after = match &self {
            Self::TooManyWrongKeys(wait) => Some(wait.as_secs()),
            _ => (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5),
        };
        let problem = ProblemDetails {
            r#type: format!("urn:linernotes:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: self.detail(),
            errors: match self {
                Self::Invalid(parts) => parts,
                _ => Vec::new(),
            },
        };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if is_unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<curation::CurationError> for ApiError {
    fn from(error: curation::CurationError) -> Self {
        match error {
            curation::CurationError::NotFound(detail) => Self::NotFound(detail),
            curation::CurationError::Refused(detail) => Self::Invalid(vec![InvalidPart {
                pointer: None,
                parameter: None,
                detail,
            }]),
            curation::CurationError::Busy => Self::TimedOut,
            curation::CurationError::Database(cause) => cause.into(),
            curation::CurationError::Pool(cause) => cause.into(),
        }
    }
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> Self {
        anyhow::Error::new(error)
            .context("connect to the database")
            .into()
    }
}

impl From<tokio_postgres::Error> for ApiError {
    fn from(error: tokio_postgres::Error) -> Self {
        anyhow::Error::new(error).into()
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        let is_closed = |cause: &tokio_postgres::Error| cause.is_closed();
        let mut chain = error.chain();
        if db::is_no_connection_free(&*error) {
            Self::Busy
        } else if db::is_timed_out(&*error) {
            Self::TimedOut
        } else if chain.any(|cause| cause.is::<PoolError>() || cause.downcast_ref().is_some_and(is_closed)) {
            Self::Unavailable(error)
        } else if db::is_catalog_locked(&*error) {
            Self::catalog_locked()
        } else {
            Self::Internal(error)
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNPROCESSABLE_ENTITY => Self::in_body("", innermost_message(&rejection)),
            _ => Self::Unreadable(innermost_message(&rejection)),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::in_parameter("query", innermost_message(&rejection))
    }
}

/// The message of the innermost cause, without the descriptions that axum puts around it.
fn innermost_message(rejection: &dyn Error) -> String {
    let mut cause = rejection;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use serde_json::{Value, json};

    use super::*;

    async fn response_and_body(error: ApiError) -> (Response, Value) {
        let (parts, body) = error.into_response().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let response = Response::from_parts(parts, axum::body::Body::empty());
        (response, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_problem_lists_every_invalid_part() {
        let (response, body) = response_and_body(ApiError::Invalid(vec![
            InvalidPart::in_body("/what/0", "the first is wrong"),
            InvalidPart::in_body("/what/2", "the third is wrong"),
        ]))
        .await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            body,
            json!({
                "type": "urn:linernotes:problem:invalid-request",
                "title": "The request is invalid",
                "status": 422,
                "detail": "the first is wrong; the third is wrong",
                "errors": [
                    {"pointer": "/what/0", "detail": "the first is wrong"},
                    {"pointer": "/what/2", "detail": "the third is wrong"},
                ],
            })
        );
    }

    #[tokio::test]
    async fn the_cause_of_a_server_error_is_not_sent() {
        for (error, status) in [
            (ApiError::Internal(anyhow!("relation secret is gone")), 500),
            (ApiError::Unavailable(anyhow!("secret host is down")), 503),
        ] {
            let (response, body) = response_and_body(error).await;
            assert_eq!(response.status(), status);
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_response_has_the_headers_that_its_status_requires() {
        let (response, _) = response_and_body(ApiError::Unauthorized("no".into())).await;
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        for (error, seconds) in [
            (ApiError::TimedOut, "5"),
            (ApiError::Busy, "5"),
            (ApiError::TooManyWrongKeys(Duration::from_secs(7)), "7"),
        ] {
            let (response, _) = response_and_body(error).await;
            assert_eq!(response.headers()[RETRY_AFTER], seconds);
        }
    }
}
