//! The table `worker_issues`: problems that workers report. A repeated problem increments the count of its
//! open row, so that a bad night is one row and not ten thousand.

use chrono::{DateTime, Utc};
use tokio_postgres::{Error, Row};

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

/// An issue as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedIssue {
    /// Its id.
    pub id: i64,
    /// The worker that reports it.
    pub worker_name: String,
    /// The type of the problem.
    pub issue_type: String,
    /// What happened and what to do.
    pub message: String,
    /// Further details, for programs.
    pub details: serde_json::Value,
    /// How often it was reported.
    pub occurrences: i32,
    /// Whether it is closed.
    pub is_resolved: bool,
    /// When it was first reported.
    pub created_at: DateTime<Utc>,
    /// When it was last reported or closed.
    pub updated_at: DateTime<Utc>,
}

fn issue_from_row(row: &Row) -> ReportedIssue {
    ReportedIssue {
        id: row.get("id"),
        worker_name: row.get("worker_name"),
        issue_type: row.get("issue_type"),
        message: row.get("message"),
        details: row.get("details"),
        occurrences: row.get("occurrences"),
        is_resolved: row.get("resolved"),
        created_at: row.get("created_at"),
        updated_at: row.get("updated_at"),
    }
}

const LIST_OPEN: &str = "
    SELECT id, worker_name, issue_type, message, details, occurrences, resolved, created_at, updated_at
    FROM worker_issues
    WHERE NOT resolved
    ORDER BY updated_at DESC, id DESC
    LIMIT $1::bigint";

/// The open issues, the most recent first.
pub async fn list_open(client: &Client<'_>, limit: i64) -> Result<Vec<ReportedIssue>, Error> {
    let rows = client.query(LIST_OPEN, &[&limit]).await?;
    Ok(rows.iter().map(issue_from_row).collect())
}

const FIND: &str = "
    SELECT id, worker_name, issue_type, message, details, occurrences, resolved, created_at, updated_at
    FROM worker_issues
    WHERE id = $1";

/// The issue with this id, open or not.
pub async fn find(client: &Client<'_>, id: i64) -> Result<Option<ReportedIssue>, Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.as_ref().map(issue_from_row))
}

const MARK_RESOLVED: &str = "
    UPDATE worker_issues SET resolved = true
    WHERE id = ANY ($1::bigint[]) AND NOT resolved
    RETURNING id";

/// Closes open issues. Returns which of them were open.
pub async fn mark_resolved(client: &Client<'_>, ids: &[i64]) -> Result<Vec<i64>, Error> {
    let rows = client.query(MARK_RESOLVED, &[&ids]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[RAISE, LIST_OPEN, FIND, MARK_RESOLVED];
