//! Ingestions: asking for music, and how far that is. What becomes of it is the work of other functions.

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
use shared::api_keys::Scope;
use shared::ids::{IngestionId, What};
use shared::ingesting::{self, Request};
use shared::store::ingestions::{self, InsertedIngestion, TaskOutcome, TaskProblem, TaskProgress};

use super::key;
use crate::Context;
use crate::access::Caller;
use crate::error::{ApiError, InvalidPart};
use crate::extract::Id;

const MOST_WHATS: usize = 100;
const LONGEST_IDEMPOTENCY_KEY: usize = 255;
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// `{"what":["…"],"appears_on":false,"fresh_after":"…"}`: 1 to 100 artists, albums and tracks, each by name, link
/// of Spotify or MusicBrainz, MBID, ISRC or UPC. `appears_on` asks for albums an artist only appears on, too; work from
/// before `fresh_after`, if given, does not count.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the field what")]
pub(crate) struct Body {
    what: Vec<Value>,
    #[serde(default)]
    appears_on: bool,
    #[serde(default)]
    fresh_after: Option<DateTime<Utc>>,
}

/// `{"id":7,"url":"/v1/ingestions/7"}`.
#[derive(Debug, Serialize)]
struct Accepted {
    id: IngestionId,
    url: String,
}

