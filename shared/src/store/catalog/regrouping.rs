//! The songs whose keys older title rules made, and what moves when their tracks' titles are read anew. Which track belongs to which song
//! is decided by who reads the titles.

use chrono::{DateTime, Utc};

use crate::domain::ids::{ArtistId, NormalizedTrackId, TrackId};
use crate::domain::titles::{RULES_VERSION, VersionKind};
use crate::platform::db::Client;

const COUNT_OLDER: &str = "SELECT count(*) FROM normalized_tracks WHERE rules_version < $1";

/// How many songs have keys of older rules.
///
/// # Errors
/// The database's.
pub async fn count_older(client: &Client<'_>) -> Result<i64, tokio_postgres::Error> {
    let row = client.query_one(COUNT_OLDER, &[&RULES_VERSION]).await?;
    Ok(row.get(0))
}

const FIND_ARTIST: &str = "
    SELECT artist_id FROM normalized_tracks
    WHERE artist_id > $1 AND rules_version < $2
    ORDER BY artist_id
    LIMIT 1";

/// The first artist behind this one who has songs of older rules.
///
/// # Errors
/// The database's.
pub async fn find_next_artist(
    client: &Client<'_>,
    after: ArtistId,
) -> Result<Option<ArtistId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_ARTIST, &[&after.0, &RULES_VERSION]).await?;
    Ok(row.map(|row| ArtistId(row.get(0))))
}

/// A song as it is stored.
#[derive(Debug, Clone)]
pub struct StoredSong {
    /// Its id.
    pub id: NormalizedTrackId,
    /// Its key.
    pub key: String,
    /// Whether older rules made the key.
    pub is_older: bool,
}

// A song that arrives for the artist meanwhile waits for the artist's row, which it refers to.
const LOCK_ARTIST: &str = "SELECT id FROM artists WHERE id = $1 FOR UPDATE";

const LOCK_SONGS: &str = "
    SELECT id, normalized_name, rules_version < $2
    FROM normalized_tracks
    WHERE artist_id = $1
    ORDER BY id
    FOR UPDATE";

/// All songs of an artist, locked until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_songs(
    client: &Client<'_>,
    artist: ArtistId,
) -> Result<Vec<StoredSong>, tokio_postgres::Error> {
    client.query(LOCK_ARTIST, &[&artist.0]).await?;
    let rows = client.query(LOCK_SONGS, &[&artist.0, &RULES_VERSION]).await?;
    Ok(rows
        .iter()
        .map(|row| StoredSong {
            id: NormalizedTrackId(row.get(0)),
            key: row.get(1),
            is_older: row.get(2),
        })
        .collect())
}

const LIST_TRACKS: &str = "
    SELECT id, name, normalized_track_id FROM tracks
    WHERE normalized_track_id = ANY ($1::bigint[])
    ORDER BY id";

/// The tracks of these songs: their ids, titles and songs.
///
/// # Errors
/// The database's.
pub async fn list_tracks(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<Vec<(TrackId, String, NormalizedTrackId)>, tokio_postgres::Error> {
    let rows = client.query(LIST_TRACKS, &[&ids(songs)]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let song = NormalizedTrackId(row.get(2));
            (TrackId(row.get(0)), row.get(1), song)
        })
        .collect())
}

const RENAME: &str = "
    UPDATE normalized_tracks n
    SET normalized_name = k.normalized_name
    FROM unnest($1::bigint[], $2::text[]) AS k (id, normalized_name)
    WHERE n.id = k.id";

/// Gives songs other keys, which no song of their artist may have.
///
/// # Errors
/// The database's.
pub async fn rename(
    client: &Client<'_>,
    songs: &[(NormalizedTrackId, &str)],
) -> Result<u64, tokio_postgres::Error> {
    let (ids, keys): (Vec<i64>, Vec<&str>) = songs.iter().map(|(id, key)| (id.0, *key)).unzip();
    client.execute(RENAME, &[&ids, &keys]).await
}

/// What a track's title says now.
#[derive(Debug)]
pub struct TrackVersion {
    /// The track.
    pub track: TrackId,
    /// The song it is a version of.
    pub song: NormalizedTrackId,
    /// Which kind of version.
    pub kind: Option<VersionKind>,
    /// The title's own words for it.
    pub label: Option<String>,
}

