//! Merging two producers and undoing it. A merge moves the identities of one producer to the other and logs
//! its row, names, links and contacts, so that it can be undone; credits never change.

pub(in crate::store) mod parts;

use chrono::{DateTime, Utc};

use crate::domain::ids::{ProducerId, TrackId};
use crate::platform::db::Client;
use crate::store::credits::track_producers;
use crate::store::producers::statistics;

const LIST_ALBUMS: &str = "
    SELECT c.album_id AS id
    FROM producer_identities i
    JOIN credits c ON c.producer_identity_id = i.id
    WHERE i.producer_id = ANY ($1::bigint[])
    UNION
    SELECT t.album_id
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    WHERE tp.producer_id = ANY ($1::bigint[])
    UNION
    SELECT t.album_id
    FROM producer_identities i
    JOIN credit_overrides o ON o.producer_identity_id = i.id
    JOIN tracks t ON t.normalized_track_id = o.normalized_track_id
    WHERE i.producer_id = ANY ($1::bigint[])
    ORDER BY 1";

const LOCK_ALBUMS: &str = "SELECT id FROM albums WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE";

const LIST_IDENTITIES: &str =
    "SELECT id FROM producer_identities WHERE producer_id = ANY ($1::bigint[]) ORDER BY id";

const LOCK_IDENTITIES: &str = "
    SELECT id FROM producer_identities WHERE producer_id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE";

const LOCK_PRODUCERS: &str = "SELECT id FROM producers WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";

/// Locks the producers, their identities and the albums that credit them until the transaction ends. Returns
/// false if another writer changed them meanwhile or a producer no longer exists; the caller must then start
/// again.
pub async fn lock(client: &Client<'_>, producers: &[ProducerId]) -> Result<bool, tokio_postgres::Error> {
    let albums = list_ids(client, LIST_ALBUMS, producers).await?;
    client.query(LOCK_ALBUMS, &[&albums]).await?;
    // Recomputing a track's producers locks the identities, too: see `track_producers`.
    let identities = list_ids(client, LOCK_IDENTITIES, producers).await?;
    let locked = list_ids(client, LOCK_PRODUCERS, producers).await?;
    let albums_now = list_ids(client, LIST_ALBUMS, producers).await?;
    let identities_now = list_ids(client, LIST_IDENTITIES, producers).await?;
    Ok(locked.len() == producers.len()
        && identities_now == identities
        && albums_now.iter().all(|album| albums.binary_search(album).is_ok()))
}

