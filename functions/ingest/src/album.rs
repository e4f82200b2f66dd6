//! An album with all its tracks: fetched, then written in one transaction whose number of statements does not grow with
//! the number of tracks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use shared::budgets::Bucket;
use shared::credits::{MatchMethod, Source};
use shared::db::Client;
use shared::ids::{AlbumId, ArtistId, NormalizedTrackId, SpotifyAlbumId, SpotifyArtistId, TrackId};
use shared::messages::{Envelope, Message, Outcome};
use shared::outgoing::{self, Finished};
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::outgoing_messages::Written;
use shared::store::tracks::{Arrival, Known, Link, Part};
use shared::store::{albums, artists, normalized_tracks, statistics, tracks};
use shared::titles::{self, Title};
use shared::upstreams::spotify::{Album, AlbumTrack, ArtistRef};

use crate::Work;

/// Spotify's artist that stands for many on a compilation.
const VARIOUS_ARTISTS: &str = "0LyfQWJT6nXafLPZqxe9Of";

pub(crate) async fn handle(work: &Work<'_>, id: &SpotifyAlbumId) -> anyhow::Result<Outcome> {
    let kind = work.envelope.message.kind();
    let (fresh, known) = {
        let client = work.context.pool.client().await?;
        let fresh = lookups::find_fresh(
            &client,
            Source::Spotify,
            kind,
            id.as_str(),
            work.envelope.fresh_after,
        )
        .await?;
        (fresh, albums::find_by_spotify_id(&client, id).await?)
    };
    if let Some(lookup) = fresh {
        let known = known.filter(|_| lookup.outcome == LookupOutcome::Found);
        return work.finish(&finished(lookup.looked_up_at, id, known)).await;
    }

    let looked_up_at = Utc::now();
    let album = work
        .context
        .budgets
        .spend(Bucket::SpotifyAlbums, work.deadline, || {
            work.spotify.fetch_album(id)
        })
        .await?;
    let Some(mut album) = album else {
        {
            let client = work.context.pool.client().await?;
            lookups::upsert(
                &client,
                &[Lookup::new(
                    Source::Spotify,
                    kind,
                    id,
                    LookupOutcome::NotFound,
                    looked_up_at,
                )],
            )
            .await?;
        }
        return work.finish(&finished(looked_up_at, id, None)).await;
    };
    while let Some(offset) = album.next_track_offset {
        let page = work
            .context
            .budgets
            .spend(Bucket::SpotifyAlbums, work.deadline, || {
                work.spotify.fetch_album_tracks(id, offset)
            })
            .await?;
        let page = page.with_context(|| format!("album {id} has no page of tracks at {offset}"))?;
        album.tracks.extend(page.tracks);
        album.next_track_offset = page.next_offset;
    }

    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let written = write(&transaction, work.envelope, id, &album, looked_up_at).await?;
    transaction.commit().await?;
    drop(client);
    work.context
        .queues
        .send_written(&work.context.pool, &written)
        .await?;
    Ok(Outcome::Done)
}

fn finished(looked_up_at: DateTime<Utc>, id: &SpotifyAlbumId, known: Option<AlbumId>) -> Finished {
    match known {
        Some(album_id) => Finished::done(looked_up_at, vec![Message::IdentifyAlbum { album_id }]),
        None => Finished::failed(
            looked_up_at,
            &format!(
                "Spotify knows no album {id} in this market: check the link, or SPOTIFY_MARKET"
            ),
        ),
    }
}

