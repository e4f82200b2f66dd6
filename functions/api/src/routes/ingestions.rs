//! The endpoints that request music, show the progress of a request and cancel it.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::curation::Decision;
use shared::domain::ids::RequestedItem;
use shared::platform::api_keys::Scope;
use shared::platform::config::missing_for;
use shared::platform::db::Client;
use shared::store::work::ingestions::{
    self, Ingestion, InsertedIngestion, TaskOutcome, TaskProblem, TaskProgress,
};
use shared::store::work::source_states;
use shared::work::ingestion_requests::{self, IngestionRequest};
use uuid::Uuid;

use super::{PathId, WAITING_WORDS};
use crate::access::Caller;
use crate::context::Context;
use crate::error::{ApiError, InvalidPart};

const MOST_ITEMS: usize = 100;
const LONGEST_IDEMPOTENCY_KEY: usize = 255;
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// `{"what":["…"],"appears_on":false,"fresh_after":"…"}`. `what` has 1 to 100 artists, albums and tracks,
/// each as a name, a link to Spotify or MusicBrainz, an MBID, an ISRC or a UPC. `appears_on` also requests
/// the albums that an artist only appears on. Results from before `fresh_after` are looked up again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the field `what`")]
pub(crate) struct IngestionBody {
    what: Vec<Value>,
    #[serde(default)]
    appears_on: bool,
    #[serde(default)]
    fresh_after: Option<DateTime<Utc>>,
}

/// `{"id":"c0ffee…","url":"/v1/ingestions/c0ffee…","warnings":[…]}`. The id cannot be guessed. `warnings` has
/// the items that no source can look up, because those that could are switched off, and what to set.
#[derive(Debug, Serialize)]
struct AcceptedIngestion {
    id: Uuid,
    url: String,
    warnings: Vec<InvalidPart>,
}

/// `POST /v1/ingestions`: accepts a request with status 202 and the URL of its progress. Repeating the same
/// request with the same `Idempotency-Key` and API key returns the same ingestion.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Json<IngestionBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(body) = body?;
    let request = IngestionRequest {
        idempotency_key: idempotency_key(&headers)?,
        api_key_id: caller.key_id(),
        ..request_from_body(&body, context.pool.now()).map_err(ApiError::Invalid)?
    };
    let id = match ingestion_requests::submit(&context.pool, &context.queues, &request).await? {
        InsertedIngestion::New(id) | InsertedIngestion::Known(id) => id,
        InsertedIngestion::Conflict(_) => return Err(ApiError::IdempotencyKeyReused),
    };
    let client = context.pool.client().await?;
    let ingestion = ingestions::find(&client, id)
        .await?
        .ok_or_else(unknown_ingestion)?;
    let id = ingestion.public_id;
    let url = format!("/v1/ingestions/{id}");
    let accepted = AcceptedIngestion {
        id,
        warnings: list_without_source(&client, &request.what).await?,
        url: url.clone(),
    };
    Ok((StatusCode::ACCEPTED, [(LOCATION, url)], Json(accepted)).into_response())
}

/// The items that no source can look up, because those that could are switched off.
async fn list_without_source(
    client: &Client<'_>,
    what: &[RequestedItem],
) -> Result<Vec<InvalidPart>, ApiError> {
    let disabled = source_states::list_disabled(client).await?;
    let warning = |(index, item)| {
        let cause = missing_for(item, &disabled)?;
        Some(InvalidPart::in_body(&format!("/what/{index}"), cause))
    };
    Ok(what.iter().enumerate().filter_map(warning).collect())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let invalid = || {
        ApiError::in_parameter(
            IDEMPOTENCY_KEY,
            format!(
                "send the header Idempotency-Key once, with 1 to {LONGEST_IDEMPOTENCY_KEY} ASCII characters"
            ),
        )
    };
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| invalid())?;
    if values.next().is_some() || !(1..=LONGEST_IDEMPOTENCY_KEY).contains(&value.len()) {
        return Err(invalid());
    }
    Ok(Some(value.to_owned()))
}

/// The request in the body, or every invalid part of the body.
fn request_from_body(body: &IngestionBody, now: DateTime<Utc>) -> Result<IngestionRequest, Vec<InvalidPart>> {
    let mut invalid = Vec::new();
    if !(1..=MOST_ITEMS).contains(&body.what.len()) {
        invalid.push(InvalidPart::in_body(
            "/what",
            format!(
                "`what` must have 1 to {MOST_ITEMS} items, but has {}",
                body.what.len()
            ),
        ));
    }
    let mut what = Vec::new();
    for (index, value) in body.what.iter().take(MOST_ITEMS).enumerate() {
        match requested_item(value) {
            Ok(item) => what.push(item),
            Err(detail) => invalid.push(InvalidPart::in_body(&format!("/what/{index}"), detail)),
        }
    }
    match body.fresh_after {
        Some(time) if time > now => invalid.push(InvalidPart::in_body(
            "/fresh_after",
            "`fresh_after` is in the future: send a time in the past, or leave it out",
        )),
        Some(time) if time.year() < 1970 => invalid.push(InvalidPart::in_body(
            "/fresh_after",
            "`fresh_after` is before 1970: leave it out to accept existing results of any age",
        )),
        _ => {}
    }
    if !invalid.is_empty() {
        return Err(invalid);
    }
    Ok(IngestionRequest {
        what,
        appears_on: body.appears_on,
        fresh_after: body.fresh_after,
        api_key_id: None,
        idempotency_key: None,
    })
}