async fn list_ids(
    client: &Client<'_>,
    sql: &'static str,
    producers: &[ProducerId],
) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(sql, &[&producers]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const LIST_TRACKS: &str = "
    SELECT t.id
    FROM producer_identities i
    JOIN credits c ON c.producer_identity_id = i.id
    JOIN tracks t ON t.album_id = c.album_id AND (c.track_id IS NULL OR c.track_id = t.id)
    WHERE i.producer_id = ANY ($1::bigint[])
    UNION
    SELECT track_id FROM track_producers WHERE producer_id = ANY ($1::bigint[])
    UNION
    SELECT t.id
    FROM producer_identities i
    JOIN credit_overrides o ON o.producer_identity_id = i.id
    JOIN tracks t ON t.normalized_track_id = o.normalized_track_id
    WHERE i.producer_id = ANY ($1::bigint[])
    ORDER BY 1";

async fn refresh(client: &Client<'_>, producers: &[ProducerId]) -> Result<usize, tokio_postgres::Error> {
    let tracks = list_ids(client, LIST_TRACKS, producers).await?;
    let tracks: Vec<TrackId> = tracks.into_iter().map(TrackId).collect();
    track_producers::refresh(client, &tracks).await?;
    // The statistics leave out artists who are the producer, which depends on the identities.
    statistics::mark_stale(client, producers).await?;
    Ok(tracks.len())
}

const INSERT: &str = "
    INSERT INTO producer_merges (kept_id, gone_id, gone, taken, identity_ids, decided_by, reason)
    SELECT kept.id, gone.id, to_jsonb(gone),
           -- Handle and bio belong to one account, so both are taken or neither.
           array_remove(ARRAY[
               CASE WHEN kept.email IS NULL AND gone.email IS NOT NULL THEN 'email' END,
               CASE WHEN kept.image_url IS NULL AND gone.image_url IS NOT NULL THEN 'image_url' END,
               CASE WHEN kept.instagram_handle IS NULL AND kept.instagram_bio IS NULL
                   AND gone.instagram_handle IS NOT NULL THEN 'instagram_handle' END,
               CASE WHEN kept.instagram_handle IS NULL AND kept.instagram_bio IS NULL
                   AND gone.instagram_bio IS NOT NULL THEN 'instagram_bio' END
           ], NULL),
           ARRAY(SELECT i.id FROM producer_identities i WHERE i.producer_id = gone.id ORDER BY i.id),
           $3, $4
    FROM producers kept, producers gone
    WHERE kept.id = $1 AND gone.id = $2
    RETURNING id";

const MOVE_IDENTITIES: &str = "UPDATE producer_identities SET producer_id = $1 WHERE producer_id = $2";

const DELETE: &str = "DELETE FROM producers WHERE id = $1";

const TAKE_OVER: &str = "
    UPDATE producers p
    SET email = CASE WHEN 'email' = ANY (m.taken) THEN m.gone ->> 'email' ELSE p.email END,
        image_url = CASE WHEN 'image_url' = ANY (m.taken) THEN m.gone ->> 'image_url' ELSE p.image_url END,
        instagram_handle = CASE WHEN 'instagram_handle' = ANY (m.taken) THEN m.gone ->> 'instagram_handle'
            ELSE p.instagram_handle END,
        instagram_bio = CASE WHEN 'instagram_bio' = ANY (m.taken) THEN m.gone ->> 'instagram_bio'
            ELSE p.instagram_bio END
    FROM producer_merges m
    WHERE m.id = $1 AND p.id = m.kept_id AND cardinality(m.taken) > 0";

// The log must not have contact details that were erased.
const CLEAR_SUPPRESSED: &str = "
    UPDATE producer_merges SET gone = without_contact(gone) WHERE id = $1 AND is_contact_suppressed(kept_id)";

// Of several identities, the one with the best source and then the lowest id gives the producer's name.
const RENAME: &str = "
    UPDATE producers p
    SET name = i.name, normalized_name = fold_name(i.name)
    FROM (
        SELECT DISTINCT ON (producer_id) producer_id, name
        FROM producer_identities
        WHERE producer_id = ANY ($1::bigint[])
        ORDER BY producer_id, source, source_id
    ) i
    WHERE p.id = i.producer_id AND p.name IS DISTINCT FROM i.name";

/// Merges `gone` into `kept` and recomputes the producers of their tracks. Both must be locked by [`lock`].
/// Returns the number of tracks.
pub async fn merge(
    client: &Client<'_>,
    kept: ProducerId,
    gone: ProducerId,
    decided_by: &str,
    reason: &str,
) -> Result<usize, tokio_postgres::Error> {
    let row = client
        .query_one(INSERT, &[&kept, &gone, &decided_by, &reason])
        .await?;
    let merge: i64 = row.get("id");
    parts::move_to_kept(client, merge).await?;
    client.execute(MOVE_IDENTITIES, &[&kept, &gone]).await?;
    client.execute(DELETE, &[&gone]).await?;
    client.execute(TAKE_OVER, &[&merge]).await?;
    client.execute(CLEAR_SUPPRESSED, &[&merge]).await?;
    client.execute(RENAME, &[&vec![kept]]).await?;
    refresh(client, &[kept]).await
}

// Restores every column that the table has now; columns that were added after the merge become null.
const RESTORE: &str = "
    INSERT INTO producers OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(NULL::producers, m.gone)).* FROM producer_merges m WHERE m.id = $1";

const MOVE_IDENTITIES_BACK: &str = "
    UPDATE producer_identities i
    SET producer_id = m.gone_id
    FROM producer_merges m
    WHERE m.id = $1 AND i.id = ANY (m.identity_ids) AND i.producer_id = m.kept_id";

