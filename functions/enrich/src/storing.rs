//! Stores what the sources of names and links say about a producer, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::links::Link;
use shared::domain::names;
use shared::platform::db::Client;
use shared::store::producers::producer_contacts::{self, ContactRow};
use shared::store::producers::producer_links::{self, RelatedIdentity};
use shared::store::producers::{self, NameKind, ProducerName};
use shared::store::work::lookups;
use shared::store::work::worker_issues::{self, WorkerIssue};

use crate::context::Context;
use crate::source_lookup::{ProducerRecord, SourceResult};

/// Links as pairs of kind and value.
pub(crate) fn contact_pairs(links: &[Link]) -> Vec<(String, String)> {
    let links = links.iter();
    links
        .map(|link| (link.kind.as_str().to_owned(), link.value.clone()))
        .collect()
}

/// Stores the results of all sources. Returns false and stores nothing if the producer was merged into
/// another meanwhile.
pub(crate) async fn store_results(
    context: &Context,
    producer_id: ProducerId,
    results: &[SourceResult],
) -> anyhow::Result<bool> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !producers::lock(&transaction, producer_id).await? {
        return Ok(false);
    }
    for result in results {
        store_result(&transaction, producer_id, result).await?;
        lookups::upsert(&transaction, &result.lookups).await?;
        if let Some(reason) = &result.give_up_reason {
            raise_issue(&transaction, result.source, reason).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}

/// Stores the result of one source. If it is complete, facts that the source no longer states are removed.
async fn store_result(
    transaction: &Client<'_>,
    producer_id: ProducerId,
    result: &SourceResult,
) -> Result<(), tokio_postgres::Error> {
    let source = result.source;
    for (source_id, record) in &result.records {
        if is_text(&record.name) {
            producers::rename(transaction, producer_id, source, source_id, &record.name).await?;
        }
    }
    let names = names_from_records(producer_id, &result.records);
    let contacts = contacts_from_records(&result.records);
    let related = result.records.iter().flat_map(|(_, record)| &record.related);
    let related: Vec<RelatedIdentity> = related.cloned().collect();
    let is_complete = result.is_complete();
    // If the source no longer knows the producer, the names from credits stay.
    if is_complete && !names.is_empty() {
        producers::replace_names(transaction, producer_id, source, &names).await?;
    } else {
        producers::insert_names(transaction, source, &names).await?;
    }
    if is_complete {
        producer_contacts::replace(transaction, producer_id, source, &contacts).await?;
    } else {
        producer_contacts::upsert(transaction, producer_id, source, &contacts).await?;
    }
    producer_links::replace(transaction, producer_id, source, &related, is_complete).await?;
    Ok(())
}

/// The names in the records, each once.
fn names_from_records(producer_id: ProducerId, records: &[(String, ProducerRecord)]) -> Vec<ProducerName> {
    let mut names = BTreeSet::new();
    for (_, record) in records {
        let aliases = record.aliases.iter().map(|alias| (NameKind::Alias, alias));
        let all = aliases.chain([(NameKind::Primary, &record.name)]);
        let all = all.filter(|(_, name)| is_text(name));
        names.extend(all.map(|(kind, name)| ProducerName {
            producer_id,
            name: name.clone(),
            kind,
        }));
    }
    names.into_iter().collect()
}

/// The contact details in the records. If several records have the same, the first record counts as its
/// source.
fn contacts_from_records(records: &[(String, ProducerRecord)]) -> Vec<ContactRow> {
    let mut contacts = BTreeMap::new();
    for (source_id, record) in records {
        let stated = record.contacts.iter().filter(|(_, value)| is_text(value));
        for (kind, value) in stated {
            contacts.entry((kind, value)).or_insert(source_id);
        }
    }
    contacts
        .into_iter()
        .map(|((kind, value), source_id)| ContactRow {
            kind: kind.clone(),
            value: value.clone(),
            source_id: source_id.clone(),
            expires_at: None,
        })
        .collect()
}

/// Whether Postgres can store the text and it has a visible character.
pub(crate) fn is_text(text: &str) -> bool {
    names::is_visible(text) && !text.contains('\0')
}

/// Raises a worker issue for a source that is not asked again.
pub(crate) async fn raise_issue(
    client: &Client<'_>,
    source: Source,
    reason: &str,
) -> Result<(), tokio_postgres::Error> {
    let issue = WorkerIssue {
        worker_name: "enrich",
        issue_type: "source_failed",
        fingerprint: source.as_str(),
        message: reason,
        details: serde_json::json!({ "source": source }),
    };
    worker_issues::raise(client, &issue).await
}
