//! The state of the work as a whole, which alarms watch.

use tokio_postgres::Error;

use crate::platform::db::Client;

/// What is wrong or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkState {
    /// Problems that wait for a person.
    pub open_issues: i64,
    /// Sources that refuse our credentials now.
    pub refused_credentials: i64,
    /// Messages that wait until their source allows more calls.
    pub put_off_messages: i64,
}

const READ: &str = "
    SELECT (SELECT count(*) FROM worker_issues WHERE NOT resolved) AS open_issues,
           (SELECT count(DISTINCT source) FROM upstream_budgets
            WHERE is_refusal AND blocked_until > now()) AS refused_credentials,
           (SELECT count(*) FROM outgoing_messages WHERE snooze_count > 0) AS put_off_messages";

/// Reads the state.
pub async fn read(client: &Client<'_>) -> Result<WorkState, Error> {
    let row = client.query_one(READ, &[]).await?;
    Ok(WorkState {
        open_issues: row.get("open_issues"),
        refused_credentials: row.get("refused_credentials"),
        put_off_messages: row.get("put_off_messages"),
    })
}

pub(in crate::store) const STATEMENTS: &[&str] = &[READ];