/// Writes an album as Spotify has it, with what comes next; the messages are to be sent after the commit. The same album
/// again changes nothing but the work tables.
///
/// # Errors
/// The database's, and an album without any artist.
pub async fn write(
    transaction: &Client<'_>,
    envelope: &Envelope,
    asked_id: &SpotifyAlbumId,
    album: &Album,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Vec<Written>> {
    let artist_ids = artists::upsert_spotify(transaction, &named_artists(album)).await?;
    let id_of = |artist: &ArtistRef| {
        artist
            .id
            .as_ref()
            .and_then(|id| artist_ids.get(id))
            .copied()
    };
    let artist_id = album
        .artists
        .iter()
        .chain(album.tracks.iter().flat_map(|track| &track.artists))
        .find_map(id_of)
        .with_context(|| format!("album {} names no artist with an id", album.id))?;
    let various = VARIOUS_ARTISTS
        .parse()
        .ok()
        .and_then(|id: SpotifyArtistId| artist_ids.get(&id).copied());

    let arrival = albums::Arrival {
        spotify_album_id: &album.id,
        artist_id,
        name: &album.name,
        album_type: album.album_type,
        release_date: album.release_date,
        cover_url: album.cover_url.as_deref(),
        upc: album.upc.as_ref(),
        total_tracks: album.total_tracks,
        label: album.label.as_deref(),
        genres: &album.genres,
    };
    let titled: Vec<(&AlbumTrack, Title)> = distinct(&album.tracks)
        .map(|track| (track, titles::read(&track.name)))
        .collect();
    let spotify_ids: Vec<&str> = titled.iter().map(|(track, _)| track.id.as_str()).collect();
    let candidates = albums::list_known(transaction, &arrival).await?;
    let candidate_ids: Vec<AlbumId> = candidates.iter().map(|album| album.id).collect();
    let known_tracks = tracks::list_known(transaction, &candidate_ids, &spotify_ids).await?;
    let found = candidates.into_iter().find(|candidate| {
        let its_tracks = known_tracks
            .iter()
            .filter(|track| track.album_id == candidate.id && !track.is_removed);
        candidate.is_linked || is_same_tracklist(&titled, its_tracks)
    });
    let (album_id, album_changed) =
        albums::upsert(transaction, found.as_ref().map(|album| album.id), &arrival).await?;
    albums::upsert_link(
        transaction,
        album_id,
        Source::Spotify,
        album.id.as_str(),
        MatchMethod::Own,
        1.0,
    )
    .await?;
    if asked_id != &album.id {
        albums::upsert_link(
            transaction,
            album_id,
            Source::Spotify,
            asked_id.as_str(),
            MatchMethod::Link,
            1.0,
        )
        .await?;
    }

    let main_artist = |track: &AlbumTrack| {
        track
            .artists
            .iter()
            .filter(|artist| !is_featured(artist, track))
            .find_map(id_of)
            .or(Some(artist_id))
            .filter(|id| Some(*id) != various)
    };
    let songs: Vec<Option<(ArtistId, String)>> = titled
        .iter()
        .map(|(track, title)| main_artist(track).map(|artist| (artist, title.key.clone())))
        .collect();
    let distinct_songs: Vec<_> = songs
        .iter()
        .flatten()
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let song_ids = normalized_tracks::upsert(transaction, &distinct_songs).await?;

    // Of several Spotify albums that are one, the one with the smallest id leads.
    let leading_id = found
        .as_ref()
        .and_then(|album| album.spotify_id.as_deref())
        .map_or(album.id.as_str(), |id| id.min(album.id.as_str()));
    let matches = match_tracks(&titled, &known_tracks, album_id, leading_id);
    if !matches.outdone.is_empty() {
        tracks::clear_spotify_ids(transaction, &matches.outdone).await?;
    }
    let arrivals: Vec<Arrival<'_>> = titled
        .iter()
        .zip(&songs)
        .zip(&matches.known)
        .map(|(((track, title), song), known)| Arrival {
            known: known.map(|known| known.id),
            leads: known
                .and_then(|known| known.spotify_id.as_deref())
                .is_none_or(|id| track.id.as_str() <= id),
            spotify_id: (!matches.taken.contains(track.id.as_str())).then_some(&track.id),
            name: &track.name,
            disc_number: track.disc_number,
            track_number: track.track_number,
            duration_ms: track.duration_ms,
            preview_url: track.preview_url.as_deref(),
            normalized_track_id: song.as_ref().and_then(|song| song_ids.get(song)).copied(),
            version_kind: title.version.as_ref().map(|version| version.kind),
            version_label: title.version.as_ref().map(|version| version.label.as_str()),
        })
        .collect();
    // Only the leading one says what is gone.
    let leads = leading_id == album.id.as_str();
    let (track_ids, tracks_written) =
        tracks::upsert(transaction, album_id, &arrivals, leads, &matches.unmatched).await?;

    let mut parts = Vec::new();
    for (((track, _), id), arrival) in titled.iter().zip(&track_ids).zip(&arrivals) {
        if arrival.leads {
            parts.extend(parts_of(*id, track, id_of));
        }
    }
    let led: Vec<TrackId> = track_ids
        .iter()
        .zip(&arrivals)
        .filter(|(_, arrival)| arrival.leads)
        .map(|(id, _)| *id)
        .collect();
    let parts_written = tracks::replace_parts(transaction, &led, &parts).await?;
    let links: Vec<Link> = titled
        .iter()
        .zip(&track_ids)
        .map(|((track, _), id)| Link {
            track_id: *id,
            source_id: track.id.to_string(),
            matched_by: MatchMethod::Own,
            match_score: 1.0,
        })
        .collect();
    tracks::upsert_links(transaction, Source::Spotify, &links).await?;

    if album_changed || tracks_written > 0 || parts_written > 0 {
        let before = known_tracks
            .iter()
            .filter_map(|track| track.normalized_track_id);
        let touched: Vec<NormalizedTrackId> = song_ids
            .values()
            .copied()
            .chain(before)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        normalized_tracks::refresh(transaction, &touched).await?;
        statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    }
    lookups::upsert(
        transaction,
        &[Lookup::new(
            Source::Spotify,
            envelope.message.kind(),
            asked_id,
            LookupOutcome::Found,
            looked_up_at,
        )],
    )
    .await?;
    Ok(outgoing::finish(
        transaction,
        envelope,
        &finished(looked_up_at, asked_id, Some(album_id)),
    )
    .await?)
}

fn named_artists(album: &Album) -> BTreeMap<SpotifyArtistId, String> {
    album
        .artists
        .iter()
        .chain(album.tracks.iter().flat_map(|track| &track.artists))
        .filter_map(|artist| Some((artist.id.clone()?, artist.name.clone())))
        .collect()
}

/// The tracks, each once: pages overlap when an album changes between them.
fn distinct(tracks: &[AlbumTrack]) -> impl Iterator<Item = &AlbumTrack> {
    let mut seen = HashSet::new();
    tracks.iter().filter(move |track| seen.insert(&track.id))
}

/// Whether a known album with an equal barcode and track count has the same songs in the same places.
fn is_same_tracklist<'a>(
    titled: &[(&AlbumTrack, Title)],
    known: impl Iterator<Item = &'a Known>,
) -> bool {
    let known: HashMap<(i16, i32), String> = known
        .map(|track| {
            (
                (track.disc_number, track.track_number),
                titles::read(&track.name).key,
            )
        })
        .collect();
    known.len() == titled.len()
        && titled.iter().all(|(track, title)| {
            known
                .get(&(track.disc_number, track.track_number))
                .is_some_and(|key| *key == title.key)
        })
}

