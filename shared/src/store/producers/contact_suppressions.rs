//! Takes a producer's contact details out of all tables. Hashes of the producer's identities and of the
//! values remain, and triggers use them to refuse the same details from any writer. The details themselves go
//! to `hidden_contacts`, from where [`super::contact_erasures`] restores or deletes them.

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

const INSERT_IDENTITIES: &str = "
    INSERT INTO contact_suppressions (kind, hash, erasure_id)
    SELECT DISTINCT 'identity'::contact_suppression_kind, identity_hash(i.source, i.source_id), $2::bigint
    FROM producer_identities i
    WHERE i.producer_id = $1
    ORDER BY 2
    ON CONFLICT DO NOTHING";

// The log of merges holds the details of producers that were merged into this one. With $2 also those that
// are hidden already.
const LIST_DETAILS: &str = "
    WITH hidden AS (
        SELECT h.origin, h.details
        FROM contact_erasures e
        JOIN hidden_contacts h ON h.erasure_id = e.id
        WHERE $2 AND e.deleted_at IS NULL AND current_producer(e.producer_id) = $1
    ), rows AS (
        SELECT to_jsonb(p) AS producer FROM producers p WHERE p.id = $1
        UNION ALL
        SELECT m.gone FROM producer_merges m WHERE m.unmerged_at IS NULL AND current_producer(m.gone_id) = $1
        UNION ALL
        SELECT h.details FROM hidden h WHERE h.origin = 'producers'
    ), known AS (
        SELECT c.kind, c.value FROM producer_contacts c WHERE c.producer_id = $1
        UNION
        SELECT h.details ->> 'kind', h.details ->> 'value' FROM hidden h WHERE h.origin = 'producer_contacts'
        UNION
        SELECT field.kind, rows.producer ->> field.name
        FROM rows
        CROSS JOIN (VALUES ('email', 'email'), ('image', 'image_url'), ('instagram', 'instagram_handle'),
                           ('bio', 'instagram_bio'))
                   AS field (kind, name)
        WHERE rows.producer ->> field.name IS NOT NULL
    )
    SELECT kind, value FROM known ORDER BY kind, value";

const INSERT_VALUES: &str = "
    INSERT INTO contact_suppressions (kind, hash, erasure_id)
    SELECT DISTINCT 'value'::contact_suppression_kind, contact_hash(kind, value), $3::bigint
    FROM unnest($1::text[], $2::text[]) AS n (kind, value)
    ORDER BY 2
    ON CONFLICT DO NOTHING";

const HIDE_CONTACTS: &str = "
    WITH gone AS (
        DELETE FROM producer_contacts c
        WHERE c.producer_id = $1
           OR EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS n (kind, value)
                      WHERE c.kind = n.kind AND md5(c.value) = md5(n.value))
        RETURNING to_jsonb(c) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $4, 'producer_contacts', details FROM gone";

