//! The table `tracks`: reads the tracks of albums, and writes them as the sources state them.

use tokio_postgres::{Error, Row};

use crate::domain::albums::TrackFacts;
use crate::domain::ids::{AlbumId, Isrc, NormalizedTrackId, SpotifyTrackId, TrackId};
use crate::domain::titles::VersionKind;
use crate::platform::db::{Client, Param};

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
    /// Its other facts.
    pub facts: TrackFacts,
    /// The song that the track is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// Whether the album no longer has the track.
    pub is_removed: bool,
}

impl KnownTrack {
    /// The disc and the number on it.
    #[must_use]
    pub fn place(&self) -> (i16, i32) {
        (self.disc_number, self.track_number)
    }
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
            facts: facts_of_row(row),
            normalized_track_id: row.get("normalized_track_id"),
            is_removed: row.get("is_removed"),
        })
        .collect())
}

fn facts_of_row(row: &Row) -> TrackFacts {
    TrackFacts {
        duration_ms: row.get("duration_ms"),
        isrc: row.get("isrc"),
        preview_url: row.get("spotify_preview_url"),
    }
}

const LIST_FACTS: &str = "
    SELECT album_id, id, duration_ms, isrc, spotify_preview_url
    FROM tracks
    WHERE album_id = ANY ($1::bigint[]) AND removed_at IS NULL
    ORDER BY album_id, disc_number, track_number, id";

/// The facts of the tracks that these albums have now, by album and in order.
pub async fn list_facts(
    client: &Client<'_>,
    albums: &[AlbumId],
) -> Result<Vec<(AlbumId, TrackId, TrackFacts)>, Error> {
    let rows = client.query(LIST_FACTS, &[&albums]).await?;
    let facts = rows
        .iter()
        .map(|row| (row.get("album_id"), row.get("id"), facts_of_row(row)));
    Ok(facts.collect())
}

const LIST_IDS: &str = "SELECT id FROM tracks WHERE album_id = $1 ORDER BY id";

/// All tracks of an album, with those that were removed.
pub async fn list_ids(client: &Client<'_>, album: AlbumId) -> Result<Vec<TrackId>, Error> {
    let rows = client.query(LIST_IDS, &[&album]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const LIST_NEXT: &str = "SELECT id FROM tracks WHERE id > $1 ORDER BY id LIMIT $2::bigint";

/// The next `tracks` tracks after `after`.
pub async fn list_next(client: &Client<'_>, after: TrackId, tracks: i64) -> Result<Vec<TrackId>, Error> {
    let rows = client.query(LIST_NEXT, &[&after, &tracks]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const CLEAR_SPOTIFY_IDS: &str = "UPDATE tracks SET spotify_id = NULL WHERE id = ANY ($1::bigint[])";

/// Removes the Spotify ids of tracks, so that tracks of an album that leads can take them.
pub async fn clear_spotify_ids(client: &Client<'_>, tracks: &[TrackId]) -> Result<u64, Error> {
    client.execute(CLEAR_SPOTIFY_IDS, &[&tracks]).await
}

/// What only the record that leads a track states about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackHeading<'a> {
    /// The name of the track.
    pub name: &'a str,
    /// The number of the disc.
    pub disc_number: i16,
    /// The position on the disc.
    pub track_number: i32,
    /// The smallest Spotify id; without one, the stored one stays.
    pub spotify_id: Option<&'a str>,
    /// The song that the track is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// The kind of version.
    pub version_kind: Option<VersionKind>,
    /// The words of the title that name the version.
    pub version_label: Option<&'a str>,
}

const INSERT: &str = include_str!("tracks/insert.sql");

/// Inserts tracks of an album. Returns our ids in their order.
pub async fn insert(
    client: &Client<'_>,
    album: AlbumId,
    tracks: &[(TrackHeading<'_>, &TrackFacts)],
) -> Result<Vec<TrackId>, Error> {
    if tracks.is_empty() {
        return Ok(Vec::new());
    }
    let parameters: [&dyn Param; 11] = [
        &album,
        &column(tracks, |(heading, _)| heading.spotify_id),
        &column(tracks, |(heading, _)| heading.name),
        &column(tracks, |(heading, _)| heading.disc_number),
        &column(tracks, |(heading, _)| heading.track_number),
        &column(tracks, |(_, facts)| facts.duration_ms),
        &column(tracks, |(_, facts)| facts.isrc.as_ref()),
        &column(tracks, |(_, facts)| facts.preview_url.as_deref()),
        &column(tracks, |(heading, _)| heading.normalized_track_id),
        &column(tracks, |(heading, _)| heading.version_kind),
        &column(tracks, |(heading, _)| heading.version_label),
    ];
    let rows = client.query(INSERT, &parameters).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const UPDATE: &str = include_str!("tracks/update.sql");

/// New values of a stored track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackChange<'a> {
    /// Our id.
    pub id: TrackId,
    /// Its new heading; without one, the stored heading stays.
    pub heading: Option<TrackHeading<'a>>,
    /// All its facts.
    pub facts: &'a TrackFacts,
    /// Whether its album no longer has it.
    pub is_removed: bool,
}

/// Stores new values of tracks. A removed track keeps the time of its removal. An unchanged row is not
/// written. Returns the number of rows written.
pub async fn update(client: &Client<'_>, tracks: &[TrackChange<'_>]) -> Result<u64, Error> {
    if tracks.is_empty() {
        return Ok(0);
    }
    let parameters: [&dyn Param; 12] = [
        &column(tracks, |track| track.id),
        &column(tracks, |track| {
            track.heading.and_then(|heading| heading.spotify_id)
        }),
        &column(tracks, |track| track.heading.map(|heading| heading.name)),
        &column(tracks, |track| track.heading.map(|heading| heading.disc_number)),
        &column(tracks, |track| track.heading.map(|heading| heading.track_number)),
        &column(tracks, |track| track.facts.duration_ms),
        &column(tracks, |track| track.facts.isrc.as_ref()),
        &column(tracks, |track| track.facts.preview_url.as_deref()),
        &column(tracks, |track| {
            track.heading.and_then(|heading| heading.normalized_track_id)
        }),
        &column(tracks, |track| {
            track.heading.and_then(|heading| heading.version_kind)
        }),
        &column(tracks, |track| {
            track.heading.and_then(|heading| heading.version_label)
        }),
        &column(tracks, |track| track.is_removed),
    ];
    client.execute(UPDATE, &parameters).await
}

/// One column of rows, as an array parameter.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
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

impl Track {
    /// The id, the disc number and the number on the disc.
    #[must_use]
    pub fn place(&self) -> (TrackId, i16, i32) {
        (self.id, self.disc_number, self.track_number)
    }
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
    LIST_FACTS,
    LIST_IDS,
    LIST_NEXT,
    CLEAR_SPOTIFY_IDS,
    INSERT,
    UPDATE,
    LIST_BY_ALBUM,
    FILL_GAPS,
];
