//! Contact details of producers, as the sources state them. [`crate::domain::contacts`] picks the ones that
//! are shown first. Triggers skip details that were erased (see [`super::contact_suppressions`]).

use chrono::{DateTime, Utc};

use crate::domain::contacts::StatedContact;
use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// A contact detail of a producer, as a record of a source states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactRow {
    /// The kind of detail: instagram, website, soundcloud and so on.
    pub kind: String,
    /// A handle, a URL or a text.
    pub value: String,
    /// The id of the record that states it.
    pub source_id: String,
    /// When it expires; null if it does not.
    pub expires_at: Option<DateTime<Utc>>,
}

const DELETE_OTHERS: &str = "
    DELETE FROM producer_contacts
    WHERE producer_id = $1 AND source = $2::text::source
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (kind, value)
                      WHERE n.kind = producer_contacts.kind AND n.value = producer_contacts.value)";

const UPSERT: &str = "
    INSERT INTO producer_contacts AS c (producer_id, kind, value, source, source_id, expires_at)
    SELECT $1, kind, value, $2::text::source, source_id, expires_at
    FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[])
        AS n (kind, value, source_id, expires_at)
    ORDER BY kind, md5(value)
    ON CONFLICT (producer_id, kind, md5(value), source) DO UPDATE
    SET source_id = EXCLUDED.source_id, expires_at = EXCLUDED.expires_at
    WHERE (c.source_id, c.expires_at) IS DISTINCT FROM (EXCLUDED.source_id, EXCLUDED.expires_at)";

/// Stores contact details that a source states for a producer. No two may have the same kind and value.
pub async fn upsert(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    contacts: &[ContactRow],
) -> Result<u64, tokio_postgres::Error> {
    let (kinds, values) = keys(contacts);
    let records: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.source_id.as_str())
        .collect();
    let expiries: Vec<Option<DateTime<Utc>>> = contacts.iter().map(|contact| contact.expires_at).collect();
    client
        .execute(UPSERT, &[&id, &source, &kinds, &values, &records, &expiries])
        .await
}

/// Replaces the contact details that a source states for a producer. No two may have the same kind and value.
/// Returns the number of rows written or deleted.
pub async fn replace(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    contacts: &[ContactRow],
) -> Result<u64, tokio_postgres::Error> {
    let (kinds, values) = keys(contacts);
    let deleted = client
        .execute(DELETE_OTHERS, &[&id, &source, &kinds, &values])
        .await?;
    Ok(deleted + upsert(client, id, source, contacts).await?)
}

fn keys(contacts: &[ContactRow]) -> (Vec<&str>, Vec<&str>) {
    contacts
        .iter()
        .map(|contact| (contact.kind.as_str(), contact.value.as_str()))
        .unzip()
}

const DELETE_OF_OTHER_RECORDS: &str = "
    DELETE FROM producer_contacts
    WHERE producer_id = $1 AND source = $2::text::source AND source_id IS DISTINCT FROM $3::text";

/// Deletes the contact details that a source states for a producer in records other than `source_id`.
pub async fn delete_of_other_records(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: Option<&str>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(DELETE_OF_OTHER_RECORDS, &[&id, &source, &source_id])
        .await
}

const HAS_RECORD: &str = "
    SELECT EXISTS (
        SELECT FROM producer_contacts WHERE producer_id = $1 AND source = $2::text::source AND source_id = $3
    ) AS has_record";

/// Whether any stored contact detail of a producer comes from this record of a source.
pub async fn has_record(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: &str,
) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(HAS_RECORD, &[&id, &source, &source_id]).await?;
    Ok(row.get("has_record"))
}

const LIST: &str = "
    SELECT kind, value, source::text AS source, expires_at
    FROM producer_contacts
    WHERE producer_id = $1
    ORDER BY kind, value, source";

/// The contact details that the sources state for a producer.
pub async fn list(client: &Client<'_>, id: ProducerId) -> Result<Vec<StatedContact>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| StatedContact {
            kind: row.get("kind"),
            value: row.get("value"),
            source: row.get("source"),
            expires_at: row.get("expires_at"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[DELETE_OTHERS, UPSERT, DELETE_OF_OTHER_RECORDS, HAS_RECORD, LIST];