struct Matches<'a> {
    /// The track of ours that each arrival is, in their order.
    known: Vec<Option<&'a Known>>,
    /// The album's tracks on Spotify that nothing which arrived is.
    unmatched: Vec<TrackId>,
    /// Spotify ids of tracks of albums that come before this one.
    taken: HashSet<&'a str>,
    /// Tracks of albums after this one that have an id which is this album's.
    outdone: Vec<TrackId>,
}

/// By Spotify id, else by the same song in the same place: Spotify gives tracks new ids. A track can be on two albums under
/// one id; the album that comes first has it.
fn match_tracks<'a>(
    titled: &[(&AlbumTrack, Title)],
    known: &'a [Known],
    album_id: AlbumId,
    leading_id: &str,
) -> Matches<'a> {
    let (ours, others): (Vec<&Known>, Vec<&Known>) =
        known.iter().partition(|track| track.album_id == album_id);
    let arriving: HashSet<&str> = titled.iter().map(|(track, _)| track.id.as_str()).collect();
    let (before, after): (Vec<&Known>, Vec<&Known>) = others.into_iter().partition(|track| {
        track
            .spotify_album_id
            .as_deref()
            .is_some_and(|id| id < leading_id)
    });
    let mut unmatched: BTreeMap<TrackId, &Known> =
        ours.iter().map(|track| (track.id, *track)).collect();
    let by_id: HashMap<&str, &Known> = ours
        .iter()
        .flat_map(|track| track.spotify_ids.iter().map(|id| (id.as_str(), *track)))
        .collect();
    let mut matched: Vec<Option<&Known>> = titled
        .iter()
        .map(|(track, _)| {
            by_id
                .get(track.id.as_str())
                .copied()
                .filter(|known| unmatched.remove(&known.id).is_some())
        })
        .collect();
    for ((track, title), slot) in titled
        .iter()
        .zip(&mut matched)
        .filter(|(_, slot)| slot.is_none())
    {
        let same = unmatched.values().find(|known| {
            (known.disc_number, known.track_number) == (track.disc_number, track.track_number)
                && titles::read(&known.name).key == title.key
        });
        if let Some(known) = same.copied() {
            unmatched.remove(&known.id);
            *slot = Some(known);
        }
    }
    Matches {
        known: matched,
        unmatched: unmatched
            .into_values()
            .filter(|track| !track.spotify_ids.is_empty())
            .map(|track| track.id)
            .collect(),
        taken: before
            .iter()
            .flat_map(|track| track.spotify_ids.iter().map(String::as_str))
            .collect(),
        outdone: after
            .iter()
            .filter(|track| {
                track
                    .spotify_id
                    .as_deref()
                    .is_some_and(|id| arriving.contains(id))
            })
            .map(|track| track.id)
            .collect(),
    }
}

/// Spotify does not say who is a guest; the title does. The first artist never is.
fn is_featured(artist: &ArtistRef, track: &AlbumTrack) -> bool {
    track.artists.first().is_some_and(|first| first != artist)
        && titles::features(&track.name, &artist.name)
}

fn parts_of(
    track_id: TrackId,
    track: &AlbumTrack,
    id_of: impl Fn(&ArtistRef) -> Option<ArtistId>,
) -> Vec<Part> {
    let mut seen = HashSet::new();
    track
        .artists
        .iter()
        .zip(1_i16..)
        .filter_map(|(artist, position)| {
            Some(Part {
                track_id,
                position,
                artist_id: id_of(artist)?,
                featured: is_featured(artist, track),
            })
        })
        .filter(|part| seen.insert(part.artist_id))
        .collect()
}
