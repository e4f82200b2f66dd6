//! Moves the names, links and contacts of a merged producer to the kept one, and back when the merge is
//! undone.
//!
//! Each part is logged. A part that both producers had is marked as such, so that both have it after the
//! undo; a part that the kept producer got by an earlier merge does not count as its own. A contact is logged
//! by its hash only, so it can be restored only while the kept producer still has it.

use crate::platform::db::Client;

/// SQL: whether a merge `e` into the kept producer of merge `m`, not undone, logged a part of this kind and
/// key for which the condition holds.
macro_rules! logged_by_a_merge {
    ($part:literal, $key:literal, $condition:literal) => {
        concat!(
            "EXISTS (SELECT FROM producer_merges e JOIN producer_merge_parts p ON p.merge_id = e.id
                     WHERE e.kept_id = m.kept_id AND e.unmerged_at IS NULL AND p.part = '",
            $part,
            "' AND p.part_key = ",
            $key,
            " AND ",
            $condition,
            ")"
        )
    };
}

const LOG_NAMES: &str = concat!(
    "
    INSERT INTO producer_merge_parts (merge_id, part, part_key, detail, is_of_both)
    SELECT m.id, 'name', k.part_key, to_jsonb(n) - 'producer_id' - 'search_key',
           EXISTS (SELECT FROM producer_names own
                   WHERE own.producer_id = m.kept_id AND md5(own.name) = md5(n.name) AND own.kind = n.kind
                     AND own.source = n.source)
           AND NOT ",
    logged_by_a_merge!("name", "k.part_key", "NOT p.is_of_both"),
    "
    FROM producer_merges m
    JOIN producer_names n ON n.producer_id = m.gone_id
    CROSS JOIN LATERAL producer_part_key(n.kind::text, n.source::text, n.name) AS k (part_key)
    WHERE m.id = $1"
);

const MOVE_NAMES: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name, created_at)
    SELECT m.kept_id, n.name, n.kind, n.source, n.normalized_name, n.created_at
    FROM producer_merges m
    JOIN producer_names n ON n.producer_id = m.gone_id
    WHERE m.id = $1
    ON CONFLICT DO NOTHING";

// A link is logged with its original ends: if an earlier merge redirected it to the kept producer, it is
// logged as that merge found it. A link between the two producers is not kept while they are merged.
const LOG_LINKS: &str = "
    WITH earlier AS (
        SELECT p.part_key, p.detail, p.is_of_both, l.kind, l.source,
               CASE l.producer_id WHEN e.gone_id THEN e.kept_id ELSE l.producer_id END AS producer_id,
               CASE l.linked_producer_id WHEN e.gone_id THEN e.kept_id
                   ELSE l.linked_producer_id END AS linked_producer_id,
               m.gone_id IN (l.producer_id, l.linked_producer_id) AS is_of_gone
        FROM producer_merges m
        JOIN producer_merges e ON e.kept_id = m.kept_id AND e.id <> m.id AND e.unmerged_at IS NULL
        JOIN producer_merge_parts p ON p.merge_id = e.id AND p.part = 'link'
        CROSS JOIN LATERAL jsonb_populate_record(NULL::producer_links, p.detail) AS l
        WHERE m.id = $1
    )
    INSERT INTO producer_merge_parts (merge_id, part, part_key, detail, is_of_both)
    SELECT m.id, 'link'::producer_merge_part,
           producer_part_key(l.producer_id::text, l.linked_producer_id::text, l.kind::text, l.source::text),
           to_jsonb(l),
           EXISTS (SELECT FROM producer_links own
                   WHERE (own.producer_id, own.linked_producer_id, own.kind, own.source)
                         = (one.producer_id, one.linked_producer_id, l.kind, l.source))
           AND NOT EXISTS (SELECT FROM earlier e
                           WHERE (e.producer_id, e.linked_producer_id, e.kind, e.source)
                                 = (one.producer_id, one.linked_producer_id, l.kind, l.source)
                             AND NOT e.is_of_both)
    FROM producer_merges m
    JOIN producer_links l ON m.gone_id IN (l.producer_id, l.linked_producer_id)
    CROSS JOIN LATERAL (SELECT current_producer(l.producer_id),
                        current_producer(l.linked_producer_id)) AS one (producer_id, linked_producer_id)
    WHERE m.id = $1
      AND NOT EXISTS (SELECT FROM earlier e
                      WHERE (e.producer_id, e.linked_producer_id, e.kind, e.source)
                            = (l.producer_id, l.linked_producer_id, l.kind, l.source)
                        AND NOT e.is_of_both)
    UNION ALL
    SELECT $1, 'link'::producer_merge_part, e.part_key, e.detail, false FROM earlier e WHERE e.is_of_gone
    ON CONFLICT DO NOTHING";

