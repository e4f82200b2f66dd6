//! The tables `ingestions` and `ingestion_tasks`: what people requested, and the steps that it takes. A step
//! is identified by the kind and subject of its message, so finishing it settles it for every ingestion that
//! waits for it.

use chrono::{DateTime, Utc};
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use crate::domain::ids::IngestionId;
use crate::domain::messages::Message;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// How a step ended.
    TaskOutcome {
        /// It succeeded.
        Done = "done",
        /// It failed and is not tried again.
        Failed = "failed",
        /// A name fits several artists, and a person has to choose one.
        Ambiguous = "ambiguous",
        /// A person cancelled the ingestion before the step was done.
        Cancelled = "cancelled",
    }
}

/// An ingestion to insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIngestion<'a> {
    /// The requested items, each in its canonical spelling.
    pub what: &'a [String],
    /// Whether to include albums that an artist only appears on.
    pub appears_on: bool,
    /// Work from before this time does not count.
    pub fresh_after: Option<DateTime<Utc>>,
    /// The API key of the request.
    pub api_key_id: Option<i64>,
    /// Two requests with the same key are one ingestion.
    pub idempotency_key: Option<&'a str>,
}

const INSERT: &str = "
    INSERT INTO ingestions (what, appears_on, fresh_after, api_key_id, idempotency_key)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (COALESCE(api_key_id, 0), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id";

const FIND_BY_IDEMPOTENCY_KEY: &str = "
    SELECT id, what = $3::text[] AND appears_on = $4 AND fresh_after IS NOT DISTINCT FROM $5 AS is_same
    FROM ingestions
    WHERE COALESCE(api_key_id, 0) = COALESCE($1::bigint, 0) AND idempotency_key = $2";

/// The result of inserting an ingestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertedIngestion {
    /// The ingestion is new.
    New(IngestionId),
    /// The same request was made before with the same idempotency key.
    Known(IngestionId),
    /// Another request was made before with the same idempotency key.
    Conflict(IngestionId),
}

/// Inserts an ingestion. Its steps are added with [`insert_tasks`].
pub async fn insert(client: &Client<'_>, new: &NewIngestion<'_>) -> Result<InsertedIngestion, Error> {
    let NewIngestion {
        what,
        appears_on,
        fresh_after,
        api_key_id,
        idempotency_key,
    } = new;
    let row = client
        .query_opt(
            INSERT,
            &[what, appears_on, fresh_after, api_key_id, idempotency_key],
        )
        .await?;
    if let Some(row) = row {
        return Ok(InsertedIngestion::New(row.get("id")));
    }
    let row = client
        .query_one(
            FIND_BY_IDEMPOTENCY_KEY,
            &[api_key_id, idempotency_key, what, appears_on, fresh_after],
        )
        .await?;
    Ok(if row.get("is_same") {
        InsertedIngestion::Known(row.get("id"))
    } else {
        InsertedIngestion::Conflict(row.get("id"))
    })
}

const INSERT_TASKS: &str = "
    INSERT INTO ingestion_tasks (ingestion_id, kind, subject)
    SELECT $1, kind, subject FROM unnest($2::text[], $3::text[]) AS t (kind, subject)
    ON CONFLICT DO NOTHING";

/// Adds steps to an ingestion.
pub async fn insert_tasks(client: &Client<'_>, id: IngestionId, messages: &[Message]) -> Result<(), Error> {
    let (kinds, subjects) = kinds_and_subjects(messages);
    client
        .execute(INSERT_TASKS, &[&id, &kinds, &subjects])
        .await
        .map(drop)
}

fn kinds_and_subjects(messages: &[Message]) -> (Vec<&'static str>, Vec<String>) {
    messages
        .iter()
        .map(|message| (message.kind(), message.subject()))
        .unzip()
}

