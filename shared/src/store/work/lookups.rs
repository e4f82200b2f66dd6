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

    /// When the source is asked again; `None` without an answer, because it then backs off.
    fn look_again_at(&self) -> Option<DateTime<Utc>> {
        let days = match self.outcome {
            LookupOutcome::Found => FOUND_DAYS,
            LookupOutcome::NotFound => NOT_FOUND_DAYS,
            LookupOutcome::Blocked | LookupOutcome::Failed => return None,
        };
        let default = self.looked_up_at + Duration::days(days);
        Some(self.ask_again_by.map_or(default, |by| default.min(by)))
    }
}

const LIST_FRESH: &str = "
    SELECT source::text AS source, kind, subject, outcome::text AS outcome, answer, looked_up_at
    FROM lookups
    WHERE source = $1::text::source AND kind = $2 AND subject = ANY ($3::text[])
      AND look_again_at > now() AND back_off_count = 0
      AND looked_up_at >= COALESCE($4::timestamptz, '-infinity')";

/// The answers about these subjects that are still fresh and were made after `fresh_after`.
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
// answer that is still fresh. One that comes while its subject backs off belongs to the same round of tries,
// so it does not lengthen the back-off.
const UPSERT: &str = "
    INSERT INTO lookups AS l (source, kind, subject, outcome, answer, looked_up_at, look_again_at,
                              back_off_count)
    SELECT source::source, kind, subject, outcome::lookup_outcome, answer, looked_up_at,
           COALESCE(look_again_at, now() + refresh_back_off(1)), (look_again_at IS NULL)::integer
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[],
                $7::timestamptz[])
         AS n (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
    ORDER BY 1, 2, 3
    ON CONFLICT (source, kind, subject) DO UPDATE SET
        outcome = EXCLUDED.outcome, answer = EXCLUDED.answer, looked_up_at = EXCLUDED.looked_up_at,
        look_again_at = CASE WHEN EXCLUDED.back_off_count = 0 THEN EXCLUDED.look_again_at
                             WHEN l.look_again_at > now() THEN l.look_again_at
                             ELSE now() + refresh_back_off(l.back_off_count + 1) END,
        back_off_count = CASE WHEN EXCLUDED.back_off_count = 0 THEN 0
                              WHEN l.look_again_at > now() THEN l.back_off_count
                              ELSE l.back_off_count + 1 END
    WHERE l.looked_up_at <= EXCLUDED.looked_up_at
      AND (EXCLUDED.back_off_count = 0 OR l.back_off_count > 0 OR l.look_again_at <= now())";

/// Stores lookups. A subject without an answer backs off: it is due for a refresh after an hour, then a day,
/// then a week. No subject may occur twice.
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
    let again: Vec<Option<DateTime<Utc>>> = lookups.iter().map(Lookup::look_again_at).collect();
    client
        .execute(
            UPSERT,
            &[&sources, &kinds, &subjects, &outcomes, &answers, &times, &again],
        )
        .await
        .map(drop)
}

const PUT_OFF: &str = "
    UPDATE lookups
    SET back_off_count = back_off_count + 1, look_again_at = now() + refresh_back_off(back_off_count + 1)
    WHERE source = $1::text::source AND kind = $2 AND subject = ANY ($3::text[])";

/// Backs off from subjects that are being refreshed: unless an answer is stored meanwhile, they are due again
/// after an hour, then a day, then a week. Their last answers are no longer fresh.
pub async fn put_off(
    client: &Client<'_>,
    source: Source,
    kind: &str,
    subjects: &[String],
) -> Result<(), Error> {
    client
        .execute(PUT_OFF, &[&source, &kind, &subjects])
        .await
        .map(drop)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_FRESH, LIST, UPSERT, PUT_OFF];
