//! Making one producer of two, and two of one again: identities move, credits never change, and what hung on the one
//! whose id went is logged. Which names, links and contacts follow is in `parts`.

pub(in crate::store) mod parts;

use chrono::{DateTime, Utc};

use crate::domain::ids::{ProducerId, TrackId};
use crate::platform::db::Client;
use crate::store::credits::track_producers;
use crate::store::producers::statistics;

const LIST_ALBUMS: &str = "
    SELECT c.album_id
    FROM producer_identities i
    JOIN credits c ON c.producer_identity_id = i.id
    WHERE i.producer_id = ANY ($1::bigint[])
    UNION
    SELECT t.album_id FROM track_producers tp JOIN tracks t ON t.id = tp.track_id WHERE tp.producer_id = ANY ($1::bigint[])
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

/// Lets nobody else write what these producers made until the transaction ends. False where somebody wrote in the
/// meantime, or one of them is gone: then the transaction is to be begun again.
///
/// # Errors
/// The database's.
pub async fn lock(client: &Client<'_>, producers: &[ProducerId]) -> Result<bool, tokio_postgres::Error> {
    let ids: Vec<i64> = producers.iter().map(|id| id.0).collect();
    let albums = list_ids(client, LIST_ALBUMS, &ids).await?;
    client.query(LOCK_ALBUMS, &[&albums]).await?;
    // Whoever computes who produced a track holds its identities: see `track_producers`.
    let identities = list_ids(client, LOCK_IDENTITIES, &ids).await?;
    let locked = list_ids(client, LOCK_PRODUCERS, &ids).await?;
    let albums_now = list_ids(client, LIST_ALBUMS, &ids).await?;
    let identities_now = list_ids(client, LIST_IDENTITIES, &ids).await?;
    Ok(locked.len() == ids.len()
        && identities_now == identities
        && albums_now.iter().all(|album| albums.binary_search(album).is_ok()))
}

async fn list_ids(
    client: &Client<'_>,
    sql: &'static str,
    ids: &[i64],
) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(sql, &[&ids]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
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
    let ids: Vec<i64> = producers.iter().map(|id| id.0).collect();
    let tracks = list_ids(client, LIST_TRACKS, &ids).await?;
    let tracks: Vec<TrackId> = tracks.into_iter().map(TrackId).collect();
    track_producers::refresh(client, &tracks).await?;
    // Whether an artist produced himself depends on the identities, too.
    statistics::mark_stale(client, producers).await?;
    Ok(tracks.len())
}

