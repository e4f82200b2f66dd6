//! Erasing a producer's contact details. Hashes of the producer's identities and of the erased values remain,
//! and triggers use them to refuse the same details from any writer.

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

const INSERT_IDENTITIES: &str = "
    INSERT INTO contact_suppressions (kind, hash)
    SELECT DISTINCT 'identity'::contact_suppression_kind, identity_hash(i.source, i.source_id)
    FROM producer_identities i
    WHERE i.producer_id = $1
    ORDER BY 2
    ON CONFLICT DO NOTHING";

// The log of merges holds the details of producers that were merged into this one.
const LIST_DETAILS: &str = "
    WITH rows AS (
        SELECT to_jsonb(p) AS producer FROM producers p WHERE p.id = $1
        UNION ALL
        SELECT m.gone FROM producer_merges m WHERE m.unmerged_at IS NULL AND current_producer(m.gone_id) = $1
    ), known AS (
        SELECT c.kind, c.value FROM producer_contacts c WHERE c.producer_id = $1
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
    INSERT INTO contact_suppressions (kind, hash)
    SELECT DISTINCT 'value'::contact_suppression_kind, contact_hash(kind, value)
    FROM unnest($1::text[], $2::text[]) AS n (kind, value)
    ORDER BY 2
    ON CONFLICT DO NOTHING";

const DELETE_CONTACTS: &str = "
    DELETE FROM producer_contacts c
    USING unnest($2::text[], $3::text[]) AS n (kind, value)
    WHERE c.producer_id = $1 OR (c.kind = n.kind AND md5(c.value) = md5(n.value))";

// An Instagram account's rows are deleted by account, for every producer that has them: the signed link to
// its picture changes over time, so comparing values would miss some.
const DELETE_INSTAGRAM_ACCOUNT: &str = "
    DELETE FROM producer_contacts c
    USING producer_contacts own
    WHERE own.producer_id = $1 AND own.source = 'instagram'
      AND c.source = 'instagram' AND c.source_id = own.source_id";

const CLEAR_PRODUCER: &str = "
    UPDATE producers
    SET email = NULL, image_url = NULL, instagram_handle = NULL, instagram_bio = NULL, metadata = '{}'
    WHERE id = $1";

// The update changes no value itself: it makes the trigger run, which clears the suppressed details.
const CLEAR_OTHER_PRODUCERS: &str = "
    UPDATE producers p
    SET email = p.email
    FROM unnest($1::text[], $2::text[]) AS n (kind, value)
    WHERE (n.kind = 'email' AND lower(p.email) = lower(n.value))
       OR (n.kind = 'image' AND p.image_url = n.value)
       OR (n.kind = 'bio' AND lower(p.instagram_bio) = lower(n.value))
       OR (n.kind = 'instagram' AND lower(p.instagram_handle) = lower(n.value))";

const CLEAR_MERGES: &str = "
    UPDATE producer_merges
    SET gone = without_contact(gone)
    WHERE unmerged_at IS NULL AND current_producer(gone_id) = $1";

// The log has only hashes of contacts, but the hash of a handle is easy to guess, and an erased contact must
// not come back when the merge is undone.
const DELETE_MERGE_PARTS: &str = "
    DELETE FROM producer_merge_parts p
    USING producer_merges m
    WHERE p.merge_id = m.id AND p.part = 'contact' AND current_producer(m.gone_id) = $1";

// The subject of a profile's lookup is its handle.
const DELETE_LOOKUPS: &str = "
    DELETE FROM lookups l
    USING unnest($1::text[], $2::text[]) AS n (kind, value)
    WHERE l.source = 'instagram' AND n.kind IN ('instagram', 'threads')
      AND lower(l.subject) = lower(n.value)";

/// Erases a producer's contact details everywhere and suppresses them from now on. Returns how many details
/// were known. The caller's transaction must hold the producer's lock (see [`super::producer_merges::lock`]).
pub async fn erase(client: &Client<'_>, id: ProducerId) -> Result<usize, tokio_postgres::Error> {
    let details = client.query(LIST_DETAILS, &[&id]).await?;
    let kinds: Vec<String> = details.iter().map(|row| row.get("kind")).collect();
    let values: Vec<String> = details.iter().map(|row| row.get("value")).collect();
    client.execute(INSERT_IDENTITIES, &[&id]).await?;
    client.execute(INSERT_VALUES, &[&kinds, &values]).await?;
    client.execute(DELETE_INSTAGRAM_ACCOUNT, &[&id]).await?;
    client.execute(DELETE_CONTACTS, &[&id, &kinds, &values]).await?;
    client.execute(CLEAR_PRODUCER, &[&id]).await?;
    client.execute(CLEAR_OTHER_PRODUCERS, &[&kinds, &values]).await?;
    client.execute(CLEAR_MERGES, &[&id]).await?;
    client.execute(DELETE_MERGE_PARTS, &[&id]).await?;
    client.execute(DELETE_LOOKUPS, &[&kinds, &values]).await?;
    Ok(details.len())
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
    DELETE_INSTAGRAM_ACCOUNT,
    DELETE_CONTACTS,
    CLEAR_PRODUCER,
    CLEAR_OTHER_PRODUCERS,
    CLEAR_MERGES,
    DELETE_MERGE_PARTS,
    DELETE_LOOKUPS,
    IS_SUPPRESSED,
];
