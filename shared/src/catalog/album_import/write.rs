//! Writes an arriving album in one transaction, as [`plan()`] decides. The number of statements does not
//! grow with the number of tracks, and rows are locked in one order: artists, albums, normalized tracks,
//! tracks.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::album::{ArrivingAlbum, has_stated_names};
use super::artists::AlbumArtists;
use super::plan::{AlbumPlan, PlannedTrack, links, plan};
use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, AlbumChange, AlbumHeading};
use crate::store::catalog::known_albums;
use crate::store::catalog::track_artists::{self, TrackArtistRow};
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::catalog::tracks::{self, TrackChange, TrackHeading};
use crate::store::catalog::{album_links, normalized_tracks, pressings, stated_names};
use crate::store::credits::early_records::{self, DatedRecord};
use crate::store::credits::{credit_overrides, track_producers};
use crate::store::producers::statistics;

/// A written album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenAlbum {
    /// Our id.
    pub id: AlbumId,
    /// Another album that had the record before and has to be detached from it.
    pub former_album: Option<AlbumId>,
    /// Ids that the album named before and to which the records of its source give several names.
    pub contested_ids: BTreeSet<String>,
}

/// Writes an album. Unchanged input writes nothing. `requested_id` is the id that was asked for, which can
/// differ from the album's own id in the source.
///
/// # Errors
/// Fails if neither the album nor a track names an artist with an id.
pub async fn write(
    transaction: &Client<'_>,
    requested_id: &str,
    album: &ArrivingAlbum,
) -> anyhow::Result<WrittenAlbum> {
    let mut artists = AlbumArtists::upsert(transaction, album).await?;
    let known = known_albums::list(transaction, album.source, &[album.keys()]).await?;
    let known = known.into_iter().next().context("no answer for the album")?;
    let plan = plan(album, &known);
    let mut contested_ids = BTreeSet::new();
    if let Some(known) = plan.known {
        if plan.shares_artists(album.source) {
            artists.merge_with_known(transaction, known.id, album).await?;
        }
        if has_stated_names(album.source) {
            contested_ids =
                stated_names::list_contested_ids(transaction, album.source, &album.id, known.id).await?;
        }
        // The facts of a single release become those of a pressing before others replace them.
        if album.source == Source::Discogs {
            pressings::insert_single_records(transaction, &[known.id]).await?;
        }
    }
    let (id, is_changed) = write_album(transaction, album, &plan, &artists).await?;
    let requested = (album.source, requested_id, MatchMethod::Link);
    let requested = (requested_id != album.id).then_some(requested);
    let mut linked = 0;
    for (source, source_id, matched_by) in links(album).chain(requested) {
        linked += album_links::upsert(transaction, id, source, source_id, matched_by, 1.0).await?;
    }
    let songs = upsert_songs(transaction, id, &plan, &artists).await?;
    let (track_ids, written) = write_tracks(transaction, id, &plan, &songs).await?;
    let written = written + write_track_artists(transaction, album, &plan, &track_ids, &artists).await?;
    if is_changed || written > 0 {
        let stored = known
            .albums
            .iter()
            .flat_map(|album| &album.tracks)
            .chain(&known.other_tracks);
        let before = stored.filter_map(|track| track.normalized_track_id);
        let touched: BTreeSet<NormalizedTrackId> = songs.into_iter().flatten().chain(before).collect();
        let touched = Vec::from_iter(touched);
        if credit_overrides::has_any(transaction, &touched).await? {
            track_producers::refresh(transaction, &track_ids).await?;
        }
        normalized_tracks::refresh(transaction, &touched).await?;
        statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    }
    // Without a date, what is stored stays.
    if let Some(is_early) = album.is_early() {
        write_date(transaction, album, is_early, linked > 0).await?;
    }
    Ok(WrittenAlbum {
        id,
        former_album: plan.former_album,
        contested_ids,
    })
}

/// Stores whether the date of the album's record is early, and recomputes the producers for whom it matters.
async fn write_date(
    transaction: &Client<'_>,
    album: &ArrivingAlbum,
    is_early: bool,
    is_newly_linked: bool,
) -> Result<(), tokio_postgres::Error> {
    let (source, dated) = (album.source, DatedRecord::Itself);
    let is_changed = early_records::replace(transaction, source, &album.id, dated, is_early).await?;
    if is_changed || is_early && is_newly_linked {
        early_records::refresh_producers(transaction, source, std::slice::from_ref(&album.id)).await?;
    }
    Ok(())
}

