//! The table `worker_issues`: problems that workers report. A repeated problem increments the count of its
//! open row, so that a bad night is one row and not ten thousand.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::platform::db::Client;

/// A problem to report.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerIssue<'a> {
    /// The worker that reports it.
    pub worker_name: &'a str,
    /// The type of the problem, in one word.
    pub issue_type: &'a str,
    /// Two problems of one type with the same fingerprint are the same issue.
    pub fingerprint: &'a str,
    /// What happened and what to do, without secrets or contact data.
    pub message: &'a str,
    /// Further details, for programs.
    pub details: serde_json::Value,
}

const RAISE: &str = "
    INSERT INTO worker_issues AS w (worker_name, issue_type, fingerprint, message, details)
    VALUES ($1, $2, left($3, 300), $4, $5)
    ON CONFLICT (worker_name, issue_type, fingerprint) WHERE NOT resolved DO UPDATE SET
        occurrences = w.occurrences + 1, message = EXCLUDED.message, details = EXCLUDED.details";

/// Opens an issue, or increments the count of the open one.
pub async fn raise(client: &Client<'_>, issue: &WorkerIssue<'_>) -> Result<(), Error> {
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

/// An open issue as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIssue {
    /// The worker that reports it.
    pub worker_name: String,
    /// The type of the problem.
    pub issue_type: String,
    /// What happened and what to do.
    pub message: String,
    /// How often it was reported.
    pub occurrences: i32,
    /// When it was last reported.
    pub updated_at: DateTime<Utc>,
}

const LIST_OPEN: &str = "
    SELECT worker_name, issue_type, message, occurrences, updated_at
    FROM worker_issues
    WHERE NOT resolved
    ORDER BY updated_at DESC
    LIMIT $1::bigint";

/// The open issues, the most recent first.
pub async fn list_open(client: &Client<'_>, limit: i64) -> Result<Vec<OpenIssue>, Error> {
    let rows = client.query(LIST_OPEN, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| OpenIssue {
            worker_name: row.get("worker_name"),
            issue_type: row.get("issue_type"),
            message: row.get("message"),
            occurrences: row.get("occurrences"),
            updated_at: row.get("updated_at"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[RAISE, LIST_OPEN];
