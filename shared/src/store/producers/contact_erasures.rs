//! Erasures of contact details. What an erasure has hidden (see [`super::contact_suppressions`]) can be
//! restored for a day, and is deleted permanently after it.

use chrono::{DateTime, Utc};

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

const INSERT: &str = "INSERT INTO contact_erasures (producer_id) VALUES ($1) RETURNING id";

/// Begins an erasure of a producer's contact details. Returns its id.
pub async fn insert(client: &Client<'_>, id: ProducerId) -> Result<i64, tokio_postgres::Error> {
    let row = client.query_one(INSERT, &[&id]).await?;
    Ok(row.get("id"))
}

const LIST_RESTORABLE: &str = "
    SELECT id
    FROM contact_erasures
    WHERE deleted_at IS NULL AND hidden_at > now() - interval '24 hours'
      AND current_producer(producer_id) = $1
    ORDER BY id";

/// The erasures that can be restored of the contact details of a producer, or of producers merged into it.
pub async fn list_restorable(client: &Client<'_>, id: ProducerId) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(LIST_RESTORABLE, &[&id]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const FIND_LAST_DELETION: &str = "
    SELECT max(COALESCE(deleted_at, hidden_at + interval '24 hours')) AS deleted_at
    FROM contact_erasures
    WHERE current_producer(producer_id) = $1";

/// When contact details of a producer were last deleted permanently.
pub async fn find_last_deletion(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<DateTime<Utc>>, tokio_postgres::Error> {
    let row = client.query_one(FIND_LAST_DELETION, &[&id]).await?;
    Ok(row.get("deleted_at"))
}

const LIFT_SUPPRESSION: &str = "DELETE FROM contact_suppressions WHERE erasure_id = ANY ($1::bigint[])";

const RESTORE_CONTACTS: &str = "
    INSERT INTO producer_contacts (producer_id, kind, value, source, source_id, created_at, expires_at)
    SELECT p.id, c.kind, c.value, c.source, c.source_id, c.created_at, c.expires_at
    FROM hidden_contacts h
    CROSS JOIN jsonb_populate_record(NULL::producer_contacts, h.details) AS c
    JOIN producers p ON p.id = current_producer(c.producer_id)
    WHERE h.erasure_id = ANY ($1::bigint[]) AND h.origin = 'producer_contacts'
      AND (c.expires_at IS NULL OR c.expires_at > now())
    ORDER BY p.id, c.kind, md5(c.value)
    ON CONFLICT DO NOTHING";

// What was stored meanwhile is newer.
const RESTORE_PRODUCERS: &str = "
    UPDATE producers p
    SET email = COALESCE(p.email, old.email),
        image_url = COALESCE(p.image_url, old.image_url),
        instagram_handle = COALESCE(p.instagram_handle, old.instagram_handle),
        instagram_bio = COALESCE(p.instagram_bio, old.instagram_bio),
        metadata = old.metadata || p.metadata
    FROM hidden_contacts h
    CROSS JOIN jsonb_populate_record(NULL::producers, h.details) AS old
    WHERE h.erasure_id = ANY ($1::bigint[]) AND h.origin = 'producers' AND p.id = current_producer(old.id)";

const RESTORE_MERGES: &str = "
    UPDATE producer_merges m
    SET gone = old.gone
    FROM hidden_contacts h
    CROSS JOIN jsonb_populate_record(NULL::producer_merges, h.details) AS old
    WHERE h.erasure_id = ANY ($1::bigint[]) AND h.origin = 'producer_merges'
      AND m.id = old.id AND m.unmerged_at IS NULL";

const RESTORE_MERGE_PARTS: &str = "
    INSERT INTO producer_merge_parts (merge_id, part, part_key, detail, is_of_both)
    SELECT m.id, p.part, p.part_key, p.detail, p.is_of_both
    FROM hidden_contacts h
    CROSS JOIN jsonb_populate_record(NULL::producer_merge_parts, h.details) AS p
    JOIN producer_merges m ON m.id = p.merge_id AND m.unmerged_at IS NULL
    WHERE h.erasure_id = ANY ($1::bigint[]) AND h.origin = 'producer_merge_parts'
    ORDER BY m.id, p.part, p.part_key
    ON CONFLICT DO NOTHING";

const RESTORE_LOOKUPS: &str = "
    INSERT INTO lookups (source, kind, subject, outcome, answer, looked_up_at, look_again_at, back_off_count)
    SELECT l.source, l.kind, l.subject, l.outcome, l.answer, l.looked_up_at, l.look_again_at, l.back_off_count
    FROM hidden_contacts h
    CROSS JOIN jsonb_populate_record(NULL::lookups, h.details) AS l
    WHERE h.erasure_id = ANY ($1::bigint[]) AND h.origin = 'lookups'
    ORDER BY l.source, l.kind, l.subject
    ON CONFLICT DO NOTHING";

const DELETE: &str = "DELETE FROM contact_erasures WHERE id = ANY ($1::bigint[])";

/// Takes erasures back: stores what they have hidden, and lifts their suppression. The caller's transaction
/// must hold the producer's lock (see [`super::producer_merges::lock`]).
pub async fn restore(client: &Client<'_>, erasures: &[i64]) -> Result<(), tokio_postgres::Error> {
    for statement in [
        LIFT_SUPPRESSION,
        RESTORE_CONTACTS,
        RESTORE_PRODUCERS,
        RESTORE_MERGES,
        RESTORE_MERGE_PARTS,
        RESTORE_LOOKUPS,
        DELETE,
    ] {
        client.execute(statement, &[&erasures]).await?;
    }
    Ok(())
}

const DELETE_OF_PRODUCER: &str = "
    WITH ended AS (
        UPDATE contact_erasures
        SET deleted_at = now()
        WHERE deleted_at IS NULL AND current_producer(producer_id) = $1
        RETURNING id
    )
    DELETE FROM hidden_contacts h USING ended WHERE h.erasure_id = ended.id";

/// Deletes the hidden contact details of a producer permanently.
pub async fn delete_of_producer(client: &Client<'_>, id: ProducerId) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE_OF_PRODUCER, &[&id]).await
}

const DELETE_DUE: &str = "
    WITH ended AS (
        UPDATE contact_erasures
        SET deleted_at = now()
        WHERE deleted_at IS NULL AND hidden_at <= now() - interval '24 hours'
        RETURNING id
    )
    DELETE FROM hidden_contacts h USING ended WHERE h.erasure_id = ended.id";

/// Deletes contact details permanently that were hidden a day ago or earlier. Returns the number of rows.
pub async fn delete_due(client: &Client<'_>) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE_DUE, &[]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT,
    LIST_RESTORABLE,
    FIND_LAST_DELETION,
    LIFT_SUPPRESSION,
    RESTORE_CONTACTS,
    RESTORE_PRODUCERS,
    RESTORE_MERGES,
    RESTORE_MERGE_PARTS,
    RESTORE_LOOKUPS,
    DELETE,
    DELETE_OF_PRODUCER,
    DELETE_DUE,
];