const INSERT: &str = "
    INSERT INTO producer_merges (kept_id, gone_id, gone, taken, identity_ids, decided_by, reason)
    SELECT kept.id, gone.id, to_jsonb(gone),
           -- Handle and bio are of one account.
           array_remove(ARRAY[
               CASE WHEN kept.email IS NULL AND gone.email IS NOT NULL THEN 'email' END,
               CASE WHEN kept.image_url IS NULL AND gone.image_url IS NOT NULL THEN 'image_url' END,
               CASE WHEN kept.instagram_handle IS NULL AND kept.instagram_bio IS NULL AND gone.instagram_handle IS NOT NULL THEN 'instagram_handle' END,
               CASE WHEN kept.instagram_handle IS NULL AND kept.instagram_bio IS NULL AND gone.instagram_bio IS NOT NULL THEN 'instagram_bio' END
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
        instagram_handle = CASE WHEN 'instagram_handle' = ANY (m.taken) THEN m.gone ->> 'instagram_handle' ELSE p.instagram_handle END,
        instagram_bio = CASE WHEN 'instagram_bio' = ANY (m.taken) THEN m.gone ->> 'instagram_bio' ELSE p.instagram_bio END
    FROM producer_merges m
    WHERE m.id = $1 AND p.id = m.kept_id AND cardinality(m.taken) > 0";

// Whose contacts were erased, of them the log keeps none either.
const FORGET_SUPPRESSED: &str = "
    UPDATE producer_merges SET gone = without_contact(gone) WHERE id = $1 AND is_contact_suppressed(kept_id)";

// Of several identities, the smallest of the best source says the name.
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

/// Makes one producer of two that [`lock`] holds: what was `gone`'s becomes `kept`'s, who produced their tracks is
/// computed anew. Gives how many tracks that are.
///
/// # Errors
/// The database's.
pub async fn merge(
    client: &Client<'_>,
    kept: ProducerId,
    gone: ProducerId,
    decided_by: &str,
    reason: &str,
) -> Result<usize, tokio_postgres::Error> {
    let row = client
        .query_one(INSERT, &[&kept.0, &gone.0, &decided_by, &reason])
        .await?;
    let merge: i64 = row.get(0);
    parts::move_to_kept(client, merge).await?;
    client.execute(MOVE_IDENTITIES, &[&kept.0, &gone.0]).await?;
    client.execute(DELETE, &[&gone.0]).await?;
    client.execute(TAKE_OVER, &[&merge]).await?;
    client.execute(FORGET_SUPPRESSED, &[&merge]).await?;
    client.execute(RENAME, &[&vec![kept.0]]).await?;
    refresh(client, &[kept]).await
}

// Every column that the table has by now; those it did not have then are null.
const RESTORE: &str = "
    INSERT INTO producers OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(NULL::producers, m.gone)).* FROM producer_merges m WHERE m.id = $1";

const MOVE_IDENTITIES_BACK: &str = "
    UPDATE producer_identities i
    SET producer_id = m.gone_id
    FROM producer_merges m
    WHERE m.id = $1 AND i.id = ANY (m.identity_ids) AND i.producer_id = m.kept_id";

// What was changed since is left as it is.
const GIVE_BACK: &str = "
    UPDATE producers p
    SET email = CASE WHEN 'email' = ANY (m.taken) THEN NULLIF(p.email, m.gone ->> 'email') ELSE p.email END,
        image_url = CASE WHEN 'image_url' = ANY (m.taken) THEN NULLIF(p.image_url, m.gone ->> 'image_url') ELSE p.image_url END,
        instagram_handle = CASE WHEN 'instagram_handle' = ANY (m.taken) THEN NULLIF(p.instagram_handle, m.gone ->> 'instagram_handle') ELSE p.instagram_handle END,
        instagram_bio = CASE WHEN 'instagram_bio' = ANY (m.taken) THEN NULLIF(p.instagram_bio, m.gone ->> 'instagram_bio') ELSE p.instagram_bio END
    FROM producer_merges m
    WHERE m.id = $1 AND p.id = m.kept_id AND cardinality(m.taken) > 0";

const MARK_UNMERGED: &str = "
    UPDATE producer_merges SET unmerged_at = now(), unmerged_by = $2, gone = '{}' WHERE id = $1";

/// Undoes a merge whose kept producer [`lock`] holds: the other is back under its id with its identities, and so with
/// the credits that name those, also what was credited since. Gives how many tracks are concerned.
///
/// # Errors
/// The database's.
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
    client.execute(RENAME, &[&both.map(|id| id.0).to_vec()]).await?;
    client.execute(MARK_UNMERGED, &[&merge.id, &decided_by]).await?;
    refresh(client, &both).await
}

/// A merge that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The row.
    pub id: i64,
    /// Who stayed.
    pub kept_id: ProducerId,
    /// Whose id went.
    pub gone_id: ProducerId,
    /// What the one who is gone was called.
    pub gone_name: String,
    /// Who decided it.
    pub decided_by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub merged_at: DateTime<Utc>,
}

const LIST: &str = "
    SELECT id, kept_id, gone_id, gone ->> 'name', decided_by, reason, merged_at
    FROM producer_merges
    WHERE unmerged_at IS NULL AND (gone_id = $1 OR kept_id = $1)
    ORDER BY id";

/// The merges that hold and that this producer went or stayed in, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>, id: ProducerId) -> Result<Vec<Merge>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| Merge {
            id: row.get(0),
            kept_id: ProducerId(row.get(1)),
            gone_id: ProducerId(row.get(2)),
            gone_name: row.get(3),
            decided_by: row.get(4),
            reason: row.get(5),
            merged_at: row.get(6),
        })
        .collect())
}

const FIND_CURRENT: &str = "SELECT id, name FROM producers WHERE id = current_producer($1)";

/// The producer with this id, or the one that it is part of by now, with the name; none where there never was one.
///
/// # Errors
/// The database's.
pub async fn find_current(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<(ProducerId, String)>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_CURRENT, &[&id.0]).await?;
    Ok(row.map(|row| (ProducerId(row.get(0)), row.get(1))))
}

const WAS_ENRICHED_SINCE: &str = "
    SELECT COALESCE(p.enriched_at > m.merged_at, false) OR is_contact_suppressed(p.id)
    FROM producer_merges m
    JOIN producers p ON p.id = m.kept_id
    WHERE m.id = $1";

/// Whether the sources were asked about the kept producer since, or said things that may not be kept of both: then what
/// is whose is asked anew after undoing it.
///
/// # Errors
/// The database's.
pub async fn was_enriched_since(client: &Client<'_>, merge: &Merge) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(WAS_ENRICHED_SINCE, &[&merge.id]).await?.get(0))
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
    FORGET_SUPPRESSED,
    RENAME,
    RESTORE,
    MOVE_IDENTITIES_BACK,
    GIVE_BACK,
    MARK_UNMERGED,
    LIST,
    FIND_CURRENT,
    WAS_ENRICHED_SINCE,
];
