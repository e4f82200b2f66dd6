//! The table `tracks`: reads the tracks of albums, and writes them as the sources state them.

use tokio_postgres::Error;

use crate::domain::ids::{AlbumId, Isrc, NormalizedTrackId, SpotifyTrackId, TrackId};
use crate::domain::titles::VersionKind;
use crate::platform::db::Client;

/// A stored track that may be the track of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTrack {
    /// Our id.
    pub id: TrackId,
    /// The album of the track.
    pub album_id: AlbumId,
    /// The smallest Spotify id of that album.
    pub spotify_album_id: Option<String>,
    /// The smallest Spotify id of the track.
    pub spotify_id: Option<String>,
    /// All Spotify ids of the track.
    pub spotify_ids: Vec<String>,
    /// The MusicBrainz recordings that the track is linked to.
    pub recording_mbids: Vec<String>,
    /// The number of the disc.
    pub disc_number: i16,
    /// The position on the disc.
    pub track_number: i32,
    /// The name of the track.
    pub name: String,
    /// The ISRC.
    pub isrc: Option<String>,
    /// The song that the track is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// Whether the album no longer has the track.
    pub is_removed: bool,
}

const LIST_KNOWN: &str = include_str!("tracks/list_known.sql");

/// The tracks of these albums, and the tracks of any album that have one of these Spotify ids.
pub async fn list_known(
    client: &Client<'_>,
    albums: &[AlbumId],
    spotify_ids: &[&str],
) -> Result<Vec<KnownTrack>, Error> {
    let rows = client.query(LIST_KNOWN, &[&albums, &spotify_ids]).await?;
    Ok(rows
        .iter()
        .map(|row| KnownTrack {
            id: row.get("id"),
            album_id: row.get("album_id"),
            spotify_album_id: row.get("spotify_album_id"),
            spotify_id: row.get("spotify_id"),
            spotify_ids: row.get("spotify_ids"),
            recording_mbids: row.get("recording_mbids"),
            disc_number: row.get("disc_number"),
            track_number: row.get("track_number"),
            name: row.get("name"),
            isrc: row.get("isrc"),
            normalized_track_id: row.get("normalized_track_id"),
            is_removed: row.get("is_removed"),
        })
        .collect())
}

const CLEAR_SPOTIFY_IDS: &str = "UPDATE tracks SET spotify_id = NULL WHERE id = ANY ($1::bigint[])";

/// Removes the Spotify ids of tracks, so that tracks of an album that leads can take them.
pub async fn clear_spotify_ids(client: &Client<'_>, tracks: &[TrackId]) -> Result<u64, Error> {
    client.execute(CLEAR_SPOTIFY_IDS, &[&tracks]).await
}

/// A track as a source states it. A field that the source leaves out does not overwrite what is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceTrack<'a> {
    /// Our id, if the track is known.
    pub known: Option<TrackId>,
    /// Whether the track of the source overwrites the stored one; if not, it only fills gaps.
    pub leads: bool,
    /// The Spotify id. It is `None` for other sources, and if a track of another album has this id.
    pub spotify_id: Option<&'a SpotifyTrackId>,
    /// The name of the track.
    pub name: &'a str,
    /// The number of the disc.
    pub disc_number: i16,
    /// The position on the disc.
    pub track_number: i32,
    /// The duration in milliseconds.
    pub duration_ms: Option<i32>,
    /// The ISRC.
    pub isrc: Option<&'a Isrc>,
    /// The URL of a preview.
    pub preview_url: Option<&'a str>,
    /// The song that the track is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// The kind of version.
    pub version_kind: Option<VersionKind>,
    /// The words of the title that name the version.
    pub version_label: Option<&'a str>,
}

const INSERT: &str = include_str!("tracks/insert.sql");

const UPDATE: &str = include_str!("tracks/update.sql");

