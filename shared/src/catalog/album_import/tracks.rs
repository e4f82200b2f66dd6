//! Writes the songs and tracks of an arriving album.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::album::{Track, stated_name};
use super::artists::AlbumArtists;
use super::matching::{self, TitledTrack, TrackMatches};
use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::normalized_tracks;
use crate::store::catalog::track_artists::{self, TrackArtistRow};
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::catalog::tracks::{self, KnownTrack, SourceTrack};

/// The written row of the album, with the tracks that were known before.
pub(super) struct StoredAlbum {
    pub(super) id: AlbumId,
    pub(super) is_changed: bool,
    /// The smallest id of the Spotify albums that are this album. The details of that one are stored.
    pub(super) leading_id: Option<String>,
    /// Whether the details of the arriving record overwrite the stored ones.
    pub(super) leads: bool,
    /// Source of the arriving record.
    pub(super) source: Source,
    /// The tracks of all candidate albums, and tracks of other albums that share a Spotify id with an
    /// arriving track.
    pub(super) tracks: Vec<KnownTrack>,
}

/// The songs that the tracks of an album are versions of.
pub(super) struct AlbumSongs {
    /// The artist and title key of each track's song, in the order of the tracks.
    of_tracks: Vec<Option<(ArtistId, String)>>,
    pub(super) ids: HashMap<(ArtistId, String), NormalizedTrackId>,
}

impl AlbumSongs {
    /// Writes the songs of the tracks; none if the arriving record does not lead.
    pub(super) async fn upsert(
        transaction: &Client<'_>,
        arriving: &[TitledTrack<'_>],
        artists: &AlbumArtists,
        leads: bool,
    ) -> Result<Self, tokio_postgres::Error> {
        let song = |(track, title): &TitledTrack<'_>| {
            let artist = artists.song_artist(track).filter(|_| leads)?;
            Some((artist, title.key.clone()))
        };
        let of_tracks: Vec<_> = arriving.iter().map(song).collect();
        let distinct: BTreeSet<_> = of_tracks.iter().flatten().cloned().collect();
        let ids = normalized_tracks::upsert(transaction, &Vec::from_iter(distinct)).await?;
        Ok(Self { of_tracks, ids })
    }
}

/// Writes the tracks with their artists and links. Returns the ids of the tracks and the number of rows
/// written for them and their artists.
pub(super) async fn upsert(
    transaction: &Client<'_>,
    arriving: &[TitledTrack<'_>],
    album: &StoredAlbum,
    songs: &AlbumSongs,
    artists: &AlbumArtists,
) -> Result<(Vec<TrackId>, u64), tokio_postgres::Error> {
    let leading_id = album.leading_id.as_deref();
    let matches = matching::match_tracks(arriving, &album.tracks, album.id, leading_id);
    if !matches.tracks_losing_id.is_empty() {
        tracks::clear_spotify_ids(transaction, &matches.tracks_losing_id).await?;
    }
    let (arriving, rows): (Vec<&Track>, Vec<SourceTrack<'_>>) =
        rows(arriving, songs, &matches, album).into_iter().unzip();
    let (ids, mut written) =
        tracks::upsert(transaction, album.id, &rows, album.leads, &matches.unmatched).await?;

    let (mut leading, mut artist_rows, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for ((track, id), row) in arriving.into_iter().zip(&ids).zip(&rows) {
        if row.leads {
            leading.push(*id);
            artist_rows.extend(track_artist_rows(*id, track, artists, album.source));
        }
        links.extend(track.spotify_id.as_ref().map(|spotify_id| TrackLink {
            track_id: *id,
            source_id: spotify_id.to_string(),
            matched_by: MatchMethod::Own,
            match_score: 1.0,
        }));
    }
    written += track_artists::replace(transaction, &leading, &artist_rows).await?;
    track_links::upsert(transaction, Source::Spotify, &links).await?;
    Ok((ids, written))
}

/// The tracks to write, each with its row. Another source adds no tracks to an album that Spotify has.
fn rows<'a>(
    arriving: &'a [TitledTrack<'a>],
    songs: &AlbumSongs,
    matches: &TrackMatches<'_>,
    album: &StoredAlbum,
) -> Vec<(&'a Track, SourceTrack<'a>)> {
    arriving
        .iter()
        .zip(&songs.of_tracks)
        .zip(&matches.known)
        .filter(|(((track, _), _), known)| track.spotify_id.is_some() || album.leads || known.is_some())
        .map(|(((track, title), song), known)| {
            let row = SourceTrack {
                known: known.map(|known| known.id),
                leads: match &track.spotify_id {
                    Some(id) => known
                        .and_then(|known| known.spotify_id.as_deref())
                        .is_none_or(|known| id.as_str() <= known),
                    None => album.leads,
                },
                spotify_id: track
                    .spotify_id
                    .as_ref()
                    .filter(|id| !matches.taken_spotify_ids.contains(id.as_str())),
                name: &track.name,
                disc_number: track.disc_number,
                track_number: track.track_number,
                duration_ms: track.duration_ms,
                isrc: track.isrc.as_ref(),
                preview_url: track.preview_url.as_deref(),
                normalized_track_id: song.as_ref().and_then(|song| songs.ids.get(song)).copied(),
                version_kind: title.version.as_ref().map(|version| version.kind),
                version_label: title.version.as_ref().map(|version| version.label.as_str()),
            };
            (*track, row)
        })
        .collect()
}

fn track_artist_rows<'a>(
    track_id: TrackId,
    track: &'a Track,
    artists: &AlbumArtists,
    source: Source,
) -> Vec<TrackArtistRow<'a>> {
    let mut seen = HashSet::new();
    track
        .artists
        .iter()
        .zip(1_i16..)
        .filter_map(|(artist, position)| {
            Some(TrackArtistRow {
                track_id,
                position,
                artist_id: artists.id(artist)?,
                featured: artist.is_featured,
                stated_name: stated_name(artist, source),
            })
        })
        .filter(|row| seen.insert(row.artist_id))
        .collect()
}
