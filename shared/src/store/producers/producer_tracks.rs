//! The songs that a producer produced.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, ProducerId, TrackId};
use crate::platform::db::Client;

/// A song that a producer produced, shown by one of its tracks: the song's main version if that credits the
/// producer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducedSong {
    /// The track that is shown for the song.
    pub track_id: TrackId,
    /// Its title.
    pub name: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// The song; null for a track that counts as a song of its own.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// How many tracks of the song credit the producer.
    pub version_count: i64,
    /// The track's artists in order, at most 100.
    pub artists: Vec<SongArtist>,
    /// The track's album.
    pub album: Album,
    /// The producer's strongest role.
    pub role: String,
    /// All roles that the credits of the track claim, the strongest first.
    pub roles: Vec<String>,
    /// The strongest source of the credit.
    pub source: String,
    /// How certain the credit is, 0-1.
    pub confidence: f32,
    /// The song's place in the list; the next page starts after the last one's.
    #[serde(skip)]
    pub place: TrackPlace,
}

/// An artist of a song in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SongArtist {
    /// The artist.
    pub id: ArtistId,
    /// The artist's name.
    pub name: String,
}

/// The album of a song in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Album {
    /// The album.
    pub id: AlbumId,
    /// Its title.
    pub name: String,
    /// Its release date as far as it is known: `1997`, `1997-05` or `1997-05-21`.
    pub release_date: Option<String>,
}

/// A place in the list of a producer's songs, which has the newest album first and its songs in album order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackPlace {
    /// The release date; 0001-01-01 if it is unknown.
    pub date: NaiveDate,
    /// The album.
    pub album: i64,
    /// The place on the album, counted down: the first track has the largest number.
    pub position: i64,
    /// The song; for a track without a normalized track, the negative of the track's id.
    pub song: i64,
}

const LIST_TRACKS: &str = include_str!("producer_tracks.sql");

/// The songs of a producer after `after`, at most `limit`.
pub async fn list_tracks(
    client: &Client<'_>,
    id: ProducerId,
    after: Option<TrackPlace>,
    limit: i64,
) -> Result<Vec<ProducedSong>, tokio_postgres::Error> {
    let date = after.map(|place| place.date);
    let album = after.map(|place| place.album);
    let position = after.map(|place| place.position);
    let song = after.map(|place| place.song);
    let rows = client
        .query(LIST_TRACKS, &[&id, &date, &album, &position, &song, &limit])
        .await?;
    Ok(rows.iter().map(produced_song).collect())
}

fn produced_song(row: &tokio_postgres::Row) -> ProducedSong {
    let (ids, names): (Vec<ArtistId>, Vec<String>) = (row.get("artist_ids"), row.get("artist_names"));
    ProducedSong {
        track_id: row.get("track_id"),
        name: row.get("name"),
        spotify_id: row.get("spotify_id"),
        normalized_track_id: row.get("normalized_track_id"),
        version_count: row.get("version_count"),
        artists: ids
            .into_iter()
            .zip(names)
            .map(|(id, name)| SongArtist { id, name })
            .collect(),
        album: Album {
            id: row.get("album_id"),
            name: row.get("album_name"),
            release_date: row.get("release_date"),
        },
        role: row.get("role"),
        roles: row.get("roles"),
        source: row.get("source"),
        confidence: row.get("confidence"),
        place: TrackPlace {
            date: row.get("date"),
            album: row.get("album_id"),
            position: row.get("position"),
            song: row.get("song"),
        },
    }
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_TRACKS];
