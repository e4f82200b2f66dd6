//! The table `operator_decisions`: who decided what by hand, and why, where no other table has it.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What people decide.
    OperatorAction {
        /// A dead letter is not handled any more. The subject is its queue and message key.
        DropDeadLetter = "drop_dead_letter",
        /// An issue is closed. The subject is its id.
        ResolveIssue = "resolve_issue",
        /// What an ingestion has not begun is not done. The subject is its id.
        CancelIngestion = "cancel_ingestion",
        /// A verdict on a song and a producer is withdrawn. The subject is both ids.
        WithdrawVerdict = "withdraw_verdict",
        /// Contact details are erased. The subject is the id of the producer.
        EraseContact = "erase_contact",
        /// An erasure of contact details is taken back. The subject is the id of the producer.
        RestoreContact = "restore_contact",
        /// A source is called again before its block ends. The subject is the source.
        UnblockSource = "unblock_source",
    }
}

/// Who decides, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The name of the person.
    pub by: &'a str,
    /// The reason.
    pub reason: &'a str,
}

const INSERT: &str = "
    INSERT INTO operator_decisions (action, subject, decided_by, reason, details)
    SELECT $1, subject, $2, $3, details
    FROM unnest($4::text[], $5::jsonb[]) AS d (subject, details)";

/// Records the decision on each of these subjects, with details for programs.
pub async fn insert(
    client: &Client<'_>,
    action: OperatorAction,
    decision: Decision<'_>,
    subjects: &[(String, serde_json::Value)],
) -> Result<(), Error> {
    let (subjects, details): (Vec<&str>, Vec<&serde_json::Value>) = subjects
        .iter()
        .map(|(subject, details)| (subject.as_str(), details))
        .unzip();
    client
        .execute(
            INSERT,
            &[&action, &decision.by, &decision.reason, &subjects, &details],
        )
        .await
        .map(drop)
}

/// A decision that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDecision {
    /// The name of the operator.
    pub by: String,
    /// The reason.
    pub reason: String,
    /// When it was made.
    pub decided_at: DateTime<Utc>,
}

const FIND_LAST: &str = "
    SELECT decided_by, reason, decided_at
    FROM operator_decisions
    WHERE action = $1 AND md5(subject) = md5($2)
    ORDER BY id DESC
    LIMIT 1";

/// The last decision of this kind on a subject.
pub async fn find_last(
    client: &Client<'_>,
    action: OperatorAction,
    subject: &str,
) -> Result<Option<RecordedDecision>, Error> {
    let row = client.query_opt(FIND_LAST, &[&action, &subject]).await?;
    Ok(row.map(|row| RecordedDecision {
        by: row.get("decided_by"),
        reason: row.get("reason"),
        decided_at: row.get("decided_at"),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, FIND_LAST];
