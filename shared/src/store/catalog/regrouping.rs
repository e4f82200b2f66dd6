//! Finds the songs that were grouped by older title rules, and writes the new grouping of their tracks. The
//! caller reads the titles and decides which track belongs to which song.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, TrackId};
use crate::domain::titles::{RULES_VERSION, VersionKind};
use crate::platform::db::Client;

// Few songs are counted. For many, the statistics of Postgres say which share has which version.
const ESTIMATE_OLDER: &str = "
    WITH few AS (SELECT rules_version FROM normalized_tracks LIMIT 20000)
    SELECT GREATEST(
        (SELECT count(*) FROM few WHERE rules_version < $1),
        (SELECT COALESCE(sum(freq) * (SELECT reltuples FROM pg_class
                                      WHERE oid = 'normalized_tracks'::regclass), 0)
         FROM pg_stats s
         CROSS JOIN unnest(s.most_common_vals::text::smallint[], s.most_common_freqs) AS v (version, freq)
         WHERE s.schemaname = current_schema AND s.tablename = 'normalized_tracks'
           AND s.attname = 'rules_version' AND version < $1
           AND (SELECT count(*) FROM few) = 20000)::bigint
    ) AS count";

/// The number of songs that were grouped by older rules, at once: an estimate if there are many songs.
pub async fn estimate_older(client: &Client<'_>) -> Result<i64, Error> {
    Ok(client
        .query_one(ESTIMATE_OLDER, &[&RULES_VERSION])
        .await?
        .get("count"))
}

const COUNT_OLDER: &str = "SELECT count(*) AS count FROM normalized_tracks WHERE rules_version < $1";

/// The number of songs that were grouped by older rules.
pub async fn count_older(client: &Client<'_>) -> Result<i64, Error> {
    let row = client.query_one(COUNT_OLDER, &[&RULES_VERSION]).await?;
    Ok(row.get("count"))
}

const FIND_NEXT_ARTIST: &str = "
    SELECT artist_id FROM normalized_tracks
    WHERE artist_id > $1 AND rules_version < $2
    ORDER BY artist_id
    LIMIT 1";

/// The first artist after `after`, by id, with a song that was grouped by older rules.
pub async fn find_next_artist(client: &Client<'_>, after: ArtistId) -> Result<Option<ArtistId>, Error> {
    let row = client
        .query_opt(FIND_NEXT_ARTIST, &[&after, &RULES_VERSION])
        .await?;
    Ok(row.map(|row| row.get("artist_id")))
}

/// A song as it is stored.
#[derive(Debug, Clone)]
pub struct StoredSong {
    /// Our id.
    pub id: NormalizedTrackId,
    /// The normalized name.
    pub key: String,
    /// Whether the normalized name was made by older rules.
    pub is_older: bool,
}

// The lock on the artist makes inserts of new songs wait, because they refer to the artist.
const LOCK_ARTIST: &str = "SELECT id FROM artists WHERE id = $1 FOR UPDATE";

const LOCK_SONGS: &str = "
    SELECT id, normalized_name, rules_version < $2 AS is_older
    FROM normalized_tracks
    WHERE artist_id = $1
    ORDER BY id
    FOR UPDATE";

/// All songs of an artist, locked until the transaction ends.
pub async fn lock_songs(client: &Client<'_>, artist: ArtistId) -> Result<Vec<StoredSong>, Error> {
    client.query(LOCK_ARTIST, &[&artist]).await?;
    let rows = client.query(LOCK_SONGS, &[&artist, &RULES_VERSION]).await?;
    Ok(rows
        .iter()
        .map(|row| StoredSong {
            id: row.get("id"),
            key: row.get("normalized_name"),
            is_older: row.get("is_older"),
        })
        .collect())
}

const LIST_TRACKS: &str = "
    SELECT id, album_id, disc_number, track_number, name, normalized_track_id FROM tracks
    WHERE normalized_track_id = ANY ($1::bigint[])
    ORDER BY id";

/// A track of a song that is regrouped.
#[derive(Debug, Clone)]
pub struct SongTrack {
    /// The track.
    pub id: TrackId,
    /// Its album.
    pub album_id: AlbumId,
    /// The disc and the number on it.
    pub place: (i16, i32),
    /// Its name.
    pub name: String,
    /// Its song.
    pub song: NormalizedTrackId,
}

/// The tracks of these songs.
pub async fn list_tracks(client: &Client<'_>, songs: &[NormalizedTrackId]) -> Result<Vec<SongTrack>, Error> {
    let rows = client.query(LIST_TRACKS, &[&songs]).await?;
    Ok(rows
        .iter()
        .map(|row| SongTrack {
            id: row.get("id"),
            album_id: row.get("album_id"),
            place: (row.get("disc_number"), row.get("track_number")),
            name: row.get("name"),
            song: row.get("normalized_track_id"),
        })
        .collect())
}

const RENAME: &str = "
    UPDATE normalized_tracks n
    SET normalized_name = k.normalized_name
    FROM unnest($1::bigint[], $2::text[]) AS k (id, normalized_name)
    WHERE n.id = k.id";