/// Writes the row of the album. Returns our id and whether a row was written.
async fn write_album(
    transaction: &Client<'_>,
    album: &ArrivingAlbum,
    plan: &AlbumPlan<'_>,
    artists: &AlbumArtists,
) -> Result<(AlbumId, bool), tokio_postgres::Error> {
    let heading = AlbumHeading {
        artist_id: artists.first,
        stated_artist_name: album.first_artist().and_then(|artist| album.stated_name(artist)),
        name: &album.name,
        spotify_id: plan.spotify_id,
    };
    let Some(known) = plan.known else {
        return Ok((albums::insert(transaction, &heading, &plan.facts).await?, true));
    };
    let change = AlbumChange {
        id: known.id,
        heading: plan.leads.then_some(heading),
        facts: &plan.facts,
    };
    let written = albums::update(transaction, &[change]).await?;
    Ok((known.id, written > 0))
}

/// Writes the songs. Returns that of each track.
async fn upsert_songs(
    transaction: &Client<'_>,
    album: AlbumId,
    plan: &AlbumPlan<'_>,
    artists: &AlbumArtists,
) -> Result<Vec<Option<NormalizedTrackId>>, tokio_postgres::Error> {
    let song = |track: &PlannedTrack<'_>| {
        let (artist, key) = track.song(album)?;
        Some((artists.find(artist)?, key.into_owned()))
    };
    let songs: Vec<Option<(ArtistId, String)>> = plan.tracks.iter().map(song).collect();
    let distinct: BTreeSet<_> = songs.iter().flatten().cloned().collect();
    let ids = normalized_tracks::upsert(transaction, &Vec::from_iter(distinct)).await?;
    Ok(songs
        .iter()
        .map(|song| ids.get(song.as_ref()?).copied())
        .collect())
}

/// Writes the tracks with their links. Returns their ids in the order of arrival, and the number of rows
/// written.
async fn write_tracks(
    transaction: &Client<'_>,
    album: AlbumId,
    plan: &AlbumPlan<'_>,
    songs: &[Option<NormalizedTrackId>],
) -> Result<(Vec<TrackId>, u64), tokio_postgres::Error> {
    if !plan.losing_spotify_id.is_empty() {
        tracks::clear_spotify_ids(transaction, &plan.losing_spotify_id).await?;
    }
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (planned, song) in plan.tracks.iter().zip(songs) {
        let heading = heading(planned, *song);
        match planned.known {
            None => new.push((heading, &*planned.facts)),
            Some(known) => changed.push(TrackChange {
                id: known.id,
                heading: planned.leads.then_some(heading),
                facts: &planned.facts,
                is_removed: planned.is_removed,
            }),
        }
    }
    changed.extend(plan.removed.iter().map(|known| TrackChange {
        id: known.id,
        heading: None,
        facts: &known.facts,
        is_removed: true,
    }));
    let mut written = tracks::update(transaction, &changed).await?;
    let inserted = tracks::insert(transaction, album, &new).await?;
    written += inserted.len() as u64;
    let mut inserted = inserted.into_iter();
    let ids = plan.tracks.iter().filter_map(|track| match track.known {
        Some(known) => Some(known.id),
        None => inserted.next(),
    });
    let ids: Vec<TrackId> = ids.collect();
    let links = plan.tracks.iter().zip(&ids).filter_map(|(planned, id)| {
        Some(TrackLink {
            track_id: *id,
            source_id: planned.track.spotify_id.as_ref()?.to_string(),
            matched_by: MatchMethod::Own,
            match_score: 1.0,
        })
    });
    track_links::upsert(transaction, Source::Spotify, &Vec::from_iter(links)).await?;
    Ok((ids, written))
}

fn heading<'a>(planned: &PlannedTrack<'a>, song: Option<NormalizedTrackId>) -> TrackHeading<'a> {
    let (track, version) = (planned.track, planned.track.title.version.as_ref());
    TrackHeading {
        name: &track.name,
        disc_number: track.disc_number,
        track_number: track.track_number,
        spotify_id: planned.spotify_id,
        normalized_track_id: song,
        version_kind: version.map(|version| version.kind),
        version_label: version.map(|version| version.label.as_str()),
    }
}

/// Replaces the artists of the tracks whose record leads. Returns the number of rows written.
async fn write_track_artists(
    transaction: &Client<'_>,
    album: &ArrivingAlbum,
    plan: &AlbumPlan<'_>,
    ids: &[TrackId],
    artists: &AlbumArtists,
) -> Result<u64, tokio_postgres::Error> {
    let leading = || plan.tracks.iter().zip(ids).filter(|(planned, _)| planned.leads);
    let rows = leading().flat_map(|(planned, track_id)| {
        let its_artists = planned.artists(|id| artists.find(id));
        its_artists.map(move |(position, artist_id, artist)| TrackArtistRow {
            track_id: *track_id,
            position,
            artist_id,
            featured: artist.is_featured,
            stated_name: album.stated_name(artist),
        })
    });
    let leading: Vec<TrackId> = leading().map(|(_, id)| *id).collect();
    track_artists::replace(transaction, &leading, &Vec::from_iter(rows)).await
}
