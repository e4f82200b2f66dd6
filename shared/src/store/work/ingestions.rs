//! What people asked to bring in, and the steps that it takes. A step is known by its message's kind and subject, so
//! that finishing it settles it for everybody who waits for it.

use chrono::{DateTime, Utc};

use crate::domain::ids::IngestionId;
use crate::domain::messages::Message;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// How a step ended.
    TaskOutcome {
        /// As it should.
        Done = "done",
        /// It will not be tried again.
        Failed = "failed",
        /// A name fits several; a person has to choose.
        Ambiguous = "ambiguous",
    }
}

/// A new ingestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIngestion<'a> {
    /// What was asked for, in the one way to write it.
    pub what: &'a [String],
    /// Whether albums that an artist only appears on are wanted too.
    pub appears_on: bool,
    /// Work from before this time does not count.
    pub fresh_after: Option<DateTime<Utc>>,
    /// Whose key it was asked with.
    pub api_key_id: Option<i64>,
    /// What makes asking twice one ingestion.
    pub idempotency_key: Option<&'a str>,
}

const INSERT: &str = "
    INSERT INTO ingestions (what, appears_on, fresh_after, api_key_id, idempotency_key)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (COALESCE(api_key_id, 0), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id";

const FIND_BY_IDEMPOTENCY_KEY: &str = "
    SELECT id, what = $3::text[] AND appears_on = $4 AND fresh_after IS NOT DISTINCT FROM $5
    FROM ingestions WHERE COALESCE(api_key_id, 0) = COALESCE($1::bigint, 0) AND idempotency_key = $2";

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertedIngestion {
    /// It is a new ingestion.
    New(IngestionId),
    /// It was asked before with the same idempotency key.
    Known(IngestionId),
    /// Something else was asked before with the same idempotency key.
    Conflict(IngestionId),
}

/// Keeps an ingestion. Its steps are added with [`insert_tasks`].
///
/// # Errors
/// The database's.
pub async fn insert(
    client: &Client<'_>,
    asked: &NewIngestion<'_>,
) -> Result<InsertedIngestion, tokio_postgres::Error> {
    let row = client
        .query_opt(
            INSERT,
            &[
                &asked.what,
                &asked.appears_on,
                &asked.fresh_after,
                &asked.api_key_id,
                &asked.idempotency_key,
            ],
        )
        .await?;
    if let Some(row) = row {
        return Ok(InsertedIngestion::New(IngestionId(row.get(0))));
    }
    let row = client
        .query_one(
            FIND_BY_IDEMPOTENCY_KEY,
            &[
                &asked.api_key_id,
                &asked.idempotency_key,
                &asked.what,
                &asked.appears_on,
                &asked.fresh_after,
            ],
        )
        .await?;
    let id = IngestionId(row.get(0));
    Ok(if row.get(1) {
        InsertedIngestion::Known(id)
    } else {
        InsertedIngestion::Conflict(id)
    })
}

const INSERT_TASKS: &str = "
    INSERT INTO ingestion_tasks (ingestion_id, kind, subject)
    SELECT $1, kind, subject FROM unnest($2::text[], $3::text[]) AS t (kind, subject)
    ON CONFLICT DO NOTHING";

/// Adds steps to an ingestion.
///
/// # Errors
/// The database's.
pub async fn insert_tasks(
    client: &Client<'_>,
    id: IngestionId,
    messages: &[Message],
) -> Result<(), tokio_postgres::Error> {
    let (kinds, subjects) = kinds_and_subjects(messages);
    client
        .execute(INSERT_TASKS, &[&id.0, &kinds, &subjects])
        .await
        .map(drop)
}

fn kinds_and_subjects(messages: &[Message]) -> (Vec<&'static str>, Vec<String>) {
    messages
        .iter()
        .map(|message| (message.kind(), message.subject()))
        .unzip()
}

// One statement, so that an ingestion that begins to wait meanwhile gets both or neither. One that wants fresher work
// than this has a message of its own on the way.
const SETTLE: &str = "
    WITH settled AS (
        UPDATE ingestion_tasks t
        SET outcome = $3::text::task_outcome, detail = $4, finished_at = now()
        FROM ingestions i
        WHERE i.id = t.ingestion_id AND t.kind = $1 AND md5(t.subject) = md5($2) AND t.outcome IS NULL
          AND COALESCE(i.fresh_after, '-infinity') <= $5
        RETURNING t.ingestion_id
    )
    INSERT INTO ingestion_tasks (ingestion_id, kind, subject)
    SELECT settled.ingestion_id, f.kind, f.subject
    FROM settled
    CROSS JOIN unnest($6::text[], $7::text[]) AS f (kind, subject)
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING";

/// Ends a step for every ingestion that waits for it and takes work from `looked_up_at`, and gives each of them the
/// steps that follow.
///
/// # Errors
/// The database's.
pub async fn settle(
    client: &Client<'_>,
    step: &Message,
    outcome: TaskOutcome,
    detail: &serde_json::Value,
    looked_up_at: DateTime<Utc>,
    follow_ups: &[Message],
) -> Result<(), tokio_postgres::Error> {
    let (kinds, subjects) = kinds_and_subjects(follow_ups);
    client
        .execute(
            SETTLE,
            &[
                &step.kind(),
                &step.subject(),
                &outcome.as_str(),
                detail,
                &looked_up_at,
                &kinds,
                &subjects,
            ],
        )
        .await
        .map(drop)
}

/// An ingestion as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingestion {
    /// Its id.
    pub id: IngestionId,
    /// What was asked for.
    pub what: Vec<String>,
    /// Work from before this time does not count.
    pub fresh_after: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

const FIND: &str = "SELECT id, what, fresh_after, created_at FROM ingestions WHERE id = $1";

/// An ingestion.
///
/// # Errors
/// The database's.
pub async fn find(client: &Client<'_>, id: IngestionId) -> Result<Option<Ingestion>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| Ingestion {
        id: IngestionId(row.get(0)),
        what: row.get(1),
        fresh_after: row.get(2),
        created_at: row.get(3),
    }))
}

