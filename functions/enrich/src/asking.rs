//! Asking a source about every record by which it knows a producer: one call each within its budget, every answer kept as a
//! lookup. How a record is fetched and read is the source's room's matter.

use std::future::Future;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::json;
use shared::buckets::Bucket;
use shared::budgets;
use shared::credits::Source;
use shared::ids::ProducerId;
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::producer_links::RelatedIdentity;
use shared::store::producers;
use tokio::time::Instant;

use crate::Context;

/// The kind of lookup of an artist; its subject is the id there.
const ARTIST: &str = "artist";
/// A source that failed so often in a row is not asked again by the same message.
const FAILURES: u64 = 3;

/// What a record states of a producer.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What the source files them under.
    pub(crate) name: String,
    /// What else they are called.
    pub(crate) aliases: Vec<String>,
    /// Kinds and values.
    pub(crate) contacts: Vec<(String, String)>,
    /// Whom they belong together with.
    pub(crate) related: Vec<RelatedIdentity>,
}

/// What came of asking a source.
pub(crate) struct Answers {
    pub(crate) source: Source,
    /// What each of its records states.
    pub(crate) pages: Vec<(String, Page)>,
    /// Of every record.
    pub(crate) lookups: Vec<Lookup>,
    /// Why it is given up, where it is: as people are shown it.
    pub(crate) given_up: Option<String>,
}

impl Answers {
    /// Whether it said of every record what it states, or that there is no such one.
    pub(crate) fn is_complete(&self) -> bool {
        let mut outcomes = self.lookups.iter().map(|lookup| lookup.outcome);
        outcomes.all(|outcome| matches!(outcome, LookupOutcome::Found | LookupOutcome::NotFound))
    }
}

/// A source, and the records to ask it about.
pub(crate) struct Asking<'a> {
    pub(crate) context: &'a Context,
    pub(crate) deadline: Instant,
    pub(crate) bucket: Bucket,
    /// The ids of the records.
    records: Vec<String>,
    /// What came of asking about them before.
    last: Vec<Lookup>,
    /// Since when what is known holds, where nothing has to be asked.
    pub(crate) known_since: Option<DateTime<Utc>>,
}

impl<'a> Asking<'a> {
    /// What a source has to be asked; None where there is no such producer. Where one record has to be looked at again, all
    /// are: what the source states no more is known only then.
    pub(crate) async fn load(
        context: &'a Context,
        bucket: Bucket,
        producer_id: ProducerId,
        fresh_after: Option<DateTime<Utc>>,
        deadline: Instant,
    ) -> anyhow::Result<Option<Self>> {
        let source = bucket.source();
        let client = context.pool.client().await?;
        let found = producers::find_source_ids(&client, producer_id, source);
        let Some(records) = found.await.context("reading the producer")? else {
            return Ok(None);
        };
        let fresh = lookups::list_fresh(&client, source, ARTIST, &records, fresh_after).await?;
        let mut asking = Asking {
            context,
            deadline,
            bucket,
            records,
            last: Vec::new(),
            known_since: None,
        };
        if fresh.len() == asking.records.len() {
            asking.known_since = fresh.iter().map(|lookup| lookup.looked_up_at).min();
            asking.records.clear();
        } else {
            asking.last = lookups::list(&client, ARTIST, &asking.records).await?;
            asking.last.retain(|lookup| lookup.source == source);
        }
        Ok(Some(asking))
    }

    /// Asks about every record that has an id of the source's form; with the first refusal or failure that is worth coming
    /// back for.
    pub(crate) async fn each<Id: Clone, F>(
        &self,
        read: impl Fn(&str) -> Option<Id>,
        fetch: impl Fn(Id) -> F,
    ) -> (Answers, Option<budgets::Error>)
    where
        F: Future<Output = Result<Option<Page>, shared::http::Error>>,
    {
        let source = self.bucket.source();
        let mut answers = Answers {
            source,
            pages: Vec::new(),
            lookups: Vec::new(),
            given_up: None,
        };
        let mut stopped = None;
        for record in &self.records {
            let Some(id) = read(record) else { continue };
            if stopped.is_some() || answers.given_up.is_some() {
                let blocked = LookupOutcome::Blocked;
                let lookup = Lookup::new(source, ARTIST, record, blocked, Utc::now());
                answers.lookups.push(lookup);
                continue;
            }
            let now = Utc::now();
            let budgets = &self.context.budgets;
            let answer = budgets.spend(self.bucket, self.deadline, || fetch(id.clone()));
            stopped = self.take(&mut answers, record, answer.await, now);
        }
        (answers, stopped)
    }

    /// Takes what came of asking about a record.
    fn take(
        &self,
        answers: &mut Answers,
        record: &str,
        answer: Result<Option<Page>, budgets::Error>,
        now: DateTime<Utc>,
    ) -> Option<budgets::Error> {
        let lookup = |outcome| Lookup::new(answers.source, ARTIST, record, outcome, now);
        match answer {
            Ok(Some(page)) => {
                answers.lookups.push(lookup(LookupOutcome::Found));
                answers.pages.push((record.to_owned(), page));
                None
            }
            Ok(None) => {
                answers.lookups.push(lookup(LookupOutcome::NotFound));
                None
            }
            Err(error) => {
                let last = self.last.iter().find(|last| last.subject == record);
                let unanswered = unanswered(lookup(LookupOutcome::Failed), last, error);
                answers.lookups.push(unanswered.lookup);
                answers.given_up = unanswered.given_up;
                unanswered.stopped
            }
        }
    }
}

/// What is left of a call without an answer: one of `stopped`, to come back for it, and `given_up`.
pub(crate) struct Unanswered {
    pub(crate) lookup: Lookup,
    pub(crate) stopped: Option<budgets::Error>,
    pub(crate) given_up: Option<String>,
}

/// What an error means for what was asked. A source that refuses our credentials is not come back for, as a person has to
/// mend that, nor is one that failed again and again; what was known of the subject stays known.
pub(crate) fn unanswered(mut lookup: Lookup, last: Option<&Lookup>, error: budgets::Error) -> Unanswered {
    if let Some(last) = last {
        lookup.answer = last.answer.clone();
    }
    let mut given_up = None;
    match &error {
        budgets::Error::Refused { reason, .. } => given_up = Some(reason.clone()),
        budgets::Error::NotNow { .. } => lookup.outcome = LookupOutcome::Blocked,
        budgets::Error::Upstream(source, cause) => {
            let failures = lookup.answer["failures"].as_u64().unwrap_or(0) + 1;
            lookup.answer["failures"] = json!(failures);
            if failures >= FAILURES {
                given_up = Some(format!("{source} failed {failures} times in a row: {cause}"));
            }
        }
        budgets::Error::Pool(_) | budgets::Error::Postgres(_) => {}
    }
    Unanswered {
        stopped: Some(error).filter(|_| given_up.is_none()),
        lookup,
        given_up,
    }
}