// This is one statement, so that an ingestion that begins to wait at the same time gets both the outcome and
// the next steps, or neither. An ingestion that wants fresher work than this one has a message of its own.
const SETTLE: &str = "
    WITH settled AS (
        UPDATE ingestion_tasks t
        SET outcome = $3::text::task_outcome, detail = $4, finished_at = now()
        FROM ingestions i
        WHERE i.id = t.ingestion_id AND t.kind = $1 AND md5(t.subject) = md5($2)
          AND (t.outcome IS NULL OR t.outcome IN ('failed', 'ambiguous'))
          AND (t.outcome IS NULL OR $3 = 'done' OR t.outcome = 'failed' AND $3 = 'ambiguous')
          AND COALESCE(i.fresh_after, '-infinity') <= $5
        RETURNING t.ingestion_id
    ),
    added AS (
        INSERT INTO ingestion_tasks (ingestion_id, kind, subject)
        SELECT settled.ingestion_id, f.kind, f.subject
        FROM settled
        CROSS JOIN unnest($6::text[], $7::text[]) AS f (kind, subject)
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
    )
    SELECT ingestion_id FROM settled ORDER BY ingestion_id";

/// Stores the outcome of a step for every ingestion that waits for it and accepts work from `looked_up_at`,
/// and adds the `follow_ups` to each of them. An ingestion for which the step failed earlier gets the better
/// outcome as well. Returns these ingestions.
pub async fn settle(
    client: &Client<'_>,
    step: &Message,
    outcome: TaskOutcome,
    detail: &serde_json::Value,
    looked_up_at: DateTime<Utc>,
    follow_ups: &[Message],
) -> Result<Vec<IngestionId>, Error> {
    let (kinds, subjects) = kinds_and_subjects(follow_ups);
    let rows = client
        .query(
            SETTLE,
            &[
                &step.kind(),
                &step.subject(),
                &outcome,
                detail,
                &looked_up_at,
                &kinds,
                &subjects,
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get("ingestion_id")).collect())
}

const END_STEP: &str = "
    UPDATE ingestion_tasks
    SET outcome = $4::text::task_outcome, detail = $5, finished_at = now()
    WHERE kind = $1 AND md5(subject) = md5($2) AND ingestion_id = ANY ($3::bigint[]) AND outcome IS NULL";

/// Marks a step as failed for these ingestions. Others that wait for it have messages of their own. `reason`
/// is for the people who wait; `error` is internal, for operators.
pub async fn fail_step(
    client: &Client<'_>,
    step: &Message,
    ids: &[IngestionId],
    reason: &str,
    error: &str,
) -> Result<u64, Error> {
    let detail = serde_json::json!({ "reason": reason, "error": error });
    end_step(client, step, ids, TaskOutcome::Failed, &detail).await
}

/// Marks a step of cancelled ingestions as cancelled, in case that it was added while they were being
/// cancelled.
pub async fn cancel_step(client: &Client<'_>, step: &Message, ids: &[IngestionId]) -> Result<u64, Error> {
    end_step(client, step, ids, TaskOutcome::Cancelled, &serde_json::json!({})).await
}

async fn end_step(
    client: &Client<'_>,
    step: &Message,
    ids: &[IngestionId],
    outcome: TaskOutcome,
    detail: &serde_json::Value,
) -> Result<u64, Error> {
    let (kind, subject) = (step.kind(), step.subject());
    client
        .execute(END_STEP, &[&kind, &subject, &ids, &outcome, detail])
        .await
}

/// An ingestion as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingestion {
    /// Our id.
    pub id: IngestionId,
    /// The id in the HTTP API, which cannot be guessed.
    pub public_id: Uuid,
    /// The API key of the request.
    pub api_key_id: Option<i64>,
    /// The requested items.
    pub what: Vec<String>,
    /// Work from before this time does not count.
    pub fresh_after: Option<DateTime<Utc>>,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
}

const FIND: &str = "
    SELECT id, public_id, api_key_id, what, fresh_after, created_at FROM ingestions WHERE id = $1";

/// The ingestion with this id.
pub async fn find(client: &Client<'_>, id: IngestionId) -> Result<Option<Ingestion>, Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.as_ref().map(ingestion))
}

const FIND_BY_PUBLIC_ID: &str = "
    SELECT id, public_id, api_key_id, what, fresh_after, created_at FROM ingestions WHERE public_id = $1";

/// The ingestion with this id in the HTTP API.
pub async fn find_by_public_id(client: &Client<'_>, public_id: Uuid) -> Result<Option<Ingestion>, Error> {
    let row = client.query_opt(FIND_BY_PUBLIC_ID, &[&public_id]).await?;
    Ok(row.as_ref().map(ingestion))
}

