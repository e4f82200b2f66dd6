//! The table `lookups`: what each source was asked, when, and with which outcome. It decides when a source is
//! asked again, and it answers "why is there no producer here?".

use chrono::{DateTime, Duration, Utc};
use tokio_postgres::{Error, Row};

use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// The outcome of a lookup.
    LookupOutcome {
        /// The source knows the subject.
        Found = "found",
        /// The source does not know the subject.
        NotFound = "not_found",
        /// The source refused to answer for now.
        Blocked = "blocked",
        /// The answer of the source could not be used.
        Failed = "failed",
    }
}

/// A source is asked again after 30 days if it knew the subject, and after 7 days if not, because sources
/// often add credits and rarely change them.
const FOUND_DAYS: i64 = 30;
const NOT_FOUND_DAYS: i64 = 7;

/// One lookup, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The source that was asked.
    pub source: Source,
    /// The kind of subject.
    pub kind: String,
    /// The id of the subject.
    pub subject: String,
    /// The outcome.
    pub outcome: LookupOutcome,
    /// The ids that later steps need.
    pub answer: serde_json::Value,
    /// When the source was asked.
    pub looked_up_at: DateTime<Utc>,
    /// Latest time to ask again, if sooner than the default. Write-only.
    pub ask_again_by: Option<DateTime<Utc>>,
}

impl Lookup {
    /// A lookup that was made at `looked_up_at`.
    #[must_use]
    pub fn new(
        source: Source,
        kind: &str,
        subject: impl ToString,
        outcome: LookupOutcome,
        looked_up_at: DateTime<Utc>,
    ) -> Self {
        Self {
            source,
            kind: kind.to_owned(),
            subject: subject.to_string(),
            outcome,
            answer: serde_json::json!({}),
            looked_up_at,
            ask_again_by: None,
        }
    }

    fn look_again_at(&self) -> DateTime<Utc> {
        let default = match self.outcome {
            LookupOutcome::Found => self.looked_up_at + Duration::days(FOUND_DAYS),
            LookupOutcome::NotFound => self.looked_up_at + Duration::days(NOT_FOUND_DAYS),
            LookupOutcome::Blocked | LookupOutcome::Failed => self.looked_up_at,
        };
        self.ask_again_by.map_or(default, |by| default.min(by))
    }
}

const LIST_FRESH: &str = "
    SELECT source::text AS source, kind, subject, outcome::text AS outcome, answer, looked_up_at
    FROM lookups
    WHERE source = $1::text::source AND kind = $2 AND subject = ANY ($3::text[])
      AND look_again_at > now() AND looked_up_at >= COALESCE($4::timestamptz, '-infinity')";

/// The lookups of these subjects that are still fresh and were made after `fresh_after`.
pub async fn list_fresh(
    client: &Client<'_>,
    source: Source,
    kind: &str,
    subjects: &[String],
    fresh_after: Option<DateTime<Utc>>,
) -> Result<Vec<Lookup>, Error> {
    let rows = client
        .query(LIST_FRESH, &[&source, &kind, &subjects, &fresh_after])
        .await?;
    Ok(rows.iter().map(lookup_from_row).collect())
}

/// The lookup of one subject, under the conditions of [`list_fresh`].
pub async fn find_fresh(
    client: &Client<'_>,
    source: Source,
    kind: &str,
    subject: &str,
    fresh_after: Option<DateTime<Utc>>,
) -> Result<Option<Lookup>, Error> {
    let mut lookups = list_fresh(client, source, kind, &[subject.to_owned()], fresh_after).await?;
    Ok(lookups.pop())
}

const LIST: &str = "
    SELECT source::text AS source, kind, subject, outcome::text AS outcome, answer, looked_up_at
    FROM lookups
    WHERE kind = $1 AND subject = ANY ($2::text[])
    ORDER BY source, subject";

/// The lookups of these subjects at every source, fresh or not.
pub async fn list(client: &Client<'_>, kind: &str, subjects: &[String]) -> Result<Vec<Lookup>, Error> {
    let rows = client.query(LIST, &[&kind, &subjects]).await?;
    Ok(rows.iter().map(lookup_from_row).collect())
}

fn lookup_from_row(row: &Row) -> Lookup {
    Lookup {
        source: row.get("source"),
        kind: row.get("kind"),
        subject: row.get("subject"),
        outcome: row.get("outcome"),
        answer: row.get("answer"),
        looked_up_at: row.get("looked_up_at"),
        ask_again_by: None,
    }
}

// If two lookups of a subject run at once, the later one is stored. A refusal or failure does not replace an
// answer that is still fresh.
const UPSERT: &str = "
    INSERT INTO lookups AS l (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
    SELECT source::source, kind, subject, outcome::lookup_outcome, answer, looked_up_at, look_again_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[],
                $7::timestamptz[])
         AS n (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
    ORDER BY 1, 2, 3
    ON CONFLICT (source, kind, subject) DO UPDATE SET
        outcome = EXCLUDED.outcome, answer = EXCLUDED.answer, looked_up_at = EXCLUDED.looked_up_at,
        look_again_at = EXCLUDED.look_again_at
    WHERE l.looked_up_at <= EXCLUDED.looked_up_at
      AND (EXCLUDED.outcome IN ('found', 'not_found') OR l.outcome NOT IN ('found', 'not_found')
           OR l.look_again_at <= now())";

/// Stores lookups. No subject may occur twice.
pub async fn upsert(client: &Client<'_>, lookups: &[Lookup]) -> Result<(), Error> {
    if lookups.is_empty() {
        return Ok(());
    }
    let sources: Vec<Source> = lookups.iter().map(|lookup| lookup.source).collect();
    let kinds: Vec<&str> = lookups.iter().map(|lookup| lookup.kind.as_str()).collect();
    let subjects: Vec<&str> = lookups.iter().map(|lookup| lookup.subject.as_str()).collect();
    let outcomes: Vec<LookupOutcome> = lookups.iter().map(|lookup| lookup.outcome).collect();
    let answers: Vec<&serde_json::Value> = lookups.iter().map(|lookup| &lookup.answer).collect();
    let times: Vec<DateTime<Utc>> = lookups.iter().map(|lookup| lookup.looked_up_at).collect();
    let again: Vec<DateTime<Utc>> = lookups.iter().map(Lookup::look_again_at).collect();
    client
        .execute(
            UPSERT,
            &[&sources, &kinds, &subjects, &outcomes, &answers, &times, &again],
        )
        .await
        .map(drop)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_FRESH, LIST, UPSERT];
