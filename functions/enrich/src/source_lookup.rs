//! Asks one source about every record that it has of a producer: one call per record, within the source's
//! budget. Every answer becomes a lookup. The modules of the sources fetch and map the records.

use std::future::Future;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::json;
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::store::producers;
use shared::store::producers::producer_links::RelatedIdentity;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::work::budgets::{BudgetError, MessageBudgets};
use tokio::time::Instant;

use crate::context::Context;

/// The kind of the lookup of an artist. Its subject is the artist's id at the source.
const ARTIST: &str = "artist";
/// A source is not asked again for the same message after this many failures in a row.
const MOST_FAILURES: u64 = 3;

/// What one record of a source says about a producer.
#[derive(Debug, Default)]
pub(crate) struct ProducerRecord {
    /// The main name at the source.
    pub(crate) name: String,
    /// Other names.
    pub(crate) aliases: Vec<String>,
    /// Contact details as pairs of kind and value.
    pub(crate) contacts: Vec<(String, String)>,
    /// Aliases, groups and members that have a record of their own.
    pub(crate) related: Vec<RelatedIdentity>,
}

/// The result of asking a source about all records of a producer.
pub(crate) struct SourceResult {
    pub(crate) source: Source,
    /// The records that were found, each with its id.
    pub(crate) records: Vec<(String, ProducerRecord)>,
    /// One lookup per record that was asked about or skipped because of an earlier failure.
    pub(crate) lookups: Vec<Lookup>,
    /// If the source is not asked again: the reason, as it is shown to people.
    pub(crate) give_up_reason: Option<String>,
}

impl SourceResult {
    /// Whether every record was either found or does not exist.
    pub(crate) fn is_complete(&self) -> bool {
        let mut outcomes = self.lookups.iter().map(|lookup| lookup.outcome);
        outcomes.all(|outcome| matches!(outcome, LookupOutcome::Found | LookupOutcome::NotFound))
    }
}

/// The records to ask a source about.
pub(crate) struct SourceQuery<'a> {
    budgets: MessageBudgets<'a>,
    pub(crate) bucket: Bucket,
    /// The ids of the records; empty if the stored results are fresh.
    record_ids: Vec<String>,
    /// The stored lookups of these records.
    last_lookups: Vec<Lookup>,
    /// The time of the oldest stored result, if all are fresh.
    pub(crate) known_since: Option<DateTime<Utc>>,
}

impl<'a> SourceQuery<'a> {
    /// Loads the records to ask about; `None` if the producer does not exist. If one record needs a new
    /// lookup, all are asked about: otherwise it would be unknown which facts the source no longer states.
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
        let Some(record_ids) = found.await.context("read the producer")? else {
            return Ok(None);
        };
        let fresh = lookups::list_fresh(&client, source, ARTIST, &record_ids, fresh_after).await?;
        let mut query = SourceQuery {
            budgets: context.budgets.until(deadline),
            bucket,
            record_ids,
            last_lookups: Vec::new(),
            known_since: None,
        };
        if fresh.len() == query.record_ids.len() {
            query.known_since = fresh.iter().map(|lookup| lookup.looked_up_at).min();
            query.record_ids.clear();
        } else {
            query.last_lookups = lookups::list(&client, ARTIST, &query.record_ids).await?;
            query.last_lookups.retain(|lookup| lookup.source == source);
        }
        Ok(Some(query))
    }

    /// Asks about every record whose id `parse_id` accepts. After the first failure, the remaining records
    /// are only marked as blocked. The error is the one to retry the message for.
    pub(crate) async fn fetch_all<Id: Clone, F>(
        &self,
        parse_id: impl Fn(&str) -> Option<Id>,
        fetch: impl Fn(Id) -> F,
    ) -> (SourceResult, Option<BudgetError>)
    where
        F: Future<Output = Result<Option<ProducerRecord>, shared::platform::http::Error>>,
    {
        let source = self.bucket.source();
        let mut result = SourceResult {
            source,
            records: Vec::new(),
            lookups: Vec::new(),
            give_up_reason: None,
        };
        let mut retry_cause = None;
        for record_id in &self.record_ids {
            let Some(id) = parse_id(record_id) else { continue };
            if retry_cause.is_some() || result.give_up_reason.is_some() {
                let blocked = LookupOutcome::Blocked;
                let lookup = Lookup::new(source, ARTIST, record_id, blocked, self.budgets.now());
                result.lookups.push(lookup);
                continue;
            }
            let now = self.budgets.now();
            let answer = self.budgets.spend(self.bucket, || fetch(id.clone())).await;
            retry_cause = self.add_answer(&mut result, record_id, answer, now);
        }
        (result, retry_cause)
    }

    /// Adds the answer about one record to the result. Returns the error to retry the message for.
    fn add_answer(
        &self,
        result: &mut SourceResult,
        record_id: &str,
        answer: Result<Option<ProducerRecord>, BudgetError>,
        now: DateTime<Utc>,
    ) -> Option<BudgetError> {
        let lookup = |outcome| Lookup::new(result.source, ARTIST, record_id, outcome, now);
        match answer {
            Ok(Some(record)) => {
                result.lookups.push(lookup(LookupOutcome::Found));
                result.records.push((record_id.to_owned(), record));
                None
            }
            Ok(None) => {
                result.lookups.push(lookup(LookupOutcome::NotFound));
                None
            }
            Err(error) => {
                let last = self.last_lookups.iter().find(|last| last.subject == record_id);
                let failed = FailedCall::new(lookup(LookupOutcome::Failed), last, error);
                result.lookups.push(failed.lookup);
                result.give_up_reason = failed.give_up_reason;
                failed.retry_cause
            }
        }
    }
}

/// A call without an answer. Exactly one of `retry_cause` and `give_up_reason` is set.
pub(crate) struct FailedCall {
    pub(crate) lookup: Lookup,
    /// The error to retry the message for.
    pub(crate) retry_cause: Option<BudgetError>,
    /// Why the source is not asked again.
    pub(crate) give_up_reason: Option<String>,
}

impl FailedCall {
    /// Decides what an error means. The message is not retried if the source refuses our credentials, because
    /// a person must fix that, nor if the source failed [`MOST_FAILURES`] times in a row. The lookup keeps
    /// the answer of the last one.
    pub(crate) fn new(mut lookup: Lookup, last: Option<&Lookup>, error: BudgetError) -> Self {
        if let Some(last) = last {
            lookup.answer = last.answer.clone();
        }
        let mut give_up_reason = None;
        match &error {
            BudgetError::Refused { reason, .. } => give_up_reason = Some(reason.clone()),
            BudgetError::NotNow { .. } | BudgetError::SwitchedOff(..) => {
                lookup.outcome = LookupOutcome::Blocked;
            }
            BudgetError::Upstream(source, cause) => {
                let failures = lookup.answer["failures"].as_u64().unwrap_or(0) + 1;
                lookup.answer["failures"] = json!(failures);
                if failures >= MOST_FAILURES {
                    give_up_reason = Some(format!("{source} failed {failures} times in a row: {cause}"));
                }
            }
            BudgetError::Pool(_) | BudgetError::Postgres(_) => {}
        }
        Self {
            retry_cause: Some(error).filter(|_| give_up_reason.is_none()),
            lookup,
            give_up_reason,
        }
    }
}