fn ingestion(row: &Row) -> Ingestion {
    Ingestion {
        id: row.get("id"),
        public_id: row.get("public_id"),
        api_key_id: row.get("api_key_id"),
        what: row.get("what"),
        fresh_after: row.get("fresh_after"),
        created_at: row.get("created_at"),
    }
}

/// The progress of the steps of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskProgress {
    /// The kind.
    pub kind: String,
    /// The number of steps that are not finished.
    pub waiting: i64,
    /// The number of these that are snoozed until a time.
    pub snoozed: i64,
    /// When the first snoozed step is due.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Why that step is snoozed.
    pub snoozed_reason: Option<String>,
    /// The number of steps that succeeded.
    pub done: i64,
    /// The number of steps that failed and are not tried again.
    pub failed: i64,
    /// The number of steps for which a person has to choose.
    pub ambiguous: i64,
    /// The number of steps that a person cancelled.
    pub cancelled: i64,
}

const LIST_PROGRESS: &str = "
    SELECT t.kind,
           count(*) FILTER (WHERE t.outcome IS NULL) AS waiting,
           count(o.id) AS snoozed,
           min(o.not_before) AS snoozed_until,
           (array_agg(o.snooze_reason ORDER BY o.not_before)
            FILTER (WHERE o.id IS NOT NULL))[1] AS snoozed_reason,
           count(*) FILTER (WHERE t.outcome = 'done') AS done,
           count(*) FILTER (WHERE t.outcome = 'failed') AS failed,
           count(*) FILTER (WHERE t.outcome = 'ambiguous') AS ambiguous,
           count(*) FILTER (WHERE t.outcome = 'cancelled') AS cancelled
    FROM ingestion_tasks t
    LEFT JOIN outgoing_messages o
           ON t.outcome IS NULL AND o.snooze_count > 0
          AND md5(o.message_key) = md5(key_of_step(t.kind, t.subject))
          AND o.queue = queue_of_step(t.kind)
    WHERE t.ingestion_id = $1
    GROUP BY t.kind
    ORDER BY array_position(
        ARRAY['resolve', 'ingest_artist', 'ingest_album', 'identify_album', 'enrich_producer'], t.kind)";

/// The progress of an ingestion by kind of step, in the order in which the steps follow each other.
pub async fn list_progress(client: &Client<'_>, id: IngestionId) -> Result<Vec<TaskProgress>, Error> {
    let rows = client.query(LIST_PROGRESS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| TaskProgress {
            kind: row.get("kind"),
            waiting: row.get("waiting"),
            snoozed: row.get("snoozed"),
            snoozed_until: row.get("snoozed_until"),
            snoozed_reason: row.get("snoozed_reason"),
            done: row.get("done"),
            failed: row.get("failed"),
            ambiguous: row.get("ambiguous"),
            cancelled: row.get("cancelled"),
        })
        .collect())
}

/// A step that failed or is ambiguous.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskProblem {
    /// The kind of step.
    pub kind: String,
    /// The subject of its message.
    pub subject: String,
    /// How the step ended.
    pub outcome: TaskOutcome,
    /// The `reason` for people and for operators the `error`, or the `candidates` to choose from.
    pub detail: serde_json::Value,
}

const LIST_PROBLEMS: &str = "
    SELECT kind, subject, outcome::text AS outcome, detail
    FROM ingestion_tasks
    WHERE ingestion_id = $1 AND outcome IN ('failed', 'ambiguous')
    ORDER BY finished_at, kind, subject
    LIMIT 100";

/// The steps of an ingestion that failed or are ambiguous, at most 100.
pub async fn list_problems(client: &Client<'_>, id: IngestionId) -> Result<Vec<TaskProblem>, Error> {
    let rows = client.query(LIST_PROBLEMS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| TaskProblem {
            kind: row.get("kind"),
            subject: row.get("subject"),
            outcome: row.get("outcome"),
            detail: row.get("detail"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND_BY_IDEMPOTENCY_KEY,
    INSERT_TASKS,
    SETTLE,
    END_STEP,
    FIND,
    FIND_BY_PUBLIC_ID,
    LIST_PROGRESS,
    LIST_PROBLEMS,
];