fn requested_item(value: &Value) -> Result<RequestedItem, String> {
    let text = value.as_str().ok_or_else(|| {
        "the item is not a JSON string: send the name of an artist, a Spotify link, an ISRC or a UPC"
            .to_owned()
    })?;
    text.parse()
        .map_err(|error: shared::domain::ids::InvalidId| error.to_string())
}

/// The state of an ingestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum IngestionState {
    /// Some steps are queued or in progress.
    Waiting,
    /// All unfinished steps are paused until a known time.
    Snoozed,
    /// The ingestion has ended, but a name matches several artists or records, and a person must choose.
    Ambiguous,
    /// The ingestion was cancelled.
    Cancelled,
    /// The ingestion has ended, and at least one step failed permanently.
    Failed,
    /// The ingestion has ended without problems.
    Done,
}

/// An ingestion: the requested items, its state, the progress of each stage, and at most 100 steps that
/// failed or are ambiguous. The `detail` of such a step has the `reason` or the `candidates`, and for callers
/// with the scope `operate` the internal `error`.
#[derive(Debug, Serialize)]
pub(crate) struct IngestionResponse {
    id: Uuid,
    state: IngestionState,
    what: Vec<String>,
    fresh_after: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    stages: Vec<StageProgress>,
    problems: Vec<FailedStep>,
}

/// The progress of one kind of step. `waiting` counts all unfinished steps, and `snoozed` those of them that
/// are paused. The first of these resumes at `snoozed_until`.
#[derive(Debug, Serialize)]
struct StageProgress {
    stage: String,
    waiting: i64,
    snoozed: i64,
    snoozed_until: Option<DateTime<Utc>>,
    snoozed_reason: Option<String>,
    done: i64,
    failed: i64,
    ambiguous: i64,
    cancelled: i64,
}

#[derive(Debug, Serialize)]
struct FailedStep {
    stage: String,
    subject: String,
    outcome: TaskOutcome,
    detail: Value,
}

/// `GET /v1/ingestions/{id}`: the progress of an ingestion.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
) -> Result<Json<IngestionResponse>, ApiError> {
    let client = context.pool.client().await?;
    let ingestion = find_ingestion(&client, &caller, &id).await?;
    respond(&client, &caller, ingestion).await.map(Json)
}

/// `DELETE /v1/ingestions/{id}`: cancels what has not begun and returns the ingestion. Steps under way
/// finish. An ingestion that has ended stays as it is.
pub(crate) async fn cancel(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
) -> Result<Json<IngestionResponse>, ApiError> {
    let client = context.pool.client().await?;
    let ingestion = find_ingestion(&client, &caller, &id).await?;
    drop(client);
    let decision = Decision {
        by: &caller.signature(),
        reason: "cancelled over HTTP",
    };
    ingestion_requests::cancel(&context.pool, ingestion.id, decision).await?;
    let client = context.pool.client().await?;
    respond(&client, &caller, ingestion).await.map(Json)
}

/// The ingestion with this id, if the caller may see it. To others it does not exist, so that nobody learns
/// which ids do.
async fn find_ingestion(client: &Client<'_>, caller: &Caller, id: &str) -> Result<Ingestion, ApiError> {
    let id = Uuid::try_parse(id).map_err(|_| unknown_ingestion())?;
    let ingestion = ingestions::find_by_public_id(client, id).await?;
    ingestion
        .filter(|ingestion| caller.may_see_ingestion_of(ingestion.api_key_id))
        .ok_or_else(unknown_ingestion)
}

fn unknown_ingestion() -> ApiError {
    ApiError::NotFound(
        "your key requested no ingestion with this id: use the URL in the response to POST /v1/ingestions, \
         with the key that sent it or one with the scope `operate`"
            .to_owned(),
    )
}

async fn respond(
    client: &Client<'_>,
    caller: &Caller,
    ingestion: Ingestion,
) -> Result<IngestionResponse, ApiError> {
    let progress = ingestions::list_progress(client, ingestion.id).await?;
    let problems = ingestions::list_problems(client, ingestion.id).await?;
    let is_internal_shown = caller.has_scope(Scope::Operate);
    Ok(IngestionResponse {
        id: ingestion.public_id,
        state: overall_state(&progress),
        what: ingestion.what,
        fresh_after: ingestion.fresh_after,
        created_at: ingestion.created_at,
        stages: progress
            .into_iter()
            .map(|stage| stage_progress(stage, is_internal_shown))
            .collect(),
        problems: problems
            .into_iter()
            .map(|problem| failed_step(problem, is_internal_shown))
            .collect(),
    })
}

