//! Forgetting how to reach a producer, for good: hashes of who it is and of what was known stay, and the database's
//! triggers let nothing of it be stored again, whoever writes.

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

const INSERT_IDENTITIES: &str = "
    INSERT INTO contact_suppressions (kind, hash)
    SELECT DISTINCT 'identity'::contact_suppression_kind, identity_hash(i.source, i.source_id)
    FROM producer_identities i
    WHERE i.producer_id = $1
    ORDER BY 2
    ON CONFLICT DO NOTHING";

// What is known, also in the log of those who were merged into the producer.
const KNOWN: &str = "
    WITH rows AS (
        SELECT to_jsonb(p) AS producer FROM producers p WHERE p.id = $1
        UNION ALL
        SELECT m.gone FROM producer_merges m WHERE m.unmerged_at IS NULL AND current_producer(m.gone_id) = $1
    ), known AS (
        SELECT c.kind, c.value FROM producer_contacts c WHERE c.producer_id = $1
        UNION
        SELECT field.kind, rows.producer ->> field.name
        FROM rows
        CROSS JOIN (VALUES ('email', 'email'), ('image', 'image_url'), ('instagram', 'instagram_handle'), ('bio', 'instagram_bio'))
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

// Of an account that goes, all goes, whoever it is kept of: the signature of a picture's link differs from time to time.
const DELETE_OF_ACCOUNT: &str = "
    DELETE FROM producer_contacts c
    USING producer_contacts own
    WHERE own.producer_id = $1 AND own.source = 'instagram' AND c.source = 'instagram' AND c.source_id = own.source_id";

// The trigger empties the rows that hold any of it, this producer's and others'.
const CLEAR: &str = "
    UPDATE producers SET email = NULL, image_url = NULL, instagram_handle = NULL, instagram_bio = NULL, metadata = '{}' WHERE id = $1";

const CLEAR_OTHERS: &str = "
    UPDATE producers p
    SET email = p.email
    FROM unnest($1::text[], $2::text[]) AS n (kind, value)
    WHERE (n.kind = 'email' AND lower(p.email) = lower(n.value))
       OR (n.kind = 'image' AND p.image_url = n.value)
       OR (n.kind = 'bio' AND lower(p.instagram_bio) = lower(n.value))
       OR (n.kind = 'instagram' AND lower(p.instagram_handle) = lower(n.value))";

const CLEAR_LOG: &str = "
    UPDATE producer_merges SET gone = without_contact(gone) WHERE unmerged_at IS NULL AND current_producer(gone_id) = $1";

// A hash of a handle is soon guessed, and nothing of it is to be given back.
const CLEAR_PARTS: &str = "
    DELETE FROM producer_merge_parts p USING producer_merges m WHERE p.merge_id = m.id AND p.part = 'contact' AND current_producer(m.gone_id) = $1";

// A profile is looked up by its handle.
const DELETE_LOOKUPS: &str = "
    DELETE FROM lookups l
    USING unnest($1::text[], $2::text[]) AS n (kind, value)
    WHERE l.source = 'instagram' AND n.kind IN ('instagram', 'threads') AND lower(l.subject) = lower(n.value)";

/// Erases how to reach a producer and all that would bring it back; gives how many facts that were. The caller's
/// transaction holds the producer (see [`super::producer_merges::lock`]).
///
/// # Errors
/// The database's.
pub async fn erase(client: &Client<'_>, id: ProducerId) -> Result<usize, tokio_postgres::Error> {
    let known = client.query(KNOWN, &[&id.0]).await?;
    let kinds: Vec<String> = known.iter().map(|row| row.get(0)).collect();
    let values: Vec<String> = known.iter().map(|row| row.get(1)).collect();
    client.execute(INSERT_IDENTITIES, &[&id.0]).await?;
    client.execute(INSERT_VALUES, &[&kinds, &values]).await?;
    client.execute(DELETE_OF_ACCOUNT, &[&id.0]).await?;
    client.execute(DELETE_CONTACTS, &[&id.0, &kinds, &values]).await?;
    client.execute(CLEAR, &[&id.0]).await?;
    client.execute(CLEAR_OTHERS, &[&kinds, &values]).await?;
    client.execute(CLEAR_LOG, &[&id.0]).await?;
    client.execute(CLEAR_PARTS, &[&id.0]).await?;
    client.execute(DELETE_LOOKUPS, &[&kinds, &values]).await?;
    Ok(known.len())
}

const IS_SUPPRESSED: &str = "SELECT is_contact_suppressed($1)";

/// Whether contacts of the producer are not to be looked for.
///
/// # Errors
/// The database's.
pub async fn is_suppressed(client: &Client<'_>, id: ProducerId) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(IS_SUPPRESSED, &[&id.0]).await?.get(0))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT_IDENTITIES,
    KNOWN,
    INSERT_VALUES,
    DELETE_OF_ACCOUNT,
    DELETE_CONTACTS,
    CLEAR,
    CLEAR_OTHERS,
    CLEAR_LOG,
    CLEAR_PARTS,
    DELETE_LOOKUPS,
    IS_SUPPRESSED,
];