/// Writes the tracks of an album with at most two statements. If the source listed the whole album
/// (`complete`), the tracks in `removed` are marked as removed, and tracks that came back lose this mark.
///
/// Returns our ids in the order of `tracks`, and the number of rows written.
pub async fn upsert(
    client: &Client<'_>,
    album: AlbumId,
    tracks: &[SourceTrack<'_>],
    complete: bool,
    removed: &[TrackId],
) -> Result<(Vec<TrackId>, u64), Error> {
    let removed = if complete { removed } else { &[] };
    let (new, known): (Vec<&SourceTrack<'_>>, Vec<&SourceTrack<'_>>) =
        tracks.iter().partition(|track| track.known.is_none());
    let mut written = 0;
    if !known.is_empty() || !removed.is_empty() {
        written += update(client, &known, complete, removed).await?;
    }
    let mut inserted = Vec::new();
    if !new.is_empty() {
        inserted = insert(client, album, &new).await?;
        written += inserted.len() as u64;
    }
    let mut inserted = inserted.into_iter();
    let ids = tracks
        .iter()
        .filter_map(|track| track.known.or_else(|| inserted.next()))
        .collect();
    Ok((ids, written))
}

async fn insert(
    client: &Client<'_>,
    album: AlbumId,
    tracks: &[&SourceTrack<'_>],
) -> Result<Vec<TrackId>, Error> {
    let rows = client
        .query(
            INSERT,
            &[
                &album,
                &column(tracks, |track| track.spotify_id),
                &column(tracks, |track| track.name),
                &column(tracks, |track| track.disc_number),
                &column(tracks, |track| track.track_number),
                &column(tracks, |track| track.duration_ms),
                &column(tracks, |track| track.isrc),
                &column(tracks, |track| track.preview_url),
                &column(tracks, |track| track.normalized_track_id),
                &column(tracks, |track| track.version_kind),
                &column(tracks, |track| track.version_label),
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

async fn update(
    client: &Client<'_>,
    known: &[&SourceTrack<'_>],
    complete: bool,
    removed: &[TrackId],
) -> Result<u64, Error> {
    let ids: Vec<TrackId> = known
        .iter()
        .filter_map(|track| track.known)
        .chain(removed.iter().copied())
        .collect();
    let mut leads = column(known, |track| track.leads);
    leads.resize(ids.len(), false);
    /// A column with nulls for the removed tracks, which come last.
    fn padded<'a, T: Clone>(
        known: &[&SourceTrack<'a>],
        removed: &[TrackId],
        value: impl Fn(&SourceTrack<'a>) -> Option<T>,
    ) -> Vec<Option<T>> {
        let mut column = column(known, value);
        column.resize(known.len() + removed.len(), None);
        column
    }
    client
        .execute(
            UPDATE,
            &[
                &ids,
                &leads,
                &padded(known, removed, |track| track.spotify_id),
                &padded(known, removed, |track| Some(track.name)),
                &padded(known, removed, |track| Some(track.disc_number)),
                &padded(known, removed, |track| Some(track.track_number)),
                &padded(known, removed, |track| track.duration_ms),
                &padded(known, removed, |track| track.isrc),
                &padded(known, removed, |track| track.preview_url),
                &padded(known, removed, |track| track.normalized_track_id),
                &padded(known, removed, |track| track.version_kind),
                &padded(known, removed, |track| track.version_label),
                &complete,
            ],
        )
        .await
}

/// One column of the tracks, as an array parameter.
fn column<'a, T>(tracks: &[&SourceTrack<'a>], value: impl Fn(&SourceTrack<'a>) -> T) -> Vec<T> {
    tracks.iter().map(|track| value(track)).collect()
}

/// A track with the facts by which a source is searched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Our id.
    pub id: TrackId,
    /// The smallest Spotify id of the track.
    pub spotify_track_id: Option<SpotifyTrackId>,
    /// The name of the track.
    pub name: String,
    /// The number of the disc.
    pub disc_number: i16,
    /// The position on the disc.
    pub track_number: i32,
    /// The duration in milliseconds.
    pub duration_ms: Option<i32>,
    /// The ISRC.
    pub isrc: Option<Isrc>,
    /// The names of the track's artists in order, or of the album's artist if the track has none.
    pub artist_names: Vec<String>,
}

const LIST_BY_ALBUM: &str = "
    SELECT t.id, t.spotify_id, t.name, t.disc_number, t.track_number, t.duration_ms, t.isrc,
           ARRAY(SELECT a.name FROM artists_of_tracks ta JOIN artists a ON a.id = ta.artist_id
                 WHERE ta.track_id = t.id ORDER BY ta.position) AS artist_names
    FROM tracks t
    WHERE t.album_id = $1 AND t.removed_at IS NULL
    ORDER BY t.disc_number, t.track_number, t.id";

/// The tracks that an album has now, in order.
pub async fn list_by_album(client: &Client<'_>, album: AlbumId) -> Result<Vec<Track>, Error> {
    let rows = client.query(LIST_BY_ALBUM, &[&album]).await?;
    Ok(rows
        .iter()
        .map(|row| Track {
            id: row.get("id"),
            spotify_track_id: row
                .get::<_, Option<&str>>("spotify_id")
                .and_then(|id| id.parse().ok()),
            name: row.get("name"),
            disc_number: row.get("disc_number"),
            track_number: row.get("track_number"),
            duration_ms: row.get("duration_ms"),
            isrc: row
                .get::<_, Option<&str>>("isrc")
                .and_then(|isrc| isrc.parse().ok()),
            artist_names: row.get("artist_names"),
        })
        .collect())
}

const FILL_GAPS: &str = "
    UPDATE tracks t
    SET isrc = COALESCE(t.isrc, n.isrc), duration_ms = COALESCE(t.duration_ms, n.duration_ms)
    FROM unnest($1::bigint[], $2::text[], $3::integer[]) AS n (id, isrc, duration_ms)
    WHERE t.id = n.id
      AND (t.isrc, t.duration_ms)
          IS DISTINCT FROM (COALESCE(t.isrc, n.isrc), COALESCE(t.duration_ms, n.duration_ms))";

/// Stores the ISRC and the duration in milliseconds that a source knows for tracks that have none.
pub async fn fill_gaps(
    client: &Client<'_>,
    facts: &[(TrackId, Option<Isrc>, Option<i32>)],
) -> Result<u64, Error> {
    let ids: Vec<TrackId> = facts.iter().map(|(id, _, _)| *id).collect();
    let isrcs: Vec<Option<&Isrc>> = facts.iter().map(|(_, isrc, _)| isrc.as_ref()).collect();
    let durations_ms: Vec<Option<i32>> = facts.iter().map(|(_, _, duration_ms)| *duration_ms).collect();
    client.execute(FILL_GAPS, &[&ids, &isrcs, &durations_ms]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_KNOWN,
    CLEAR_SPOTIFY_IDS,
    INSERT,
    UPDATE,
    LIST_BY_ALBUM,
    FILL_GAPS,
];