/// Sets the normalized names of songs. No other song of the artist may have one of these names.
pub async fn rename(client: &Client<'_>, songs: &[(NormalizedTrackId, &str)]) -> Result<u64, Error> {
    let (ids, names): (Vec<NormalizedTrackId>, Vec<&str>) = songs.iter().copied().unzip();
    client.execute(RENAME, &[&ids, &names]).await
}

/// The song and version that the title of a track states.
#[derive(Debug)]
pub struct TrackVersion {
    /// The track.
    pub track: TrackId,
    /// The song that the track is a version of.
    pub song: NormalizedTrackId,
    /// The kind of version.
    pub kind: Option<VersionKind>,
    /// The words of the title that name the version.
    pub label: Option<String>,
}

const MOVE_TRACKS: &str = "
    UPDATE tracks t
    SET normalized_track_id = n.song, version_kind = n.kind::version_kind, version_label = n.label
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS n (id, song, kind, label)
    WHERE t.id = n.id
      AND (t.normalized_track_id, t.version_kind, t.version_label)
          IS DISTINCT FROM (n.song, n.kind::version_kind, n.label)";

/// Stores the songs and versions of tracks, and returns how many tracks changed.
pub async fn move_tracks(client: &Client<'_>, versions: &[TrackVersion]) -> Result<u64, Error> {
    let tracks: Vec<TrackId> = versions.iter().map(|version| version.track).collect();
    let songs: Vec<NormalizedTrackId> = versions.iter().map(|version| version.song).collect();
    let kinds: Vec<Option<VersionKind>> = versions.iter().map(|version| version.kind).collect();
    let labels: Vec<Option<&str>> = versions.iter().map(|version| version.label.as_deref()).collect();
    client
        .execute(MOVE_TRACKS, &[&tracks, &songs, &kinds, &labels])
        .await
}

/// A person's verdict on a song and a producer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SongVerdict {
    /// The song.
    pub song: NormalizedTrackId,
    /// The identity of the producer.
    pub identity: i64,
    /// When the person decided it.
    pub decided_at: DateTime<Utc>,
    verdict: String,
    decided_by: String,
    reason: String,
}

const LIST_OVERRIDES: &str = "
    SELECT normalized_track_id, producer_identity_id, created_at, verdict::text AS verdict, decided_by, reason
    FROM credit_overrides
    WHERE normalized_track_id = ANY ($1::bigint[])
    ORDER BY 1, 2";

/// The verdicts on these songs.
pub async fn list_overrides(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<Vec<SongVerdict>, Error> {
    let rows = client.query(LIST_OVERRIDES, &[&songs]).await?;
    Ok(rows
        .iter()
        .map(|row| SongVerdict {
            song: row.get("normalized_track_id"),
            identity: row.get("producer_identity_id"),
            decided_at: row.get("created_at"),
            verdict: row.get("verdict"),
            decided_by: row.get("decided_by"),
            reason: row.get("reason"),
        })
        .collect())
}

const DELETE_OVERRIDES: &str = "DELETE FROM credit_overrides WHERE normalized_track_id = ANY ($1::bigint[])";

const INSERT_OVERRIDES: &str = "
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, created_at, verdict, decided_by,
                                  reason)
    SELECT song, identity, decided_at, verdict::override_verdict, decided_by, reason
    FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
      AS n (song, identity, decided_at, verdict, decided_by, reason)
    ORDER BY song, identity";

/// Replaces the verdicts on these songs.
pub async fn replace_overrides(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
    verdicts: &[SongVerdict],
) -> Result<(), Error> {
    client.execute(DELETE_OVERRIDES, &[&songs]).await?;
    let verdict_songs: Vec<NormalizedTrackId> = verdicts.iter().map(|verdict| verdict.song).collect();
    let identities: Vec<i64> = verdicts.iter().map(|verdict| verdict.identity).collect();
    let times: Vec<DateTime<Utc>> = verdicts.iter().map(|verdict| verdict.decided_at).collect();
    let words: Vec<&str> = verdicts.iter().map(|verdict| &verdict.verdict[..]).collect();
    let people: Vec<&str> = verdicts.iter().map(|verdict| &verdict.decided_by[..]).collect();
    let reasons: Vec<&str> = verdicts.iter().map(|verdict| &verdict.reason[..]).collect();
    client
        .execute(
            INSERT_OVERRIDES,
            &[&verdict_songs, &identities, &times, &words, &people, &reasons],
        )
        .await
        .map(drop)
}

const MARK_CURRENT: &str = "UPDATE normalized_tracks SET rules_version = $2 WHERE id = ANY ($1::bigint[])";

/// Marks songs as grouped by the current rules.
pub async fn mark_current(client: &Client<'_>, songs: &[NormalizedTrackId]) -> Result<(), Error> {
    client
        .execute(MARK_CURRENT, &[&songs, &RULES_VERSION])
        .await
        .map(drop)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    ESTIMATE_OLDER,
    COUNT_OLDER,
    FIND_NEXT_ARTIST,
    LOCK_ARTIST,
    LOCK_SONGS,
    LIST_TRACKS,
    RENAME,
    MOVE_TRACKS,
    LIST_OVERRIDES,
    DELETE_OVERRIDES,
    INSERT_OVERRIDES,
    MARK_CURRENT,
];
