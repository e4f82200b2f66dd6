//! Producers: who they are to each source, what they are called, and what is shown of them before all else.
//! How the sources say that they are reached is in [`super::producer_contacts`].

pub mod artist_producers;
pub mod contact_suppressions;
pub mod producer_contacts;
pub mod producer_duplicates;
pub mod producer_joins;
pub mod producer_links;
pub mod producer_merges;
pub mod producer_pages;
pub mod producer_search;
pub mod producer_tracks;
pub mod statistics;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::contacts::{FOLLOWERS, ShownContacts};
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ProducerId};
use crate::domain::names;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
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
pub struct ProducerIdentity {
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

const LOCK_SOURCE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('producer_identities:' || $1, 0))";

/// The producers that a source knows by these ids, made where they are new; names are those the source files them
/// under. New producers of one source are made by one transaction at a time, so that nobody is made twice.
///
/// # Errors
/// The database's.
pub async fn upsert_identities(
    client: &Client<'_>,
    source: Source,
    names_by_id: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
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
    client.execute(LOCK_SOURCE, &[&source.as_str()]).await.map(drop)
}

/// Those of these producers whom a source's ids are known of.
///
/// # Errors
/// The database's.
pub async fn list_identities(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
    let rows = client.query(LIST_IDENTITIES, &[&source.as_str(), &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            (
                row.get(0),
                ProducerIdentity {
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
) -> Result<Option<ProducerIdentity>, tokio_postgres::Error> {
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
            &[&source.as_str(), &source_id, &name, &names::fold(name), &id.0],
        )
        .await
}

/// A name of a producer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProducerName {
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
    names: &[ProducerName],
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
    names: &[ProducerName],
) -> Result<u64, tokio_postgres::Error> {
    let texts: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
    let kinds: Vec<&str> = names.iter().map(|name| name.kind.as_str()).collect();
    let deleted = client
        .execute(DELETE_OTHER_NAMES, &[&id.0, &source.as_str(), &texts, &kinds])
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

const FINISH_ENRICHMENT: &str = "
    UPDATE producers p
    SET enriched_at = GREATEST(p.enriched_at, $2), enrichment_failed = $3
    WHERE p.id = $1 AND (p.enriched_at, p.enrichment_failed) IS DISTINCT FROM (GREATEST(p.enriched_at, $2), $3)";

/// Keeps when the enrichment of a producer was last finished, which no earlier one changes, and whether it failed.
///
/// # Errors
/// The database's.
pub async fn finish_enrichment(
    client: &Client<'_>,
    id: ProducerId,
    at: Option<DateTime<Utc>>,
    failed: bool,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(FINISH_ENRICHMENT, &[&id.0, &at, &failed]).await
}

const SHOW: &str = "
    UPDATE producers p
    SET instagram_handle = n.handle, instagram_bio = n.bio, email = n.email, image_url = n.image_url, metadata = n.metadata
    FROM (SELECT $2::text AS handle, $3::text AS bio, $4::text AS email, $5::text AS image_url,
                 p.metadata - $6::text || CASE WHEN $7::bigint IS NULL THEN '{}' ELSE jsonb_build_object($6::text, $7::bigint) END AS metadata
          FROM producers p WHERE p.id = $1) n
    WHERE p.id = $1
      AND (p.instagram_handle, p.instagram_bio, p.email, p.image_url, p.metadata) IS DISTINCT FROM (n.handle, n.bio, n.email, n.image_url, n.metadata)";

/// Keeps what is shown of a producer before all else.
///
/// # Errors
/// The database's.
pub async fn update_shown_contacts(
    client: &Client<'_>,
    id: ProducerId,
    shown: &ShownContacts,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            SHOW,
            &[
                &id.0,
                &shown.instagram_handle,
                &shown.instagram_bio,
                &shown.email,
                &shown.image_url,
                &FOLLOWERS,
                &shown.follower_count,
            ],
        )
        .await
}

const LOCK_IDENTITIES: &str = "
    SELECT id FROM producer_identities WHERE producer_id = $1 ORDER BY id FOR NO KEY UPDATE";

const LOCK: &str = "SELECT id FROM producers WHERE id = $1 FOR NO KEY UPDATE";

/// Lets nobody else write what a producer is called and how to reach him until the transaction ends; in the order in
/// which [`super::producer_merges::lock`] does. False where there is no such producer any more.
///
/// # Errors
/// The database's.
pub async fn lock(client: &Client<'_>, id: ProducerId) -> Result<bool, tokio_postgres::Error> {
    client.execute(LOCK_IDENTITIES, &[&id.0]).await?;
    Ok(client.execute(LOCK, &[&id.0]).await? == 1)
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

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_IDENTITIES,
    INSERT,
    INSERT_IDENTITIES,
    LOCK_SOURCE,
    RENAME,
    INSERT_NAMES,
    DELETE_OTHER_NAMES,
    FIND_SOURCE_IDS,
    FINISH_ENRICHMENT,
    SHOW,
    LOCK_IDENTITIES,
    LOCK,
    LIST_OF_ALBUM,
];