fn overall_state(progress: &[TaskProgress]) -> IngestionState {
    let sum = |count: fn(&TaskProgress) -> i64| progress.iter().map(count).sum::<i64>();
    let (waiting, snoozed) = (sum(|stage| stage.waiting), sum(|stage| stage.snoozed));
    if waiting > snoozed {
        IngestionState::Waiting
    } else if waiting > 0 {
        IngestionState::Snoozed
    } else if sum(|stage| stage.cancelled) > 0 {
        IngestionState::Cancelled
    } else if sum(|stage| stage.ambiguous) > 0 {
        IngestionState::Ambiguous
    } else if sum(|stage| stage.failed) > 0 {
        IngestionState::Failed
    } else {
        IngestionState::Done
    }
}

fn stage_progress(progress: TaskProgress, is_internal_shown: bool) -> StageProgress {
    StageProgress {
        stage: progress.kind,
        waiting: progress.waiting,
        snoozed: progress.snoozed,
        snoozed_until: progress.snoozed_until,
        snoozed_reason: progress.snoozed_reason.map(|reason| {
            if is_internal_shown {
                reason
            } else {
                WAITING_WORDS.to_owned()
            }
        }),
        done: progress.done,
        failed: progress.failed,
        ambiguous: progress.ambiguous,
        cancelled: progress.cancelled,
    }
}

fn failed_step(mut problem: TaskProblem, is_internal_shown: bool) -> FailedStep {
    if let (false, Some(detail)) = (is_internal_shown, problem.detail.as_object_mut()) {
        detail.remove("error");
    }
    FailedStep {
        stage: problem.kind,
        subject: problem.subject,
        outcome: problem.outcome,
        detail: problem.detail,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use serde_json::json;

    use super::*;

    fn invalid_pointers(body: Value) -> Vec<String> {
        let body: IngestionBody = serde_json::from_value(body).unwrap();
        let invalid = request_from_body(&body, Utc::now()).unwrap_err();
        invalid.into_iter().filter_map(|part| part.pointer).collect()
    }

    #[test]
    fn every_invalid_item_is_reported() {
        let body = json!({"what": ["Radiohead", null, "", 602_475_093_060_u64, "isrc:1"]});
        assert_eq!(
            invalid_pointers(body),
            ["/what/1", "/what/2", "/what/3", "/what/4"]
        );
        assert_eq!(invalid_pointers(json!({"what": []})), ["/what"]);
        assert_eq!(invalid_pointers(json!({"what": vec!["a"; 101]})), ["/what"]);
    }

    #[test]
    fn fresh_after_must_be_in_the_past_and_not_before_1970() {
        let later = Utc::now() + Duration::hours(1);
        let body = |time: &str| json!({"what": ["a"], "fresh_after": time});
        assert_eq!(invalid_pointers(body(&later.to_rfc3339())), ["/fresh_after"]);
        assert_eq!(invalid_pointers(body("1812-01-01T00:00:00Z")), ["/fresh_after"]);
    }

    #[test]
    fn items_are_parsed_as_on_the_command_line() {
        let artist = "https://musicbrainz.org/artist/5b11f4ce-a62d-471e-81fc-a69a8278c7da";
        let body =
            json!({"what": ["Radiohead", "usrc1-76-07839", artist], "appears_on": true, "fresh_after": null});
        let body: IngestionBody = serde_json::from_value(body).unwrap();
        let request = request_from_body(&body, Utc::now()).unwrap();
        let what: Vec<String> = request.what.iter().map(RequestedItem::to_string).collect();
        assert_eq!(
            what,
            [
                "name:Radiohead",
                "isrc:USRC17607839",
                "musicbrainz:artist:5b11f4ce-a62d-471e-81fc-a69a8278c7da"
            ]
        );
        assert!(request.appears_on && request.fresh_after.is_none());
    }

    #[test]
    fn the_state_follows_from_the_steps() {
        let progress = |waiting, snoozed, failed, ambiguous, cancelled| TaskProgress {
            kind: "ingest_album".to_owned(),
            waiting,
            snoozed,
            snoozed_until: None,
            snoozed_reason: None,
            done: 1,
            failed,
            ambiguous,
            cancelled,
        };
        for (steps, expected) in [
            (vec![progress(2, 1, 1, 1, 1)], IngestionState::Waiting),
            (
                vec![progress(2, 2, 1, 1, 1), progress(0, 0, 0, 0, 0)],
                IngestionState::Snoozed,
            ),
            (vec![progress(0, 0, 1, 1, 1)], IngestionState::Cancelled),
            (vec![progress(0, 0, 1, 1, 0)], IngestionState::Ambiguous),
            (vec![progress(0, 0, 1, 0, 0)], IngestionState::Failed),
            (vec![progress(0, 0, 0, 0, 0)], IngestionState::Done),
        ] {
            assert_eq!(overall_state(&steps), expected, "{steps:?}");
        }
    }
}
