//! Producers: who they are to each source, what they are called, and how they are reached.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::credits::{Source, words};
use crate::db::Client;
use crate::ids::{AlbumId, ProducerId};
use crate::names;

words! {
    /// What kind of name it is.
    NameKind {
        /// What the source files the producer under.
        Primary = "primary",
        /// Another name that the source states.
        Alias = "alias",
        /// As printed in a credit.
        CreditedAs = "credited_as",
    }
}

/// A producer as a source knows him.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The row.
    pub id: i64,
    /// Our producer.
    pub producer_id: ProducerId,
}

const LIST_IDENTITIES: &str = "
    SELECT i.source_id, i.id, i.producer_id
    FROM unnest($2::text[]) AS n (source_id)
    JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(n.source_id)";

const INSERT: &str = "
    INSERT INTO producers (name, normalized_name)
    SELECT name, normalized_name FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (name, normalized_name, place)
    ORDER BY place
    RETURNING id";

const INSERT_IDENTITIES: &str = "
    INSERT INTO producer_identities (source, source_id, producer_id, name)
    SELECT $1::text::source, source_id, producer_id, name
    FROM unnest($2::text[], $3::bigint[], $4::text[]) AS n (source_id, producer_id, name)
    ORDER BY source_id";

const LOCK_SOURCE: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('producer_identities:' || $1, 0))";

/// The producers that a source knows by these ids, made where they are new; names are those the source files them
/// under. New producers of one source are made by one transaction at a time, so that nobody is made twice.
///
/// # Errors
/// The database's.
pub async fn upsert_identities(
    client: &Client<'_>,
    source: Source,
    names_by_id: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Identity>, tokio_postgres::Error> {
    let ids: Vec<&str> = names_by_id.keys().map(String::as_str).collect();
    let mut known = list_identities(client, source, &ids).await?;
    if known.len() < names_by_id.len() {
        lock_source(client, source).await?;
        known = list_identities(client, source, &ids).await?;
        let new: Vec<(&str, &str)> = names_by_id
            .iter()
            .filter(|(id, _)| !known.contains_key(*id))
            .map(|(id, name)| (id.as_str(), name.as_str()))
            .collect();
        let names: Vec<&str> = new.iter().map(|(_, name)| *name).collect();
        let folded: Vec<String> = names.iter().map(|name| names::fold(name)).collect();
        let rows = client.query(INSERT, &[&names, &folded]).await?;
        let producers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let new_ids: Vec<&str> = new.iter().map(|(id, _)| *id).collect();
        client
            .execute(
                INSERT_IDENTITIES,
                &[&source.as_str(), &new_ids, &producers, &names],
            )
            .await?;
        known = list_identities(client, source, &ids).await?;
    }
    Ok(known)
}

/// Lets nobody else make producers of a source until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_source(client: &Client<'_>, source: Source) -> Result<(), tokio_postgres::Error> {
    client
        .execute(LOCK_SOURCE, &[&source.as_str()])
        .await
        .map(drop)
}

/// Those of these producers whom a source's ids are known of.
///
/// # Errors
/// The database's.
pub async fn list_identities(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<BTreeMap<String, Identity>, tokio_postgres::Error> {
    let rows = client
        .query(LIST_IDENTITIES, &[&source.as_str(), &ids])
        .await?;
    Ok(rows
        .iter()
        .map(|row| {
            (
                row.get(0),
                Identity {
                    id: row.get(1),
                    producer_id: ProducerId(row.get(2)),
                },
            )
        })
        .collect())
}

/// The producer that a source knows by this id.
///
/// # Errors
/// The database's.
pub async fn find_identity(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
) -> Result<Option<Identity>, tokio_postgres::Error> {
    Ok(list_identities(client, source, &[source_id])
        .await?
        .remove(source_id))
}

const RENAME: &str = "
    WITH named AS (
        UPDATE producer_identities i SET name = $3
        WHERE i.source = $1::text::source AND md5(i.source_id) = md5($2) AND i.name IS DISTINCT FROM $3
    )
    UPDATE producers p SET name = $3, normalized_name = $4
    WHERE p.id = $5 AND (p.name, p.normalized_name) IS DISTINCT FROM ($3, $4)
      -- Of several identities, the smallest of the best source says the name.
      AND (SELECT (i.source, i.source_id) FROM producer_identities i WHERE i.producer_id = $5 ORDER BY i.source, i.source_id LIMIT 1)
          = ($1::text::source, $2 COLLATE \"C\")";

/// Gives a producer the name that a source files him under now.
///
/// # Errors
/// The database's.
pub async fn rename(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: &str,
    name: &str,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            RENAME,
            &[
                &source.as_str(),
                &source_id,
                &name,
                &names::fold(name),
                &id.0,
            ],
        )
        .await
}

/// A name of a producer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Whose.
    pub producer_id: ProducerId,
    /// The name.
    pub name: String,
    /// What kind it is.
    pub kind: NameKind,
}

const INSERT_NAMES: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
    SELECT producer_id, name, kind::producer_name_kind, $1::text::source, normalized_name
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS n (producer_id, name, kind, normalized_name)
    ORDER BY producer_id, md5(name), kind
    ON CONFLICT DO NOTHING";

/// Keeps names that a source states.
///
/// # Errors
/// The database's.
pub async fn insert_names(
    client: &Client<'_>,
    source: Source,
    names: &[Name],
) -> Result<u64, tokio_postgres::Error> {
    let producers: Vec<i64> = names.iter().map(|name| name.producer_id.0).collect();
    let texts: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
    let kinds: Vec<&str> = names.iter().map(|name| name.kind.as_str()).collect();
    let folded: Vec<String> = texts.iter().map(|name| names::fold(name)).collect();
    client
        .execute(
            INSERT_NAMES,
            &[&source.as_str(), &producers, &texts, &kinds, &folded],
        )
        .await
}

