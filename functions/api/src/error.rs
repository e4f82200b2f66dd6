//! What callers are told when something goes wrong: RFC 9457 problem details. Causes on our side are logged here, once,
//! and never shown.

use std::borrow::Cow;
use std::error::Error;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::db::PoolError;
use shared::deciding;

/// Why a request is not answered.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// There is no such thing; what was asked for, as in "no producer has the id 7".
    NotFound(String),
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// The caller has to show a key, or another one.
    Unauthorized(Cow<'static, str>),
    /// The key may not do this.
    Forbidden(String),
    /// The body cannot be read.
    Unreadable(String),
    /// The body is larger than we take.
    TooLarge,
    /// The body is no JSON by its own word.
    UnsupportedMediaType,
    /// The request is read, but some of it cannot be used.
    Invalid(Vec<InvalidPart>),
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The answer is larger than can be sent.
    AnswerTooLarge,
    /// It took too long.
    TimedOut,
    /// The database cannot be reached.
    Unavailable(anyhow::Error),
    /// Anything else, on our side.
    Internal(anyhow::Error),
}

/// One part of a request that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct InvalidPart {
    /// Where in the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// Which parameter of the query, or which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<&'static str>,
    /// What is wrong with it and what would not be.
    pub(crate) detail: String,
}

/// `{"type","title","status","detail","errors"?}`: `type` names the kind of problem for programs, `detail` says what
/// to do, `errors` lists every part of the request that cannot be used.
#[derive(Debug, Serialize)]
struct Problem {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<InvalidPart>,
}

impl ApiError {
    /// A part of the body that cannot be used.
    pub(crate) fn in_body(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![InvalidPart::in_body(pointer, detail)])
    }

    /// A parameter or header that cannot be used.
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
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::IdempotencyKeyReused | Self::AnswerTooLarge => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::TimedOut | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn kind_and_title(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound(_) => ("not-found", "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", "Method not allowed"),
            Self::Unauthorized(_) => ("key-required", "A valid API key is required"),
            Self::Forbidden(_) => ("scope-required", "The API key lacks a scope"),
            Self::Unreadable(_) => ("unreadable-body", "The body cannot be read"),
            Self::TooLarge => ("body-too-large", "The body is too large"),
            Self::UnsupportedMediaType => ("unsupported-media-type", "The body is not JSON"),
            Self::Invalid(_) => ("invalid-request", "The request cannot be used"),
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                "The idempotency key was used for another request",
            ),
            Self::AnswerTooLarge => ("answer-too-large", "The answer is too large to be sent"),
            Self::TimedOut => ("timed-out", "The answer took too long"),
            Self::Unavailable(_) => ("unavailable", "The service is not available"),
            Self::Internal(_) => ("internal", "Internal error"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound(detail) | Self::Forbidden(detail) | Self::Unreadable(detail) => detail.clone(),
            Self::Unauthorized(detail) => detail.clone().into_owned(),
            Self::MethodNotAllowed => "the Allow header names the methods that this path has".to_owned(),
            Self::TooLarge => {
                format!("a body has at most {} bytes", crate::LARGEST_BODY_BYTES)
            }
            Self::UnsupportedMediaType => {
                "send JSON with the header Content-Type: application/json".to_owned()
            }
            Self::Invalid(parts) => {
                let details: Vec<&str> = parts.iter().map(|part| part.detail.as_str()).collect();
                details.join("; ")
            }
            Self::IdempotencyKeyReused => {
                "repeat the request unchanged to get the same ingestion, or send another Idempotency-Key"
                    .to_owned()
            }
            Self::AnswerTooLarge => "ask for fewer items at a time, with a smaller limit".to_owned(),
            Self::TimedOut => format!(
                "there was no answer in {} seconds: try again later",
                crate::TIME_OUT.as_secs()
            ),
            Self::Unavailable(_) => "the database cannot be reached: try again later".to_owned(),
            Self::Internal(_) => {
                "something went wrong on our side and was logged: try again later".to_owned()
            }
        }
    }
}

impl InvalidPart {
    /// A part of the body.
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
            tracing::error!(error = format!("{cause:#}"), "a request failed");
        }
        let status = self.status();
        let (kind, title) = self.kind_and_title();
        let is_unauthorized = matches!(self, Self::Unauthorized(_));
        let problem = Problem {
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
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<deciding::CurationError> for ApiError {
    fn from(error: deciding::CurationError) -> Self {
        match error {
            deciding::CurationError::NotFound(detail) => Self::NotFound(detail),
            deciding::CurationError::Refused(detail) => Self::Invalid(vec![InvalidPart {
                pointer: None,
                parameter: None,
                detail,
            }]),
            deciding::CurationError::Busy => Self::TimedOut,
            deciding::CurationError::Database(cause) => cause.into(),
            deciding::CurationError::Pool(cause) => cause.into(),
        }
    }
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(anyhow::Error::new(error).context("connect to the database"))
    }
}

impl From<tokio_postgres::Error> for ApiError {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.is_closed() {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        if error.chain().any(|cause| cause.is::<PoolError>()) {
            Self::Unavailable(error)
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
            StatusCode::UNPROCESSABLE_ENTITY => Self::in_body("", innermost(&rejection)),
            _ => Self::Unreadable(innermost(&rejection)),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::in_parameter("query", innermost(&rejection))
    }
}

/// What is wrong, without how axum came upon it.
fn innermost(rejection: &dyn Error) -> String {
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

    async fn rendered(error: ApiError) -> (Response, Value) {
        let (parts, body) = error.into_response().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let response = Response::from_parts(parts, axum::body::Body::empty());
        (response, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_problem_says_what_to_do_and_lists_every_invalid_part() {
        let (response, body) = rendered(ApiError::Invalid(vec![
            InvalidPart::in_body("/what/0", "the first is wrong"),
            InvalidPart::in_body("/what/2", "the third is wrong"),
        ]))
        .await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            body,
            json!({
                "type": "urn:linernotes:problem:invalid-request",
                "title": "The request cannot be used",
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
    async fn what_went_wrong_on_our_side_is_not_shown() {
        for (error, status) in [
            (ApiError::Internal(anyhow!("relation secret is gone")), 500),
            (ApiError::Unavailable(anyhow!("secret host is down")), 503),
        ] {
            let (response, body) = rendered(error).await;
            assert_eq!(response.status(), status);
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn headers_say_what_the_status_asks_for() {
        let (response, _) = rendered(ApiError::Unauthorized("no".into())).await;
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        let (response, _) = rendered(ApiError::TimedOut).await;
        assert_eq!(response.headers()[RETRY_AFTER], "5");
    }
}
