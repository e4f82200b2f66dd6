//! Writes an album as Spotify has it, in one transaction whose number of statements does not grow with the number of
//! tracks, and locks rows in one order: artists, albums, normalized tracks, tracks. Fetching it stays out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use shared::credits::{MatchMethod, Source};
use shared::db::Client;
use shared::ids::{AlbumId, ArtistId, NormalizedTrackId, SpotifyAlbumId, SpotifyArtistId, TrackId};
use shared::messages::Envelope;
use shared::outgoing;
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::outgoing_messages::Written;
use shared::store::tracks::{Arrival, Known, Link, Part};
use shared::store::{
    albums, artists, credit_overrides, normalized_tracks, statistics, track_producers, tracks,
};
use shared::titles;
use shared::upstreams::spotify::{Album, AlbumTrack, ArtistRef};

use super::finished;
use super::matching::{self, Titled};

/// Spotify's artist that stands for many on a compilation.
const VARIOUS_ARTISTS: &str = "0LyfQWJT6nXafLPZqxe9Of";

/// Writes an album as Spotify has it, with what comes next; the messages are to be sent after the commit. The same album
/// again changes nothing but the work tables. `asked_id` is the id it was asked by, which can be another than its own.
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
    let named = Named::keep(transaction, album).await?;
    let titled = matching::titled(&album.tracks);
    let kept = keep_album(transaction, album, asked_id, &named, &titled).await?;
    let songs = Songs::keep(transaction, &titled, &named).await?;
    let (track_ids, tracks_written) =
        keep_tracks(transaction, &titled, &kept, &songs, &named).await?;
    if kept.is_changed || tracks_written > 0 {
        let before = kept
            .tracks
            .iter()
            .filter_map(|track| track.normalized_track_id);
        let touched: BTreeSet<NormalizedTrackId> =
            songs.ids.values().copied().chain(before).collect();
        let touched = Vec::from_iter(touched);
        if credit_overrides::is_any_decided(transaction, &touched).await? {
            track_producers::refresh(transaction, &track_ids).await?;
        }
        normalized_tracks::refresh(transaction, &touched).await?;
        statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    }
    let kind = envelope.message.kind();
    let lookup = Lookup::new(
        Source::Spotify,
        kind,
        asked_id,
        LookupOutcome::Found,
        looked_up_at,
    );
    lookups::upsert(transaction, &[lookup]).await?;
    let finished = finished(looked_up_at, asked_id, Some(kept.id));
    Ok(outgoing::finish(transaction, envelope, &finished).await?)
}

/// The artists an album names.
struct Named {
    ids: BTreeMap<SpotifyArtistId, ArtistId>,
    /// The first artist of the album, else of its tracks.
    first: ArtistId,
    various: Option<ArtistId>,
}

impl Named {
    async fn keep(transaction: &Client<'_>, album: &Album) -> anyhow::Result<Self> {
        let on_tracks = album.tracks.iter().flat_map(|track| &track.artists);
        let all: Vec<&ArtistRef> = album.artists.iter().chain(on_tracks).collect();
        let names: BTreeMap<SpotifyArtistId, String> = all
            .iter()
            .filter_map(|artist| Some((artist.id.clone()?, artist.name.clone())))
            .collect();
        let ids = artists::upsert_spotify(transaction, &names).await?;
        let first = all
            .iter()
            .find_map(|artist| ids.get(artist.id.as_ref()?))
            .copied()
            .with_context(|| format!("album {} names no artist with an id", album.id))?;
        let various = ids
            .iter()
            .find(|(id, _)| id.as_str() == VARIOUS_ARTISTS)
            .map(|(_, id)| *id);
        Ok(Self {
            ids,
            first,
            various,
        })
    }

    fn id(&self, artist: &ArtistRef) -> Option<ArtistId> {
        self.ids.get(artist.id.as_ref()?).copied()
    }

    /// Whose song a track is: its first main artist's, else its album's; Various Artists have none.
    fn main(&self, track: &AlbumTrack) -> Option<ArtistId> {
        track
            .artists
            .iter()
            .filter(|artist| !is_featured(artist, track))
            .find_map(|artist| self.id(artist))
            .or(Some(self.first))
            .filter(|id| Some(*id) != self.various)
    }
}

/// The album's row, and what was known of its tracks.
struct Kept {
    id: AlbumId,
    is_changed: bool,
    /// Of several Spotify albums that are one, the smallest id: what that one says holds.
    leading_id: String,
    /// Whether this is that one.
    leads: bool,
    /// The tracks of albums it might be, and of others that share an id with one of its tracks.
    tracks: Vec<Known>,
}