// Details that changed after the merge stay as they are.
const GIVE_BACK: &str = "
    UPDATE producers p
    SET email = CASE WHEN 'email' = ANY (m.taken) THEN NULLIF(p.email, m.gone ->> 'email') ELSE p.email END,
        image_url = CASE WHEN 'image_url' = ANY (m.taken) THEN NULLIF(p.image_url, m.gone ->> 'image_url')
            ELSE p.image_url END,
        instagram_handle = CASE WHEN 'instagram_handle' = ANY (m.taken)
            THEN NULLIF(p.instagram_handle, m.gone ->> 'instagram_handle') ELSE p.instagram_handle END,
        instagram_bio = CASE WHEN 'instagram_bio' = ANY (m.taken)
            THEN NULLIF(p.instagram_bio, m.gone ->> 'instagram_bio') ELSE p.instagram_bio END
    FROM producer_merges m
    WHERE m.id = $1 AND p.id = m.kept_id AND cardinality(m.taken) > 0";

const MARK_UNMERGED: &str = "
    UPDATE producer_merges SET unmerged_at = now(), unmerged_by = $2, gone = '{}' WHERE id = $1";

/// Undoes a merge: restores the merged producer under its id, with its identities and thus all their credits,
/// including later ones. The kept producer must be locked by [`lock`]. Returns the number of tracks of both.
pub async fn unmerge(
    client: &Client<'_>,
    merge: &Merge,
    decided_by: &str,
) -> Result<usize, tokio_postgres::Error> {
    client.execute(RESTORE, &[&merge.id]).await?;
    client.execute(MOVE_IDENTITIES_BACK, &[&merge.id]).await?;
    parts::move_back(client, merge.id).await?;
    client.execute(GIVE_BACK, &[&merge.id]).await?;
    let both = [merge.kept_id, merge.gone_id];
    client.execute(RENAME, &[&both.to_vec()]).await?;
    client.execute(MARK_UNMERGED, &[&merge.id, &decided_by]).await?;
    refresh(client, &both).await
}

/// A merge that has not been undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The merge's id.
    pub id: i64,
    /// The producer that was kept.
    pub kept_id: ProducerId,
    /// The producer that was merged into it.
    pub gone_id: ProducerId,
    /// The name of the merged producer.
    pub gone_name: String,
    /// The person who decided it.
    pub decided_by: String,
    /// The reason.
    pub reason: String,
    /// When it was made.
    pub merged_at: DateTime<Utc>,
}

const LIST: &str = "
    SELECT id, kept_id, gone_id, gone ->> 'name' AS gone_name, decided_by, reason, merged_at
    FROM producer_merges
    WHERE unmerged_at IS NULL AND (gone_id = $1 OR kept_id = $1)
    ORDER BY id";

/// The merges of this producer, as the kept or the merged one, that have not been undone; the oldest first.
pub async fn list(client: &Client<'_>, id: ProducerId) -> Result<Vec<Merge>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| Merge {
            id: row.get("id"),
            kept_id: row.get("kept_id"),
            gone_id: row.get("gone_id"),
            gone_name: row.get("gone_name"),
            decided_by: row.get("decided_by"),
            reason: row.get("reason"),
            merged_at: row.get("merged_at"),
        })
        .collect())
}

const FIND_CURRENT: &str = "SELECT id, name FROM producers WHERE id = current_producer($1)";

/// The producer with this id, or the one that it was merged into, with its name.
pub async fn find_current(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<(ProducerId, String)>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_CURRENT, &[&id]).await?;
    Ok(row.map(|row| (row.get("id"), row.get("name"))))
}

const WAS_ENRICHED_SINCE: &str = "
    SELECT COALESCE(p.enriched_at > m.merged_at, false) OR is_contact_suppressed(p.id) AS was_enriched
    FROM producer_merges m
    JOIN producers p ON p.id = m.kept_id
    WHERE m.id = $1";

/// Whether the kept producer was enriched after the merge, or its contact details are suppressed. After the
/// merge is undone, both producers must then be enriched again to find out which details belong to whom.
pub async fn was_enriched_since(client: &Client<'_>, merge: &Merge) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(WAS_ENRICHED_SINCE, &[&merge.id]).await?;
    Ok(row.get("was_enriched"))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_ALBUMS,
    LOCK_ALBUMS,
    LIST_IDENTITIES,
    LOCK_IDENTITIES,
    LOCK_PRODUCERS,
    LIST_TRACKS,
    INSERT,
    MOVE_IDENTITIES,
    DELETE,
    TAKE_OVER,
    CLEAR_SUPPRESSED,
    RENAME,
    RESTORE,
    MOVE_IDENTITIES_BACK,
    GIVE_BACK,
    MARK_UNMERGED,
    LIST,
    FIND_CURRENT,
    WAS_ENRICHED_SINCE,
];