const MOVE_LINKS: &str = "
    INSERT INTO producer_links (producer_id, linked_producer_id, kind, source, created_at)
    SELECT one.producer_id, one.linked_producer_id, l.kind, l.source, l.created_at
    FROM producer_merges m
    JOIN producer_links l ON m.gone_id IN (l.producer_id, l.linked_producer_id)
    CROSS JOIN LATERAL (SELECT current_producer(l.producer_id),
                        current_producer(l.linked_producer_id)) AS one (producer_id, linked_producer_id)
    WHERE m.id = $1 AND one.producer_id <> one.linked_producer_id
    ON CONFLICT DO NOTHING";

const LOG_CONTACTS: &str = concat!(
    "
    INSERT INTO producer_merge_parts (merge_id, part, part_key, detail, is_of_both)
    SELECT m.id, 'contact', k.part_key,
           jsonb_build_object('source_id', c.source_id, 'created_at', c.created_at, 'expires_at',
                              c.expires_at),
           EXISTS (SELECT FROM producer_contacts own
                   WHERE own.producer_id = m.kept_id AND own.kind = c.kind AND md5(own.value) = md5(c.value)
                     AND own.source = c.source)
           AND NOT ",
    logged_by_a_merge!("contact", "k.part_key", "NOT p.is_of_both"),
    "
    FROM producer_merges m
    JOIN producer_contacts c ON c.producer_id = m.gone_id
    CROSS JOIN LATERAL producer_part_key(c.kind, c.source::text, c.value) AS k (part_key)
    WHERE m.id = $1"
);

const MOVE_CONTACTS: &str = "
    INSERT INTO producer_contacts (producer_id, kind, value, source, source_id, created_at, expires_at)
    SELECT m.kept_id, c.kind, c.value, c.source, c.source_id, c.created_at, c.expires_at
    FROM producer_merges m
    JOIN producer_contacts c ON c.producer_id = m.gone_id
    WHERE m.id = $1
    ON CONFLICT DO NOTHING";

/// Logs the parts of the merged producer and copies them to the kept one. The originals are deleted with the
/// producer.
pub(super) async fn move_to_kept(client: &Client<'_>, merge: i64) -> Result<(), tokio_postgres::Error> {
    for statement in [
        LOG_NAMES,
        MOVE_NAMES,
        LOG_LINKS,
        MOVE_LINKS,
        LOG_CONTACTS,
        MOVE_CONTACTS,
    ] {
        client.execute(statement, &[&merge]).await?;
    }
    Ok(())
}

const RESTORE_NAMES: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name, created_at)
    SELECT m.gone_id, n.name, n.kind, n.source, n.normalized_name, n.created_at
    FROM producer_merges m
    JOIN producer_merge_parts p ON p.merge_id = m.id AND p.part = 'name'
    CROSS JOIN LATERAL jsonb_populate_record(NULL::producer_names, p.detail) AS n
    WHERE m.id = $1
    ON CONFLICT DO NOTHING";

// Names from later credits belong to the restored producer if its identities have them.
const ADD_NAMES_SINCE: &str = "
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name, created_at)
    SELECT DISTINCT ON (md5(n.name), n.kind, n.source) m.gone_id, n.name, n.kind, n.source, n.normalized_name,
           n.created_at
    FROM producer_merges m
    JOIN producer_identities i ON i.producer_id = m.gone_id
    JOIN producer_names n ON n.producer_id = m.kept_id AND n.source = i.source AND n.created_at > m.merged_at
    WHERE m.id = $1
      AND (n.name = i.name
           OR EXISTS (SELECT FROM credits c WHERE c.producer_identity_id = i.id AND c.credited_as = n.name))
    ON CONFLICT DO NOTHING";

// The kept producer loses the names that only this merge or a later credit brought, but keeps names that
// another merge brought as well and names that its own credits use.
const DELETE_NAMES: &str = concat!(
    "
    DELETE FROM producer_names n
    USING producer_merges m
    WHERE m.id = $1 AND n.producer_id = m.kept_id
      AND EXISTS (SELECT FROM producer_names other
                  WHERE other.producer_id = m.gone_id AND md5(other.name) = md5(n.name)
                    AND other.kind = n.kind AND other.source = n.source)
      AND NOT ",
    logged_by_a_merge!(
        "name",
        "producer_part_key(n.kind::text, n.source::text, n.name)",
        "(p.is_of_both OR e.id <> m.id)"
    ),
    "
      AND NOT EXISTS (SELECT FROM producer_identities i
                      WHERE i.producer_id = m.kept_id AND i.source = n.source
                        AND (i.name = n.name
                             OR EXISTS (SELECT FROM credits c WHERE c.producer_identity_id = i.id
                                        AND c.credited_as = n.name)))"
);