async fn keep_album(
    transaction: &Client<'_>,
    album: &Album,
    asked_id: &SpotifyAlbumId,
    named: &Named,
    titled: &[Titled<'_>],
) -> Result<Kept, tokio_postgres::Error> {
    let arrival = albums::Arrival {
        spotify_album_id: &album.id,
        artist_id: named.first,
        name: &album.name,
        album_type: album.album_type,
        release_date: album.release_date,
        cover_url: album.cover_url.as_deref(),
        upc: album.upc.as_ref(),
        total_tracks: album.total_tracks,
        label: album.label.as_deref(),
        genres: &album.genres,
    };
    let spotify_ids: Vec<&str> = titled.iter().map(|(track, _)| track.id.as_str()).collect();
    let candidates = albums::list_known(transaction, &arrival).await?;
    let candidate_ids: Vec<AlbumId> = candidates.iter().map(|album| album.id).collect();
    let tracks = tracks::list_known(transaction, &candidate_ids, &spotify_ids).await?;
    let found = candidates.into_iter().find(|candidate| {
        let its_tracks = tracks
            .iter()
            .filter(|track| track.album_id == candidate.id && !track.is_removed);
        candidate.is_linked || matching::is_same_tracklist(titled, its_tracks)
    });
    let known = found.as_ref().map(|album| album.id);
    let (id, is_changed) = albums::upsert(transaction, known, &arrival).await?;
    let own = (&album.id, MatchMethod::Own);
    let asked = (asked_id, MatchMethod::Link);
    for (spotify_id, matched_by) in
        [own, asked]
            .into_iter()
            .take(if asked_id == &album.id { 1 } else { 2 })
    {
        let spotify_id = spotify_id.as_str();
        albums::upsert_link(
            transaction,
            id,
            Source::Spotify,
            spotify_id,
            matched_by,
            1.0,
        )
        .await?;
    }
    let own_id = album.id.as_str();
    let leading_id = found
        .as_ref()
        .and_then(|album| album.spotify_id.as_deref())
        .map_or(own_id, |id| id.min(own_id));
    Ok(Kept {
        id,
        is_changed,
        leading_id: leading_id.to_owned(),
        leads: leading_id == own_id,
        tracks,
    })
}

/// The songs that an album's tracks are versions of.
struct Songs {
    /// Of each track in order, whose song and which.
    of_tracks: Vec<Option<(ArtistId, String)>>,
    ids: HashMap<(ArtistId, String), NormalizedTrackId>,
}

impl Songs {
    async fn keep(
        transaction: &Client<'_>,
        titled: &[Titled<'_>],
        named: &Named,
    ) -> Result<Self, tokio_postgres::Error> {
        let of_tracks: Vec<_> = titled
            .iter()
            .map(|(track, title)| Some((named.main(track)?, title.key.clone())))
            .collect();
        let distinct: BTreeSet<_> = of_tracks.iter().flatten().cloned().collect();
        let ids = normalized_tracks::upsert(transaction, &Vec::from_iter(distinct)).await?;
        Ok(Self { of_tracks, ids })
    }
}

/// Gives our ids of the tracks in order, and how many rows were written for them and their artists.
async fn keep_tracks(
    transaction: &Client<'_>,
    titled: &[Titled<'_>],
    kept: &Kept,
    songs: &Songs,
    named: &Named,
) -> Result<(Vec<TrackId>, u64), tokio_postgres::Error> {
    let matches = matching::match_tracks(titled, &kept.tracks, kept.id, &kept.leading_id);
    if !matches.outdone.is_empty() {
        tracks::clear_spotify_ids(transaction, &matches.outdone).await?;
    }
    let arrivals = arrivals(titled, songs, &matches);
    let (ids, mut written) = tracks::upsert(
        transaction,
        kept.id,
        &arrivals,
        kept.leads,
        &matches.unmatched,
    )
    .await?;

    let (mut led, mut parts, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (((track, _), id), arrival) in titled.iter().zip(&ids).zip(&arrivals) {
        if arrival.leads {
            led.push(*id);
            parts.extend(parts_of(*id, track, named));
        }
        links.push(Link {
            track_id: *id,
            source_id: track.id.to_string(),
            matched_by: MatchMethod::Own,
            match_score: 1.0,
        });
    }
    written += tracks::replace_parts(transaction, &led, &parts).await?;
    tracks::upsert_links(transaction, Source::Spotify, &links).await?;
    Ok((ids, written))
}

fn arrivals<'a>(
    titled: &'a [Titled<'a>],
    songs: &Songs,
    matches: &matching::Matches<'_>,
) -> Vec<Arrival<'a>> {
    titled
        .iter()
        .zip(&songs.of_tracks)
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
            normalized_track_id: song.as_ref().and_then(|song| songs.ids.get(song)).copied(),
            version_kind: title.version.as_ref().map(|version| version.kind),
            version_label: title.version.as_ref().map(|version| version.label.as_str()),
        })
        .collect()
}

/// Spotify does not say who is a guest; the title does. The first artist never is.
fn is_featured(artist: &ArtistRef, track: &AlbumTrack) -> bool {
    track.artists.first().is_some_and(|first| first != artist)
        && titles::features(&track.name, &artist.name)
}

fn parts_of(track_id: TrackId, track: &AlbumTrack, named: &Named) -> Vec<Part> {
    let mut seen = HashSet::new();
    track
        .artists
        .iter()
        .zip(1_i16..)
        .filter_map(|(artist, position)| {
            Some(Part {
                track_id,
                position,
                artist_id: named.id(artist)?,
                featured: is_featured(artist, track),
            })
        })
        .filter(|part| seen.insert(part.artist_id))
        .collect()
}