/// `POST /v1/ingestions`: takes a request and answers 202 with where to look. The same request with the same
/// `Idempotency-Key` is the same ingestion. Needs the scope `write`.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Response, ApiError> {
    caller.require(Scope::Write)?;
    let Json(body) = body?;
    let request = Request {
        idempotency_key: idempotency_key(&headers)?,
        api_key_id: caller.api_key_id,
        ..request(&body, Utc::now()).map_err(ApiError::Invalid)?
    };
    let id = match ingesting::ask(&context.pool, &context.queues, &request).await? {
        InsertedIngestion::New(id) | InsertedIngestion::Known(id) => id,
        InsertedIngestion::Conflict(_) => return Err(ApiError::IdempotencyKeyReused),
    };
    let url = format!("/v1/ingestions/{id}");
    Ok((
        StatusCode::ACCEPTED,
        [(LOCATION, url.clone())],
        Json(Accepted { id, url }),
    )
        .into_response())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let invalid = || {
        ApiError::in_parameter(
            IDEMPOTENCY_KEY,
            format!(
                "an Idempotency-Key is sent once and has 1 to {LONGEST_IDEMPOTENCY_KEY} ASCII characters"
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

/// What the body asks for, or everything that is wrong with it.
fn request(body: &Body, now: DateTime<Utc>) -> Result<Request, Vec<InvalidPart>> {
    let mut invalid = Vec::new();
    if !(1..=MOST_WHATS).contains(&body.what.len()) {
        invalid.push(InvalidPart::in_body(
            "/what",
            format!("what has 1 to {MOST_WHATS} items, not {}", body.what.len()),
        ));
    }
    let mut what = Vec::new();
    for (index, value) in body.what.iter().take(MOST_WHATS).enumerate() {
        match read(value) {
            Ok(read) => what.push(read),
            Err(detail) => invalid.push(InvalidPart::in_body(&format!("/what/{index}"), detail)),
        }
    }
    match body.fresh_after {
        Some(time) if time > now => invalid.push(InvalidPart::in_body(
            "/fresh_after",
            "fresh_after lies in the future: no work could ever count",
        )),
        Some(time) if time.year() < 1970 => invalid.push(InvalidPart::in_body(
            "/fresh_after",
            "fresh_after lies before 1970: leave it out to take what is known",
        )),
        _ => {}
    }
    if !invalid.is_empty() {
        return Err(invalid);
    }
    Ok(Request {
        what,
        appears_on: body.appears_on,
        fresh_after: body.fresh_after,
        api_key_id: None,
        idempotency_key: None,
    })
}

fn read(value: &Value) -> Result<What, String> {
    let text = value.as_str().ok_or_else(|| {
        "this is no text: give an artist's name, a Spotify link, an ISRC or a UPC in quotes".to_owned()
    })?;
    text.parse()
        .map_err(|error: shared::ids::InvalidId| error.to_string())
}

/// How an ingestion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// Steps are under way.
    Waiting,
    /// All steps that have not ended are put off until a time.
    Snoozed,
    /// It has ended; a name fits several, and a person has to choose.
    Ambiguous,
    /// It has ended; at least one step will not be tried again.
    Failed,
    /// It has ended as it should.
    Done,
}

/// An ingestion: what was asked for, how it stands, how far each stage is, and what ended otherwise than done (at most
/// 100, each with the `reason` or the `candidates` in its `detail`).
#[derive(Debug, Serialize)]
pub(crate) struct IngestionPage {
    id: IngestionId,
    state: Standing,
    what: Vec<String>,
    fresh_after: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    stages: Vec<Stage>,
    problems: Vec<Trouble>,
}

/// One kind of step. `waiting` counts all that have not ended, `snoozed` those of them that are put off, the first
/// until `snoozed_until`.
#[derive(Debug, Serialize)]
struct Stage {
    stage: String,
    waiting: i64,
    snoozed: i64,
    snoozed_until: Option<DateTime<Utc>>,
    snoozed_reason: Option<String>,
    done: i64,
    failed: i64,
    ambiguous: i64,
}

#[derive(Debug, Serialize)]
struct Trouble {
    stage: String,
    subject: String,
    outcome: TaskOutcome,
    detail: Value,
}

/// `GET /v1/ingestions/{id}`.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Id(id): Id,
) -> Result<Json<IngestionPage>, ApiError> {
    let client = context.pool.client().await?;
    let ingestion = match key(&id) {
        Some(id) => ingestions::find(&client, IngestionId(id)).await?,
        None => None,
    };
    let ingestion = ingestion.ok_or_else(|| ApiError::NotFound("no ingestion has this id".to_owned()))?;
    let progress = ingestions::list_progress(&client, ingestion.id).await?;
    let problems = ingestions::list_problems(&client, ingestion.id).await?;
    Ok(Json(IngestionPage {
        id: ingestion.id,
        state: state(&progress),
        what: ingestion.what,
        fresh_after: ingestion.fresh_after,
        created_at: ingestion.created_at,
        stages: progress.into_iter().map(stage).collect(),
        problems: problems.into_iter().map(trouble).collect(),
    }))
}

fn state(progress: &[TaskProgress]) -> Standing {
    let sum = |count: fn(&TaskProgress) -> i64| progress.iter().map(count).sum::<i64>();
    let (waiting, snoozed) = (sum(|stage| stage.waiting), sum(|stage| stage.snoozed));
    if waiting > snoozed {
        Standing::Waiting
    } else if waiting > 0 {
        Standing::Snoozed
    } else if sum(|stage| stage.ambiguous) > 0 {
        Standing::Ambiguous
    } else if sum(|stage| stage.failed) > 0 {
        Standing::Failed
    } else {
        Standing::Done
    }
}

fn stage(progress: TaskProgress) -> Stage {
    Stage {
        stage: progress.kind,
        waiting: progress.waiting,
        snoozed: progress.snoozed,
        snoozed_until: progress.snoozed_until,
        snoozed_reason: progress.snoozed_reason,
        done: progress.done,
        failed: progress.failed,
        ambiguous: progress.ambiguous,
    }
}

fn trouble(problem: TaskProblem) -> Trouble {
    Trouble {
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

    fn invalid(body: Value) -> Vec<String> {
        let body: Body = serde_json::from_value(body).unwrap();
        let invalid = request(&body, Utc::now()).unwrap_err();
        invalid.into_iter().filter_map(|part| part.pointer).collect()
    }

    #[test]
    fn every_item_that_cannot_be_used_is_named() {
        let body = json!({"what": ["Radiohead", null, "", 602_475_093_060_u64, "isrc:1"]});
        assert_eq!(invalid(body), ["/what/1", "/what/2", "/what/3", "/what/4"]);
        assert_eq!(invalid(json!({"what": []})), ["/what"]);
        assert_eq!(invalid(json!({"what": vec!["a"; 101]})), ["/what"]);
    }

    #[test]
    fn a_time_that_no_work_could_come_after_is_not_taken() {
        let later = Utc::now() + Duration::hours(1);
        let body = |time: &str| json!({"what": ["a"], "fresh_after": time});
        assert_eq!(invalid(body(&later.to_rfc3339())), ["/fresh_after"]);
        assert_eq!(invalid(body("1812-01-01T00:00:00Z")), ["/fresh_after"]);
    }

    #[test]
    fn what_is_asked_for_is_read_as_the_command_line_reads_it() {
        let artist = "https://musicbrainz.org/artist/5b11f4ce-a62d-471e-81fc-a69a8278c7da";
        let body =
            json!({"what": ["Radiohead", "usrc1-76-07839", artist], "appears_on": true, "fresh_after": null});
        let body: Body = serde_json::from_value(body).unwrap();
        let request = request(&body, Utc::now()).unwrap();
        let what: Vec<String> = request.what.iter().map(What::to_string).collect();
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
    fn the_state_is_that_of_the_steps() {
        let progress = |waiting, snoozed, failed, ambiguous| TaskProgress {
            kind: "ingest_album".to_owned(),
            waiting,
            snoozed,
            snoozed_until: None,
            snoozed_reason: None,
            done: 1,
            failed,
            ambiguous,
        };
        for (steps, expected) in [
            (vec![progress(2, 1, 1, 1)], Standing::Waiting),
            (
                vec![progress(2, 2, 1, 1), progress(0, 0, 0, 0)],
                Standing::Snoozed,
            ),
            (vec![progress(0, 0, 1, 1)], Standing::Ambiguous),
            (vec![progress(0, 0, 1, 0)], Standing::Failed),
            (vec![progress(0, 0, 0, 0)], Standing::Done),
        ] {
            assert_eq!(state(&steps), expected, "{steps:?}");
        }
    }
}
