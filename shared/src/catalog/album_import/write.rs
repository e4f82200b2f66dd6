//! Writes an arriving album in one transaction. The number of statements does not grow with the number of
//! tracks, and rows are locked in one order: artists, albums, normalized tracks, tracks.

use std::collections::BTreeSet;

use super::album::{ArrivingAlbum, stated_name};
use super::artists::AlbumArtists;
use super::matching::{self, TitledTrack};
use super::tracks::{self as album_tracks, AlbumSongs, StoredAlbum};
use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, Isrc, NormalizedTrackId};
use crate::platform::db::Client;
use crate::store::catalog::album_links;
use crate::store::catalog::albums::{self, AlbumMatchReason};
use crate::store::catalog::{normalized_tracks, tracks};
use crate::store::credits::{credit_overrides, track_producers};
use crate::store::loads::loaded_releases;
use crate::store::producers::statistics;

/// Writes an album and returns our id of it. Unchanged input writes nothing. `requested_id` is the id that
/// was asked for, which can differ from the album's own id in the source.
///
/// # Errors
/// Fails if neither the album nor a track names an artist with an id.
pub async fn write(
    transaction: &Client<'_>,
    requested_id: &str,
    album: &ArrivingAlbum<'_>,
) -> anyhow::Result<AlbumId> {
    let mut artists = AlbumArtists::upsert(transaction, album).await?;
    let arriving = matching::read_titles(&album.tracks);
    let stored = upsert_album(transaction, album, requested_id, &mut artists, &arriving).await?;
    // A record that does not lead changes no track's song, so the songs written for it would have no tracks.
    let leads = stored.leads || album.source == Source::Spotify;
    let songs = AlbumSongs::upsert(transaction, &arriving, &artists, leads).await?;
    let (track_ids, written) =
        album_tracks::upsert(transaction, &arriving, &stored, &songs, &artists).await?;
    if stored.is_changed || written > 0 {
        let before = stored.tracks.iter().filter_map(|track| track.normalized_track_id);
        let touched: BTreeSet<NormalizedTrackId> = songs.ids.values().copied().chain(before).collect();
        let touched = Vec::from_iter(touched);
        if credit_overrides::has_any(transaction, &touched).await? {
            track_producers::refresh(transaction, &track_ids).await?;
        }
        normalized_tracks::refresh(transaction, &touched).await?;
        statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    }
    Ok(stored.id)
}

/// Finds the known album that the arriving one is, and writes the row of the album with its links.
async fn upsert_album(
    transaction: &Client<'_>,
    album: &ArrivingAlbum<'_>,
    requested_id: &str,
    artists: &mut AlbumArtists,
    arriving: &[TitledTrack<'_>],
) -> Result<StoredAlbum, tokio_postgres::Error> {
    let isrcs: BTreeSet<&Isrc> = arriving
        .iter()
        .filter_map(|(track, _)| track.isrc.as_ref())
        .collect();
    let isrcs = Vec::from_iter(isrcs);
    let mut row = albums::SourceAlbum {
        source: album.source,
        source_id: album.id,
        stated_spotify_ids: album.spotify_ids,
        artist_id: artists.first,
        stated_artist_name: album
            .first_artist()
            .and_then(|artist| stated_name(artist, album.source)),
        name: &album.name,
        album_type: album.album_type,
        release_date: album.release_date,
        cover_url: album.cover_url,
        upc: album.upc,
        total_tracks: album.total_tracks,
        label: album.label,
        genres: album.genres,
        isrcs: &isrcs,
    };
    let spotify_ids: Vec<&str> = arriving
        .iter()
        .filter_map(|(track, _)| Some(track.spotify_id.as_ref()?.as_str()))
        .collect();
    let candidates = albums::list_known(transaction, &row).await?;
    let candidate_ids: Vec<AlbumId> = candidates.iter().map(|album| album.id).collect();
    let tracks = tracks::list_known(transaction, &candidate_ids, &spotify_ids).await?;
    let known = candidates.into_iter().find(|candidate| {
        let its_tracks = tracks
            .iter()
            .filter(|track| track.album_id == candidate.id && !track.is_removed);
        matching::is_same_album(candidate.match_reason, arriving, its_tracks)
    });
    if let Some(known) = &known
        && known.match_reason != AlbumMatchReason::Own
    {
        // The lookup at MusicBrainz links artists of other albums. Discogs and loaded albums may get none.
        let discogs_id = album_links::find_own(transaction, known.id, Source::Discogs).await?;
        if album.source == Source::Discogs
            || discogs_id.is_some()
            || loaded_releases::is_loaded(transaction, known.id).await?
        {
            artists.merge_with_known(transaction, known.id, album).await?;
            row.artist_id = artists.first;
        }
    }
    let (id, is_changed) = albums::upsert(transaction, known.as_ref(), &row).await?;
    upsert_links(transaction, id, album, requested_id).await?;
    let own_id = (album.source == Source::Spotify).then_some(album.id);
    let known_id = known.as_ref().and_then(|known| known.spotify_id.as_deref());
    Ok(StoredAlbum {
        id,
        is_changed,
        leading_id: known_id.into_iter().chain(own_id).min().map(str::to_owned),
        leads: known.is_none_or(|known| known.arrival_leads),
        source: album.source,
        tracks,
    })
}

async fn upsert_links(
    transaction: &Client<'_>,
    id: AlbumId,
    album: &ArrivingAlbum<'_>,
    requested_id: &str,
) -> Result<(), tokio_postgres::Error> {
    let requested = (requested_id != album.id).then_some((album.source, requested_id, MatchMethod::Link));
    let stated = album
        .spotify_ids
        .iter()
        .map(|id| (Source::Spotify, id.as_str(), MatchMethod::Link));
    let own = (album.source, album.id, MatchMethod::Own);
    for (source, source_id, matched_by) in std::iter::once(own).chain(requested).chain(stated) {
        album_links::upsert(transaction, id, source, source_id, matched_by, 1.0).await?;
    }
    Ok(())
}