const DELETE_OTHER_NAMES: &str = "
    DELETE FROM producer_names
    WHERE producer_id = $1 AND source = $2::text::source AND kind IN ('primary', 'alias')
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (name, kind) WHERE n.name = producer_names.name AND n.kind = producer_names.kind::text)";

/// Keeps the names that a source files a producer under now, and forgets those it does not state any more. Names as
/// printed stay.
///
/// # Errors
/// The database's.
pub async fn replace_names(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    names: &[Name],
) -> Result<u64, tokio_postgres::Error> {
    let texts: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
    let kinds: Vec<&str> = names.iter().map(|name| name.kind.as_str()).collect();
    let deleted = client
        .execute(
            DELETE_OTHER_NAMES,
            &[&id.0, &source.as_str(), &texts, &kinds],
        )
        .await?;
    Ok(deleted + insert_names(client, source, names).await?)
}

const FIND_SOURCE_IDS: &str = "
    SELECT ARRAY(SELECT i.source_id FROM producer_identities i
                 WHERE i.producer_id = p.id AND i.source = $2::text::source AND NOT starts_with(i.source_id, 'unlinked:') ORDER BY i.source_id)
    FROM producers p
    WHERE p.id = $1";

/// The ids that a source knows a producer by; null where there is no such producer.
///
/// # Errors
/// The database's.
pub async fn find_source_ids(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
) -> Result<Option<Vec<String>>, tokio_postgres::Error> {
    Ok(client
        .query_opt(FIND_SOURCE_IDS, &[&id.0, &source.as_str()])
        .await?
        .map(|row| row.get(0)))
}

/// A way to reach a producer, as a record of a source states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// The field's standard name: instagram, website, soundcloud and so on.
    pub kind: String,
    /// A handle or a URL.
    pub value: String,
    /// The record that says so.
    pub source_id: String,
}

const DELETE_OTHER_CONTACTS: &str = "
    DELETE FROM producer_contacts
    WHERE producer_id = $1 AND source = $2::text::source
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (kind, value) WHERE n.kind = producer_contacts.kind AND n.value = producer_contacts.value)";

const UPSERT_CONTACTS: &str = "
    INSERT INTO producer_contacts AS c (producer_id, kind, value, source, source_id)
    SELECT $1, kind, value, $2::text::source, source_id
    FROM unnest($3::text[], $4::text[], $5::text[]) AS n (kind, value, source_id)
    ORDER BY kind, md5(value)
    ON CONFLICT (producer_id, kind, md5(value), source) DO UPDATE SET source_id = EXCLUDED.source_id
    WHERE c.source_id IS DISTINCT FROM EXCLUDED.source_id";

/// Keeps the contacts that a source states of a producer now, and forgets those it does not state any more. No kind and
/// value may come twice.
///
/// # Errors
/// The database's.
pub async fn replace_contacts(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    contacts: &[Contact],
) -> Result<u64, tokio_postgres::Error> {
    let kinds: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.kind.as_str())
        .collect();
    let values: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.value.as_str())
        .collect();
    let records: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.source_id.as_str())
        .collect();
    let deleted = client
        .execute(
            DELETE_OTHER_CONTACTS,
            &[&id.0, &source.as_str(), &kinds, &values],
        )
        .await?;
    Ok(deleted
        + client
            .execute(
                UPSERT_CONTACTS,
                &[&id.0, &source.as_str(), &kinds, &values, &records],
            )
            .await?)
}

// The handle: of the best source, then the smallest, so that it does not depend on the order they came in.
const FINISH_ENRICHMENT: &str = "
    UPDATE producers p
    SET instagram_handle = (
            SELECT c.value FROM producer_contacts c WHERE c.producer_id = p.id AND c.kind = 'instagram'
            ORDER BY array_position(ARRAY['musicbrainz', 'genius', 'discogs', 'wikidata', 'manual']::source[], c.source), c.value LIMIT 1),
        enriched_at = $2,
        enrichment_failed = $3
    WHERE p.id = $1";

/// Keeps when the social enrichment of a producer was last finished and whether it failed, and takes the handle from his
/// contacts.
///
/// # Errors
/// The database's.
pub async fn finish_enrichment(
    client: &Client<'_>,
    id: ProducerId,
    at: DateTime<Utc>,
    failed: bool,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(FINISH_ENRICHMENT, &[&id.0, &at, &failed])
        .await
}

const LIST_OF_ALBUM: &str = "
    SELECT DISTINCT tp.producer_id FROM track_producers tp JOIN tracks t ON t.id = tp.track_id WHERE t.album_id = $1 ORDER BY 1";

/// The producers of an album's tracks.
///
/// # Errors
/// The database's.
pub async fn list_of_album(
    client: &Client<'_>,
    id: AlbumId,
) -> Result<Vec<ProducerId>, tokio_postgres::Error> {
    Ok(client
        .query(LIST_OF_ALBUM, &[&id.0])
        .await?
        .iter()
        .map(|row| ProducerId(row.get(0)))
        .collect())
}

pub(super) const STATEMENTS: &[&str] = &[
    LIST_IDENTITIES,
    INSERT,
    INSERT_IDENTITIES,
    LOCK_SOURCE,
    RENAME,
    INSERT_NAMES,
    DELETE_OTHER_NAMES,
    FIND_SOURCE_IDS,
    DELETE_OTHER_CONTACTS,
    UPSERT_CONTACTS,
    FINISH_ENRICHMENT,
    LIST_OF_ALBUM,
];