const MOVE: &str = "
    UPDATE tracks t
    SET normalized_track_id = n.song, version_kind = n.kind::version_kind, version_label = n.label
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS n (id, song, kind, label)
    WHERE t.id = n.id
      AND (t.normalized_track_id, t.version_kind, t.version_label) IS DISTINCT FROM (n.song, n.kind::version_kind, n.label)";

/// Keeps what tracks' titles say; gives how many tracks it is news of.
///
/// # Errors
/// The database's.
pub async fn move_tracks(
    client: &Client<'_>,
    readings: &[TrackVersion],
) -> Result<u64, tokio_postgres::Error> {
    let tracks: Vec<i64> = readings.iter().map(|reading| reading.track.0).collect();
    let songs: Vec<i64> = readings.iter().map(|reading| reading.song.0).collect();
    let kinds: Vec<_> = readings
        .iter()
        .map(|reading| reading.kind.map(VersionKind::as_str))
        .collect();
    let labels: Vec<_> = readings.iter().map(|reading| reading.label.as_deref()).collect();
    client.execute(MOVE, &[&tracks, &songs, &kinds, &labels]).await
}

/// A person's verdict, of a song.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SongVerdict {
    /// The song.
    pub song: NormalizedTrackId,
    /// The producer's identity.
    pub identity: i64,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    verdict: String,
    decided_by: String,
    reason: String,
}

const LIST_OVERRIDES: &str = "
    SELECT normalized_track_id, producer_identity_id, created_at, verdict::text, decided_by, reason
    FROM credit_overrides
    WHERE normalized_track_id = ANY ($1::bigint[])
    ORDER BY 1, 2";

/// The verdicts on these songs.
///
/// # Errors
/// The database's.
pub async fn list_overrides(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<Vec<SongVerdict>, tokio_postgres::Error> {
    let rows = client.query(LIST_OVERRIDES, &[&ids(songs)]).await?;
    Ok(rows
        .iter()
        .map(|row| SongVerdict {
            song: NormalizedTrackId(row.get(0)),
            identity: row.get(1),
            decided_at: row.get(2),
            verdict: row.get(3),
            decided_by: row.get(4),
            reason: row.get(5),
        })
        .collect())
}

const DELETE_OVERRIDES: &str = "DELETE FROM credit_overrides WHERE normalized_track_id = ANY ($1::bigint[])";

const INSERT_OVERRIDES: &str = "
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, created_at, verdict, decided_by, reason)
    SELECT song, identity, decided_at, verdict::override_verdict, decided_by, reason
    FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
      AS n (song, identity, decided_at, verdict, decided_by, reason)
    ORDER BY song, identity";

/// Keeps these verdicts on songs instead of those they had.
///
/// # Errors
/// The database's.
pub async fn replace_overrides(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
    overrides: &[SongVerdict],
) -> Result<(), tokio_postgres::Error> {
    client.execute(DELETE_OVERRIDES, &[&ids(songs)]).await?;
    let of_songs: Vec<i64> = overrides.iter().map(|kept| kept.song.0).collect();
    let identities: Vec<i64> = overrides.iter().map(|kept| kept.identity).collect();
    let times: Vec<_> = overrides.iter().map(|kept| kept.decided_at).collect();
    let verdicts: Vec<_> = overrides.iter().map(|kept| &kept.verdict[..]).collect();
    let who: Vec<_> = overrides.iter().map(|kept| &kept.decided_by[..]).collect();
    let why: Vec<_> = overrides.iter().map(|kept| &kept.reason[..]).collect();
    client
        .execute(
            INSERT_OVERRIDES,
            &[&of_songs, &identities, &times, &verdicts, &who, &why],
        )
        .await
        .map(drop)
}

const MARK_READ: &str = "UPDATE normalized_tracks SET rules_version = $2 WHERE id = ANY ($1::bigint[])";

/// Notes that these songs' keys are what today's rules make.
///
/// # Errors
/// The database's.
pub async fn mark_current(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<(), tokio_postgres::Error> {
    client
        .execute(MARK_READ, &[&ids(songs), &RULES_VERSION])
        .await
        .map(drop)
}

fn ids(songs: &[NormalizedTrackId]) -> Vec<i64> {
    songs.iter().map(|id| id.0).collect()
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    COUNT_OLDER,
    FIND_ARTIST,
    LOCK_ARTIST,
    LOCK_SONGS,
    LIST_TRACKS,
    RENAME,
    MOVE,
    LIST_OVERRIDES,
    DELETE_OVERRIDES,
    INSERT_OVERRIDES,
    MARK_READ,
];
