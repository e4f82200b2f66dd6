//! Issues met by the workers: one open row for each, counting up, so that a bad night is one line and not ten thousand.

use chrono::{DateTime, Utc};

use crate::platform::db::Client;

/// What went wrong, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerIssue<'a> {
    /// Which worker met it.
    pub worker_name: &'a str,
    /// What kind it is, in one word.
    pub issue_type: &'a str,
    /// What makes it the same issue as another of its type.
    pub fingerprint: &'a str,
    /// What happened and what to do, without secrets or contact data.
    pub message: &'a str,
    /// More, for programs.
    pub details: serde_json::Value,
}

const RAISE: &str = "
    INSERT INTO worker_issues AS w (worker_name, issue_type, fingerprint, message, details)
    VALUES ($1, $2, left($3, 300), $4, $5)
    ON CONFLICT (worker_name, issue_type, fingerprint) WHERE NOT resolved DO UPDATE SET
        occurrences = w.occurrences + 1, message = EXCLUDED.message, details = EXCLUDED.details";

/// Opens an issue, or counts up the open one.
///
/// # Errors
/// The database's.
pub async fn raise(client: &Client<'_>, issue: &WorkerIssue<'_>) -> Result<(), tokio_postgres::Error> {
    client
        .execute(
            RAISE,
            &[
                &issue.worker_name,
                &issue.issue_type,
                &issue.fingerprint,
                &issue.message,
                &issue.details,
            ],
        )
        .await
        .map(drop)
}

/// An open issue as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIssue {
    /// Which worker met it.
    pub worker_name: String,
    /// What kind it is.
    pub issue_type: String,
    /// What happened and what to do.
    pub message: String,
    /// How often.
    pub occurrences: i32,
    /// When last.
    pub updated_at: DateTime<Utc>,
}

const LIST_OPEN: &str = "
    SELECT worker_name, issue_type, message, occurrences, updated_at
    FROM worker_issues
    WHERE NOT resolved
    ORDER BY updated_at DESC
    LIMIT $1::bigint";

/// The open issues, the latest first.
///
/// # Errors
/// The database's.
pub async fn list_open(client: &Client<'_>, limit: i64) -> Result<Vec<OpenIssue>, tokio_postgres::Error> {
    let rows = client.query(LIST_OPEN, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| OpenIssue {
            worker_name: row.get(0),
            issue_type: row.get(1),
            message: row.get(2),
            occurrences: row.get(3),
            updated_at: row.get(4),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[RAISE, LIST_OPEN];
