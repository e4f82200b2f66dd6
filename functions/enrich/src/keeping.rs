//! Keeps what the sources of names and links state of a producer, in one transaction. What is shown of it first is decided
//! in [`shared::contacts`].

use std::collections::{BTreeMap, BTreeSet};

use shared::credits::Source;
use shared::db::Client;
use shared::ids::ProducerId;
use shared::links::Link;
use shared::names;
use shared::store::lookups;
use shared::store::producer_contacts::{self, ContactRow};
use shared::store::producer_links::{self, RelatedIdentity};
use shared::store::producers::{self, NameKind, ProducerName};
use shared::store::worker_issues::{self, WorkerIssue};

use crate::Context;
use crate::asking::{Answers, Page};

/// Links as contacts: kinds and values.
pub(crate) fn kinds_and_values(links: &[Link]) -> Vec<(String, String)> {
    let links = links.iter();
    links
        .map(|link| (link.kind.as_str().to_owned(), link.value.clone()))
        .collect()
}

/// Keeps what every source answered. False, and nothing is kept, where the producer is part of another since.
pub(crate) async fn keep(
    context: &Context,
    producer_id: ProducerId,
    answers: &[Answers],
) -> anyhow::Result<bool> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !producers::lock(&transaction, producer_id).await? {
        return Ok(false);
    }
    for answers in answers {
        keep_source(&transaction, producer_id, answers).await?;
        lookups::upsert(&transaction, &answers.lookups).await?;
        if let Some(reason) = &answers.given_up {
            raise(&transaction, answers.source, reason).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}

/// Keeps what a source states now; where it was asked about every record of the producer, what it states no more goes.
async fn keep_source(
    transaction: &Client<'_>,
    producer_id: ProducerId,
    answers: &Answers,
) -> Result<(), tokio_postgres::Error> {
    let source = answers.source;
    for (source_id, page) in &answers.pages {
        if is_text(&page.name) {
            producers::rename(transaction, producer_id, source, source_id, &page.name).await?;
        }
    }
    let names = names_of(producer_id, &answers.pages);
    let contacts = contacts(&answers.pages);
    let related = answers.pages.iter().flat_map(|(_, page)| &page.related);
    let related: Vec<RelatedIdentity> = related.cloned().collect();
    let is_complete = answers.is_complete();
    // Of somebody it does not know any more, the credits still tell the name.
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

/// The names that records state, each once.
fn names_of(producer_id: ProducerId, pages: &[(String, Page)]) -> Vec<ProducerName> {
    let mut names = BTreeSet::new();
    for (_, page) in pages {
        let aliases = page.aliases.iter().map(|alias| (NameKind::Alias, alias));
        let all = aliases.chain([(NameKind::Primary, &page.name)]);
        let all = all.filter(|(_, name)| is_text(name));
        names.extend(all.map(|(kind, name)| ProducerName {
            producer_id,
            name: name.clone(),
            kind,
        }));
    }
    names.into_iter().collect()
}

/// The contacts that records state; of several that state the same, the first is kept.
fn contacts(pages: &[(String, Page)]) -> Vec<ContactRow> {
    let mut contacts = BTreeMap::new();
    for (source_id, page) in pages {
        let stated = page.contacts.iter().filter(|(_, value)| is_text(value));
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

/// Whether Postgres can keep it, and there is something to see.
pub(crate) fn is_text(text: &str) -> bool {
    names::is_visible(text) && !text.contains('\0')
}

/// Lets people know of a source that is given up.
pub(crate) async fn raise(
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
