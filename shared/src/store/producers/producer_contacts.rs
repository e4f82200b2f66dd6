//! How producers are reached, as records of the sources state it. What of it is shown first is decided in
//! [`crate::domain::contacts`]; triggers skip whatever was erased for good (see [`super::contact_suppressions`]).

use chrono::{DateTime, Utc};

use crate::domain::contacts::StatedContact;
use crate::domain::credits::Source;
use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// A way to reach a producer, as a record of a source states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactRow {
    /// The field's standard name: instagram, website, soundcloud and so on.
    pub kind: String,
    /// A handle, a URL or a text.
    pub value: String,
    /// The record that says so.
    pub source_id: String,
    /// Until when it is of use; for good where nothing is said.
    pub expires_at: Option<DateTime<Utc>>,
}

const DELETE_OTHERS: &str = "
    DELETE FROM producer_contacts
    WHERE producer_id = $1 AND source = $2::text::source
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (kind, value) WHERE n.kind = producer_contacts.kind AND n.value = producer_contacts.value)";

const UPSERT: &str = "
    INSERT INTO producer_contacts AS c (producer_id, kind, value, source, source_id, expires_at)
    SELECT $1, kind, value, $2::text::source, source_id, expires_at
    FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) AS n (kind, value, source_id, expires_at)
    ORDER BY kind, md5(value)
    ON CONFLICT (producer_id, kind, md5(value), source) DO UPDATE SET source_id = EXCLUDED.source_id, expires_at = EXCLUDED.expires_at
    WHERE (c.source_id, c.expires_at) IS DISTINCT FROM (EXCLUDED.source_id, EXCLUDED.expires_at)";

/// Keeps contacts that a source states of a producer. No kind and value may come twice.
///
/// # Errors
/// The database's.
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
    let until: Vec<Option<DateTime<Utc>>> = contacts.iter().map(|contact| contact.expires_at).collect();
    client
        .execute(
            UPSERT,
            &[&id.0, &source.as_str(), &kinds, &values, &records, &until],
        )
        .await
}

/// Keeps the contacts that a source states of a producer now, and forgets those it does not state any more. No kind and
/// value may come twice.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    contacts: &[ContactRow],
) -> Result<u64, tokio_postgres::Error> {
    let (kinds, values) = keys(contacts);
    let deleted = client
        .execute(DELETE_OTHERS, &[&id.0, &source.as_str(), &kinds, &values])
        .await?;
    Ok(deleted + upsert(client, id, source, contacts).await?)
}

fn keys(contacts: &[ContactRow]) -> (Vec<&str>, Vec<&str>) {
    let pairs = contacts.iter();
    pairs
        .map(|contact| (contact.kind.as_str(), contact.value.as_str()))
        .unzip()
}

const DELETE_OF_OTHER_RECORDS: &str = "
    DELETE FROM producer_contacts WHERE producer_id = $1 AND source = $2::text::source AND source_id IS DISTINCT FROM $3::text";

/// Forgets what a source states of a producer in any other record than this one.
///
/// # Errors
/// The database's.
pub async fn delete_of_other_records(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: Option<&str>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(DELETE_OF_OTHER_RECORDS, &[&id.0, &source.as_str(), &source_id])
        .await
}

const HAS_RECORD: &str = "
    SELECT EXISTS (SELECT FROM producer_contacts WHERE producer_id = $1 AND source = $2::text::source AND source_id = $3)";

/// Whether anything is kept of a producer that a source states in this record.
///
/// # Errors
/// The database's.
pub async fn has_record(
    client: &Client<'_>,
    id: ProducerId,
    source: Source,
    source_id: &str,
) -> Result<bool, tokio_postgres::Error> {
    Ok(client
        .query_one(HAS_RECORD, &[&id.0, &source.as_str(), &source_id])
        .await?
        .get(0))
}

const LIST: &str = "
    SELECT kind, value, source::text, expires_at FROM producer_contacts WHERE producer_id = $1 ORDER BY kind, value, source";

/// Everything that the sources state of a producer.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>, id: ProducerId) -> Result<Vec<StatedContact>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| StatedContact {
            kind: row.get(0),
            value: row.get(1),
            source: row.get::<_, &str>(2).parse().expect("the enum of the schema"),
            expires_at: row.get(3),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[DELETE_OTHERS, UPSERT, DELETE_OF_OTHER_RECORDS, HAS_RECORD, LIST];
