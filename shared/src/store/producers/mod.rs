//! Producers, their names and identities in the sources, and the contact details that are shown first.

pub mod artist_summaries;
pub mod contact_erasures;
pub mod contact_suppressions;
pub mod producer_artists;
pub mod producer_contacts;
pub mod producer_duplicates;
pub mod producer_joins;
pub mod producer_links;
pub mod producer_merges;
pub mod producer_names;
pub mod producer_pages;
pub mod producer_search;
pub mod producer_tracks;
pub mod statistics;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::contacts::{FOLLOWERS, ShownContacts};
use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::domain::names;
use crate::platform::db::Client;
pub use producer_names::{NameKind, ProducerName, insert_names, replace_names};

/// A stored identity of a producer in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerIdentity {
    /// The identity's row.
    pub id: i64,
    /// The producer.
    pub producer_id: ProducerId,
}

const LIST_IDENTITIES: &str = "
    SELECT i.source_id, i.id, i.producer_id
    FROM unnest($2::text[]) AS n (source_id)
    JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(n.source_id)";

const INSERT: &str = "
    INSERT INTO producers (name, normalized_name)
    SELECT name, normalized_name
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (name, normalized_name, place)
    ORDER BY place
    RETURNING id";

const INSERT_IDENTITIES: &str = "
    INSERT INTO producer_identities (source, source_id, producer_id, name)
    SELECT $1::text::source, source_id, producer_id, name
    FROM unnest($2::text[], $3::bigint[], $4::text[]) AS n (source_id, producer_id, name)
    ORDER BY source_id";

const LOCK_SOURCE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('producer_identities:' || $1, 0))";

/// The producers with these ids in a source, creating the missing ones with the source's names. Only one
/// transaction at a time creates producers of a source, so none is created twice.
pub async fn upsert_identities<T: AsRef<str> + Sync>(
    client: &Client<'_>,
    source: Source,
    names_by_id: &BTreeMap<T, T>,
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
    let ids: Vec<&str> = names_by_id.keys().map(AsRef::as_ref).collect();
    let stored = list_identities(client, source, &ids).await?;
    if stored.len() == names_by_id.len() {
        return Ok(stored);
    }
    lock_source(client, source).await?;
    let stored = list_identities(client, source, &ids).await?;
    let (missing_ids, missing_names): (Vec<&str>, Vec<&str>) = names_by_id
        .iter()
        .map(|(id, name)| (id.as_ref(), name.as_ref()))
        .filter(|(id, _)| !stored.contains_key(*id))
        .unzip();
    let folded: Vec<String> = missing_names.iter().map(|name| names::fold(name)).collect();
    let rows = client.query(INSERT, &[&missing_names, &folded]).await?;
    let producers: Vec<ProducerId> = rows.iter().map(|row| row.get("id")).collect();
    client
        .execute(
            INSERT_IDENTITIES,
            &[&source, &missing_ids, &producers, &missing_names],
        )
        .await?;
    list_identities(client, source, &ids).await
}

/// Keeps other transactions from creating producers of a source until this one ends.
pub async fn lock_source(client: &Client<'_>, source: Source) -> Result<(), tokio_postgres::Error> {
    client.execute(LOCK_SOURCE, &[&source]).await.map(drop)
}

/// The stored identities among these ids of a source, by id.
pub async fn list_identities(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
    let rows = client.query(LIST_IDENTITIES, &[&source, &ids]).await?;
    let identities = rows.iter().map(|row| {
        let (id, producer_id) = (row.get("id"), row.get("producer_id"));
        (row.get("source_id"), ProducerIdentity { id, producer_id })
    });
    Ok(identities.collect())
}

/// The identity with this id in a source.
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
      -- Of several identities, the one with the best source and then the lowest id gives the producer's name.
      AND (SELECT (i.source, i.source_id)
           FROM producer_identities i
           WHERE i.producer_id = $5
           ORDER BY i.source, i.source_id
           LIMIT 1) = ($1::text::source, $2 COLLATE \"C\")";

/// Stores the name that a source now gives an identity, and renames the producer if that identity gives its
/// name.
pub async fn rename(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: &str,
    name: &str,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(RENAME, &[&source, &source_id, &name, &names::fold(name), &id])
        .await
}

const FIND_SOURCE_IDS: &str = "
    SELECT ARRAY(
               SELECT i.source_id
               FROM producer_identities i
               WHERE i.producer_id = p.id AND i.source = $2::text::source
                 AND has_source_id(i)
               ORDER BY i.source_id
           ) AS source_ids
    FROM producers p
    WHERE p.id = $1";

/// The producer's ids in a source; `None` if there is no such producer.
pub async fn find_source_ids(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
) -> Result<Option<Vec<String>>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_SOURCE_IDS, &[&id, &source]).await?;
    Ok(row.map(|row| row.get("source_ids")))
}

const FINISH_ENRICHMENT: &str = "
    UPDATE producers p
    SET enriched_at = GREATEST(p.enriched_at, $2), enrichment_failed = $3
    WHERE p.id = $1
      AND (p.enriched_at, p.enrichment_failed) IS DISTINCT FROM (GREATEST(p.enriched_at, $2), $3)";

/// Stores when a producer's enrichment was finished, unless a later time is stored, and whether it failed.
pub async fn finish_enrichment(
    client: &Client<'_>,
    id: ProducerId,
    at: Option<DateTime<Utc>>,
    failed: bool,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(FINISH_ENRICHMENT, &[&id, &at, &failed]).await
}

const UPDATE_SHOWN_CONTACTS: &str = "
    UPDATE producers p
    SET instagram_handle = n.handle, instagram_bio = n.bio, email = n.email, image_url = n.image_url,
        metadata = n.metadata
    FROM (SELECT $2::text AS handle, $3::text AS bio, $4::text AS email, $5::text AS image_url,
                 p.metadata - $6::text
                     || CASE WHEN $7::bigint IS NULL THEN '{}'
                             ELSE jsonb_build_object($6::text, $7::bigint) END
                     AS metadata
          FROM producers p WHERE p.id = $1) n
    WHERE p.id = $1
      AND (p.instagram_handle, p.instagram_bio, p.email, p.image_url, p.metadata)
          IS DISTINCT FROM (n.handle, n.bio, n.email, n.image_url, n.metadata)";

/// Stores the contact details of a producer that are shown first.
pub async fn update_shown_contacts(
    client: &Client<'_>,
    id: ProducerId,
    shown: &ShownContacts,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            UPDATE_SHOWN_CONTACTS,
            &[
                &id,
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

/// Locks a producer's names and contact details until the transaction ends, in the same order as
/// [`producer_merges::lock`]. Returns false if there is no such producer.
pub async fn lock(client: &Client<'_>, id: ProducerId) -> Result<bool, tokio_postgres::Error> {
    client.execute(LOCK_IDENTITIES, &[&id]).await?;
    Ok(client.execute(LOCK, &[&id]).await? == 1)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_IDENTITIES,
    INSERT,
    INSERT_IDENTITIES,
    LOCK_SOURCE,
    RENAME,
    FIND_SOURCE_IDS,
    FINISH_ENRICHMENT,
    UPDATE_SHOWN_CONTACTS,
    LOCK_IDENTITIES,
    LOCK,
];