// The producer at the other end may have been merged since.
const RESTORE_LINKS: &str = "
    INSERT INTO producer_links (producer_id, linked_producer_id, kind, source, created_at)
    SELECT ends.producer_id, ends.linked_producer_id, l.kind, l.source, l.created_at
    FROM producer_merges m
    JOIN producer_merge_parts p ON p.merge_id = m.id AND p.part = 'link'
    CROSS JOIN LATERAL jsonb_populate_record(NULL::producer_links, p.detail) AS l
    CROSS JOIN LATERAL (SELECT CASE l.producer_id WHEN m.gone_id THEN m.gone_id
                                                  ELSE current_producer(l.producer_id) END,
                               CASE l.linked_producer_id WHEN m.gone_id THEN m.gone_id
                                   ELSE current_producer(l.linked_producer_id) END)
               AS ends (producer_id, linked_producer_id)
    WHERE m.id = $1
      AND EXISTS (SELECT FROM producers WHERE id = ends.producer_id)
      AND EXISTS (SELECT FROM producers WHERE id = ends.linked_producer_id)
    ON CONFLICT DO NOTHING";

const DELETE_LINKS: &str = "
    DELETE FROM producer_links own
    USING producer_merges m
    JOIN producer_merge_parts p ON p.merge_id = m.id AND p.part = 'link' AND NOT p.is_of_both
    CROSS JOIN LATERAL jsonb_populate_record(NULL::producer_links, p.detail) AS l
    WHERE m.id = $1 AND own.kind = l.kind AND own.source = l.source
      AND own.producer_id = current_producer(l.producer_id)
      AND own.linked_producer_id = current_producer(l.linked_producer_id)
      AND NOT EXISTS (SELECT FROM producer_merges e
                      JOIN producer_merge_parts other ON other.merge_id = e.id AND other.part = 'link'
                      CROSS JOIN LATERAL jsonb_populate_record(NULL::producer_links, other.detail) AS same
                      WHERE e.kept_id = m.kept_id AND e.id <> m.id AND e.unmerged_at IS NULL
                        AND m.gone_id NOT IN (same.producer_id, same.linked_producer_id)
                        AND (current_producer(same.producer_id), current_producer(same.linked_producer_id),
                             same.kind, same.source)
                            = (own.producer_id, own.linked_producer_id, own.kind, own.source))";

// Restores the contacts that it had, as far as they are still stated, and those that records of its
// identities state since.
const RESTORE_CONTACTS: &str = "
    INSERT INTO producer_contacts (producer_id, kind, value, source, source_id, created_at, expires_at)
    SELECT m.gone_id, c.kind, c.value, c.source, COALESCE(p.detail ->> 'source_id', c.source_id),
           COALESCE((p.detail ->> 'created_at')::timestamptz, c.created_at),
           COALESCE((p.detail ->> 'expires_at')::timestamptz, c.expires_at)
    FROM producer_merges m
    JOIN producer_contacts c ON c.producer_id = m.kept_id
    LEFT JOIN producer_merge_parts p ON p.merge_id = m.id AND p.part = 'contact'
        AND p.part_key = producer_part_key(c.kind, c.source::text, c.value)
    WHERE m.id = $1
      AND (p.merge_id IS NOT NULL
           OR EXISTS (SELECT FROM producer_identities i
                      WHERE i.producer_id = m.gone_id AND i.source = c.source
                        AND md5(i.source_id) = md5(c.source_id)))
    ON CONFLICT DO NOTHING";

const DELETE_CONTACTS: &str = concat!(
    "
    DELETE FROM producer_contacts c
    USING producer_merges m
    WHERE m.id = $1 AND c.producer_id = m.kept_id
      AND EXISTS (SELECT FROM producer_contacts other
                  WHERE other.producer_id = m.gone_id AND other.kind = c.kind
                    AND md5(other.value) = md5(c.value) AND other.source = c.source)
      AND NOT ",
    logged_by_a_merge!(
        "contact",
        "producer_part_key(c.kind, c.source::text, c.value)",
        "(p.is_of_both OR e.id <> m.id)"
    ),
    "
      AND NOT EXISTS (SELECT FROM producer_identities i
                      WHERE i.producer_id = m.kept_id AND i.source = c.source
                        AND md5(i.source_id) = md5(c.source_id))"
);

/// Restores the parts of a merged producer whose row and identities are already restored.
pub(super) async fn move_back(client: &Client<'_>, merge: i64) -> Result<(), tokio_postgres::Error> {
    for statement in [
        RESTORE_NAMES,
        ADD_NAMES_SINCE,
        DELETE_NAMES,
        RESTORE_LINKS,
        DELETE_LINKS,
        RESTORE_CONTACTS,
        DELETE_CONTACTS,
    ] {
        client.execute(statement, &[&merge]).await?;
    }
    Ok(())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOG_NAMES,
    MOVE_NAMES,
    LOG_LINKS,
    MOVE_LINKS,
    LOG_CONTACTS,
    MOVE_CONTACTS,
    RESTORE_NAMES,
    ADD_NAMES_SINCE,
    DELETE_NAMES,
    RESTORE_LINKS,
    DELETE_LINKS,
    RESTORE_CONTACTS,
    DELETE_CONTACTS,
];