// An Instagram account's rows are deleted by account, for every producer that has them: the signed link to
// its picture changes over time, so comparing values would miss some.
const HIDE_INSTAGRAM_ACCOUNT: &str = "
    WITH gone AS (
        DELETE FROM producer_contacts c
        USING producer_contacts own
        WHERE own.producer_id = $1 AND own.source = 'instagram'
          AND c.source = 'instagram' AND c.source_id = own.source_id
        RETURNING to_jsonb(c) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $2, 'producer_contacts', details FROM gone";

const HIDE_PRODUCER: &str = "
    WITH cleared AS (
        UPDATE producers p
        SET email = NULL, image_url = NULL, instagram_handle = NULL, instagram_bio = NULL, metadata = '{}'
        FROM producers old
        WHERE p.id = $1 AND old.id = p.id
        RETURNING to_jsonb(old) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $2, 'producers', details FROM cleared";

// The update changes no value itself: it makes the trigger run, which clears the suppressed details.
const HIDE_OTHER_PRODUCERS: &str = "
    WITH cleared AS (
        UPDATE producers p
        SET email = p.email
        FROM unnest($1::text[], $2::text[]) AS n (kind, value), producers old
        WHERE old.id = p.id
          AND ((n.kind = 'email' AND lower(p.email) = lower(n.value))
               OR (n.kind = 'image' AND p.image_url = n.value)
               OR (n.kind = 'bio' AND lower(p.instagram_bio) = lower(n.value))
               OR (n.kind = 'instagram' AND lower(p.instagram_handle) = lower(n.value)))
        RETURNING to_jsonb(old) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $3, 'producers', details FROM cleared";

const HIDE_IN_MERGES: &str = "
    WITH cleared AS (
        UPDATE producer_merges m
        SET gone = without_contact(m.gone)
        FROM producer_merges old
        WHERE old.id = m.id AND m.unmerged_at IS NULL AND current_producer(m.gone_id) = $1
        RETURNING to_jsonb(old) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $2, 'producer_merges', details FROM cleared";

// The log has only hashes of contacts, but the hash of a handle is easy to guess, and an erased contact must
// not come back when the merge is undone.
const HIDE_MERGE_PARTS: &str = "
    WITH gone AS (
        DELETE FROM producer_merge_parts p
        USING producer_merges m
        WHERE p.merge_id = m.id AND p.part = 'contact' AND current_producer(m.gone_id) = $1
        RETURNING to_jsonb(p) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $2, 'producer_merge_parts', details FROM gone";

// The subject of a profile's lookup is its handle.
const HIDE_LOOKUPS: &str = "
    WITH gone AS (
        DELETE FROM lookups l
        USING unnest($1::text[], $2::text[]) AS n (kind, value)
        WHERE l.source = 'instagram' AND n.kind IN ('instagram', 'threads')
          AND lower(l.subject) = lower(n.value)
        RETURNING to_jsonb(l) AS details
    )
    INSERT INTO hidden_contacts (erasure_id, origin, details)
    SELECT $3, 'lookups', details FROM gone";

/// A contact detail that an erasure concerns.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ContactDetail {
    /// The kind of detail, as in [`super::producer_contacts::ContactRow`].
    pub kind: String,
    /// A handle, an address, a URL or a text.
    pub value: String,
}

/// The details that an erasure of a producer's contact concerns; with `with_hidden` also those that are
/// hidden already.
pub async fn list_details(
    client: &Client<'_>,
    id: ProducerId,
    with_hidden: bool,
) -> Result<Vec<ContactDetail>, tokio_postgres::Error> {
    let rows = client.query(LIST_DETAILS, &[&id, &with_hidden]).await?;
    Ok(rows
        .iter()
        .map(|row| ContactDetail {
            kind: row.get("kind"),
            value: row.get("value"),
        })
        .collect())
}

/// Hides a producer's contact `details`, and everything else that has them, for an erasure, and suppresses
/// them from now on. The caller's transaction must hold the producer's lock (see
/// [`super::producer_merges::lock`]).
pub async fn hide(
    client: &Client<'_>,
    id: ProducerId,
    erasure_id: i64,
    details: &[ContactDetail],
) -> Result<(), tokio_postgres::Error> {
    let kinds: Vec<&str> = details.iter().map(|detail| detail.kind.as_str()).collect();
    let values: Vec<&str> = details.iter().map(|detail| detail.value.as_str()).collect();
    client.execute(INSERT_IDENTITIES, &[&id, &erasure_id]).await?;
    client
        .execute(INSERT_VALUES, &[&kinds, &values, &erasure_id])
        .await?;
    client
        .execute(HIDE_INSTAGRAM_ACCOUNT, &[&id, &erasure_id])
        .await?;
    client
        .execute(HIDE_CONTACTS, &[&id, &kinds, &values, &erasure_id])
        .await?;
    client.execute(HIDE_PRODUCER, &[&id, &erasure_id]).await?;
    client
        .execute(HIDE_OTHER_PRODUCERS, &[&kinds, &values, &erasure_id])
        .await?;
    client.execute(HIDE_IN_MERGES, &[&id, &erasure_id]).await?;
    client.execute(HIDE_MERGE_PARTS, &[&id, &erasure_id]).await?;
    client
        .execute(HIDE_LOOKUPS, &[&kinds, &values, &erasure_id])
        .await?;
    Ok(())
}

const IS_SUPPRESSED: &str = "SELECT is_contact_suppressed($1) AS is_suppressed";

/// Whether the producer's contact details were erased, so that nobody may look for them again.
pub async fn is_suppressed(client: &Client<'_>, id: ProducerId) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(IS_SUPPRESSED, &[&id]).await?;
    Ok(row.get("is_suppressed"))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT_IDENTITIES,
    LIST_DETAILS,
    INSERT_VALUES,
    HIDE_INSTAGRAM_ACCOUNT,
    HIDE_CONTACTS,
    HIDE_PRODUCER,
    HIDE_OTHER_PRODUCERS,
    HIDE_IN_MERGES,
    HIDE_MERGE_PARTS,
    HIDE_LOOKUPS,
    IS_SUPPRESSED,
];
