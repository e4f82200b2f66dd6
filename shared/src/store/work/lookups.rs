//! What each source was asked, when, and what came of it: freshness, and the answer to "why is there no producer here?".

use chrono::{DateTime, Duration, Utc};

use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What came of a lookup.
    LookupOutcome {
        /// The source knows it.
        Found = "found",
        /// The source does not know it.
        NotFound = "not_found",
        /// The source would not answer now.
        Blocked = "blocked",
        /// The source's answer could not be used.
        Failed = "failed",
    }
}

/// A hit is looked at again after 30 days, a miss after 7: credits get added, and rarely change.
const HIT_DAYS: i64 = 30;
const MISS_DAYS: i64 = 7;

/// One lookup, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// Who was asked.
    pub source: Source,
    /// What kind of thing was asked for.
    pub kind: String,
    /// Which one.
    pub subject: String,
    /// What came of it.
    pub outcome: LookupOutcome,
    /// The ids that what comes next needs.
    pub answer: serde_json::Value,
    /// When the source was asked.
    pub looked_up_at: DateTime<Utc>,
    /// When it has to be asked again at the latest, where that is sooner than usual: for keeping it, and not read back.
    pub ask_again_by: Option<DateTime<Utc>>,
}

impl Lookup {
    /// A lookup made at `looked_up_at`.
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
        let usual = match self.outcome {
            LookupOutcome::Found => self.looked_up_at + Duration::days(HIT_DAYS),
            LookupOutcome::NotFound => self.looked_up_at + Duration::days(MISS_DAYS),
            LookupOutcome::Blocked | LookupOutcome::Failed => self.looked_up_at,
        };
        self.ask_again_by.map_or(usual, |by| usual.min(by))
    }
}

const LIST_FRESH: &str = "
    SELECT source::text, kind, subject, outcome::text, answer, looked_up_at
    FROM lookups
    WHERE source = $1::text::source AND kind = $2 AND subject = ANY ($3::text[])
      AND look_again_at > now() AND looked_up_at >= COALESCE($4::timestamptz, '-infinity')";

/// Of the subjects, those that need not be asked again by somebody who wants answers from after `fresh_after`.
///
/// # Errors
/// The database's.
pub async fn list_fresh(
    client: &Client<'_>,
    source: Source,
    kind: &str,
    subjects: &[String],
    fresh_after: Option<DateTime<Utc>>,
) -> Result<Vec<Lookup>, tokio_postgres::Error> {
    let rows = client
        .query(LIST_FRESH, &[&source.as_str(), &kind, &subjects, &fresh_after])
        .await?;
    Ok(rows.iter().map(lookup).collect())
}

/// As [`list_fresh`], of one subject.
///
/// # Errors
/// The database's.
pub async fn find_fresh(
    client: &Client<'_>,
    source: Source,
    kind: &str,
    subject: &str,
    fresh_after: Option<DateTime<Utc>>,
) -> Result<Option<Lookup>, tokio_postgres::Error> {
    Ok(
        list_fresh(client, source, kind, &[subject.to_owned()], fresh_after)
            .await?
            .pop(),
    )
}

const LIST: &str = "
    SELECT source::text, kind, subject, outcome::text, answer, looked_up_at
    FROM lookups
    WHERE kind = $1 AND subject = ANY ($2::text[])
    ORDER BY source, subject";

/// What every source said of the subjects, fresh or not.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    kind: &str,
    subjects: &[String],
) -> Result<Vec<Lookup>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&kind, &subjects]).await?;
    Ok(rows.iter().map(lookup).collect())
}

fn lookup(row: &tokio_postgres::Row) -> Lookup {
    Lookup {
        source: row.get::<_, &str>(0).parse().expect("the enum of the schema"),
        kind: row.get(1),
        subject: row.get(2),
        outcome: row.get::<_, &str>(3).parse().expect("the enum of the schema"),
        answer: row.get(4),
        looked_up_at: row.get(5),
        ask_again_by: None,
    }
}

// Of two lookups at once, the later one is kept; one that came to nothing does not hide what is still fresh.
const UPSERT: &str = "
    INSERT INTO lookups AS l (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
    SELECT source::source, kind, subject, outcome::lookup_outcome, answer, looked_up_at, look_again_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[])
         AS n (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
    ORDER BY 1, 2, 3
    ON CONFLICT (source, kind, subject) DO UPDATE SET
        outcome = EXCLUDED.outcome, answer = EXCLUDED.answer, looked_up_at = EXCLUDED.looked_up_at, look_again_at = EXCLUDED.look_again_at
    WHERE l.looked_up_at <= EXCLUDED.looked_up_at
      AND (EXCLUDED.outcome IN ('found', 'not_found') OR l.outcome NOT IN ('found', 'not_found') OR l.look_again_at <= now())";

/// Keeps lookups. No subject may come twice.
///
/// # Errors
/// The database's.
pub async fn upsert(client: &Client<'_>, lookups: &[Lookup]) -> Result<(), tokio_postgres::Error> {
    if lookups.is_empty() {
        return Ok(());
    }
    let sources: Vec<&str> = lookups.iter().map(|lookup| lookup.source.as_str()).collect();
    let kinds: Vec<&str> = lookups.iter().map(|lookup| lookup.kind.as_str()).collect();
    let subjects: Vec<&str> = lookups.iter().map(|lookup| lookup.subject.as_str()).collect();
    let outcomes: Vec<&str> = lookups.iter().map(|lookup| lookup.outcome.as_str()).collect();
    let answers: Vec<serde_json::Value> = lookups.iter().map(|lookup| lookup.answer.clone()).collect();
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