/// How far one kind of step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskProgress {
    /// The kind.
    pub kind: String,
    /// Steps that wait or are worked on.
    pub waiting: i64,
    /// Of those, the ones put off until a time.
    pub snoozed: i64,
    /// When the first of those is due.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Why it was put off.
    pub snoozed_reason: Option<String>,
    /// Steps that ended as they should.
    pub done: i64,
    /// Steps that will not be tried again.
    pub failed: i64,
    /// Steps that a person has to choose for.
    pub ambiguous: i64,
}

const LIST_PROGRESS: &str = "
    SELECT t.kind,
           count(*) FILTER (WHERE t.outcome IS NULL),
           count(o.id),
           min(o.not_before),
           (array_agg(o.snooze_reason ORDER BY o.not_before) FILTER (WHERE o.id IS NOT NULL))[1],
           count(*) FILTER (WHERE t.outcome = 'done'),
           count(*) FILTER (WHERE t.outcome = 'failed'),
           count(*) FILTER (WHERE t.outcome = 'ambiguous')
    FROM ingestion_tasks t
    LEFT JOIN outgoing_messages o
           ON t.outcome IS NULL AND o.snooze_count > 0 AND md5(o.message_key) = md5(t.kind || ':' || t.subject)
          AND o.queue = CASE t.kind WHEN 'identify_album' THEN 'identification' WHEN 'enrich_producer' THEN 'enrichment' ELSE 'catalog' END
    WHERE t.ingestion_id = $1
    GROUP BY t.kind
    ORDER BY array_position(ARRAY['resolve', 'ingest_artist', 'ingest_album', 'identify_album', 'enrich_producer'], t.kind)";

/// How far an ingestion is, by kind of step in the order that music passes them.
///
/// # Errors
/// The database's.
pub async fn list_progress(
    client: &Client<'_>,
    id: IngestionId,
) -> Result<Vec<TaskProgress>, tokio_postgres::Error> {
    let rows = client.query(LIST_PROGRESS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| TaskProgress {
            kind: row.get(0),
            waiting: row.get(1),
            snoozed: row.get(2),
            snoozed_until: row.get(3),
            snoozed_reason: row.get(4),
            done: row.get(5),
            failed: row.get(6),
            ambiguous: row.get(7),
        })
        .collect())
}

/// A step that ended otherwise than done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskProblem {
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// How it ended.
    pub outcome: TaskOutcome,
    /// Why, or the candidates.
    pub detail: serde_json::Value,
}

const LIST_PROBLEMS: &str = "
    SELECT kind, subject, outcome::text, detail
    FROM ingestion_tasks
    WHERE ingestion_id = $1 AND outcome IN ('failed', 'ambiguous')
    ORDER BY finished_at, kind, subject
    LIMIT 100";

/// The steps of an ingestion that ended otherwise than done, at most 100.
///
/// # Errors
/// The database's.
pub async fn list_problems(
    client: &Client<'_>,
    id: IngestionId,
) -> Result<Vec<TaskProblem>, tokio_postgres::Error> {
    let rows = client.query(LIST_PROBLEMS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| TaskProblem {
            kind: row.get(0),
            subject: row.get(1),
            outcome: row.get::<_, &str>(2).parse().expect("the enum of the schema"),
            detail: row.get(3),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND_BY_IDEMPOTENCY_KEY,
    INSERT_TASKS,
    SETTLE,
    FIND,
    LIST_PROGRESS,
    LIST_PROBLEMS,
];
