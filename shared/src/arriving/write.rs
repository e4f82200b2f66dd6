//! Writes an album as its source has it, in one transaction whose number of statements does not grow with the number of
//! tracks, and locks rows in one order: artists, albums, normalized tracks, tracks. Fetching it stays out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::credits::{MatchMethod, Source};
use crate::db::Client;
use crate::ids::{AlbumId, ArtistId, ArtistMbid, Isrc, NormalizedTrackId, SpotifyArtistId, TrackId};
use crate::names;
use crate::store::albums::AlbumMatchReason;
use crate::store::tracks::{KnownTrack, SourceTrack, TrackArtistRow, TrackLink};
use crate::store::{
    albums, artists, credit_overrides, loaded_releases, normalized_tracks, statistics, track_producers,
    tracks,
};
use anyhow::Context as _;

use super::matching::{self, Titled};
use super::{ArrivingAlbum, Artist, Track};

/// Writes an album; gives our id of it. The same album again writes nothing. `asked_id` is the id it was asked by, which
/// can be another than its own.
///
/// # Errors
/// The database's, and an album without any artist.
pub async fn write(
    transaction: &Client<'_>,
    asked_id: &str,
    album: &ArrivingAlbum<'_>,
) -> anyhow::Result<AlbumId> {
    let mut named = Named::keep(transaction, album).await?;
    let titled = matching::titled(&album.tracks);
    let kept = keep_album(transaction, album, asked_id, &mut named, &titled).await?;
    // Who does not lead changes no track's song, and a song without tracks is none.
    let leads = kept.leads || album.source == Source::Spotify;
    let songs = Songs::keep(transaction, &titled, &named, leads).await?;
    let (track_ids, tracks_written) = keep_tracks(transaction, &titled, &kept, &songs, &named).await?;
    if kept.is_changed || tracks_written > 0 {
        let before = kept.tracks.iter().filter_map(|track| track.normalized_track_id);
        let touched: BTreeSet<NormalizedTrackId> = songs.ids.values().copied().chain(before).collect();
        let touched = Vec::from_iter(touched);
        if credit_overrides::has_any(transaction, &touched).await? {
            track_producers::refresh(transaction, &track_ids).await?;
        }
        normalized_tracks::refresh(transaction, &touched).await?;
        statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    }
    Ok(kept.id)
}

/// The artists an album names.
struct Named {
    /// By their ids in the source.
    ids: BTreeMap<String, ArtistId>,
    /// The first artist of the album, else of its tracks.
    first: ArtistId,
    /// Those who stand for many or for nobody.
    nobodies: BTreeSet<ArtistId>,
}

impl Named {
    async fn keep(transaction: &Client<'_>, album: &ArrivingAlbum<'_>) -> anyhow::Result<Self> {
        let on_tracks = album.tracks.iter().flat_map(|track| &track.artists);
        let all: Vec<&Artist> = album.artists.iter().chain(on_tracks).collect();
        let names = all
            .iter()
            .filter_map(|artist| Some((artist.id.clone()?, artist.name.clone())))
            .collect();
        let ids = upsert(transaction, album.source, names).await?;
        let id = |artist: &Artist| ids.get(artist.id.as_ref()?).copied();
        let first = all
            .iter()
            .find_map(|artist| id(artist))
            .with_context(|| format!("album {} names no artist with an id", album.id))?;
        let nobodies = all.iter().filter(|artist| artist.is_special);
        let nobodies = nobodies.filter_map(|artist| id(artist)).collect();
        Ok(Self { ids, first, nobodies })
    }

    fn id(&self, artist: &Artist) -> Option<ArtistId> {
        self.ids.get(artist.id.as_ref()?).copied()
    }

    /// Makes one of those who are on an album of ours and those whom another source names on the same album by the same
    /// name, where no source tells them apart.
    async fn join(
        &mut self,
        transaction: &Client<'_>,
        known: AlbumId,
        album: &ArrivingAlbum<'_>,
    ) -> Result<(), tokio_postgres::Error> {
        let ours = artists::list_on_album(transaction, known).await?;
        let on_tracks = album.tracks.iter().flat_map(|track| &track.artists);
        let arriving: BTreeMap<&str, &Artist> = album
            .artists
            .iter()
            .chain(on_tracks)
            .filter_map(|artist| Some((artist.id.as_deref()?, artist)))
            .collect();
        for (source_id, artist) in arriving {
            let Some(&id) = self.ids.get(source_id) else {
                continue;
            };
            let mut same = ours
                .iter()
                .filter(|(_, name)| names::is_same_name(name, &artist.name));
            let (Some((other, _)), None) = (same.next(), same.next()) else {
                continue;
            };
            if *other == id || artists::are_distinct(transaction, *other, id).await? {
                continue;
            }
            let (kept, gone) = (id.min(*other), id.max(*other));
            artists::merge(transaction, kept, gone).await?;
            for ours in self.ids.values_mut().chain([&mut self.first]) {
                if *ours == gone {
                    *ours = kept;
                }
            }
            if self.nobodies.remove(&gone) {
                self.nobodies.insert(kept);
            }
        }
        Ok(())
    }

    /// Whose song a track is: its first main artist's, else its album's; Various Artists and the like have none.
    fn main(&self, track: &Track) -> Option<ArtistId> {
        track
            .artists
            .iter()
            .filter(|artist| !artist.is_featured)
            .find_map(|artist| self.id(artist))
            .or(Some(self.first))
            .filter(|id| !self.nobodies.contains(id))
    }
}

/// Our ids of artists that a source named, by their ids there.
async fn upsert(
    transaction: &Client<'_>,
    source: Source,
    names: BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, ArtistId>> {
    fn written<T: Into<String>>(ids: BTreeMap<T, ArtistId>) -> BTreeMap<String, ArtistId> {
        ids.into_iter().map(|(id, ours)| (id.into(), ours)).collect()
    }
    fn read<T: TryFrom<String> + Ord>(
        names: BTreeMap<String, String>,
    ) -> Result<BTreeMap<T, String>, T::Error> {
        names
            .into_iter()
            .map(|(id, name)| Ok((id.try_into()?, name)))
            .collect()
    }
    Ok(match source {
        Source::MusicBrainz => {
            written(artists::upsert_musicbrainz(transaction, &read::<ArtistMbid>(names)?).await?)
        }
        Source::Discogs => artists::upsert_discogs(transaction, &names).await?,
        _ => written(artists::upsert_spotify(transaction, &read::<SpotifyArtistId>(names)?).await?),
    })
}

/// The album's row, and what was known of its tracks.
struct Kept {
    id: AlbumId,
    is_changed: bool,
    /// Of several Spotify albums that are one, the smallest id: what that one says holds.
    leading_id: Option<String>,
    /// Whether what arrives leads.
    leads: bool,
    /// Whose record arrives.
    source: Source,
    /// The tracks of albums it might be, and of others that share an id with one of its tracks.
    tracks: Vec<KnownTrack>,
}

async fn keep_album(
    transaction: &Client<'_>,
    album: &ArrivingAlbum<'_>,
    asked_id: &str,
    named: &mut Named,
    titled: &[Titled<'_>],
) -> Result<Kept, tokio_postgres::Error> {
    let isrcs: BTreeSet<&Isrc> = titled
        .iter()
        .filter_map(|(track, _)| track.isrc.as_ref())
        .collect();
    let isrcs = Vec::from_iter(isrcs);
    let mut arrival = albums::SourceAlbum {
        source: album.source,
        source_id: album.id,
        stated_spotify_ids: album.spotify_ids,
        artist_id: named.first,
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
    let spotify_ids: Vec<&str> = titled
        .iter()
        .filter_map(|(track, _)| Some(track.spotify_id.as_ref()?.as_str()))
        .collect();
    let candidates = albums::list_known(transaction, &arrival).await?;
    let candidate_ids: Vec<AlbumId> = candidates.iter().map(|album| album.id).collect();
    let tracks = tracks::list_known(transaction, &candidate_ids, &spotify_ids).await?;
    let found = candidates.into_iter().find(|candidate| {
        let its_tracks = tracks
            .iter()
            .filter(|track| track.album_id == candidate.id && !track.is_removed);
        matching::is_same_album(candidate.match_reason, titled, its_tracks)
    });
    if let Some(known) = found
        .as_ref()
        .filter(|known| known.match_reason != AlbumMatchReason::Own)
    {
        // Whoever asks MusicBrainz is told whose artist is whose; of Discogs', and of what a dump brought, nobody asks.
        let of_discogs = albums::find_own(transaction, known.id, Source::Discogs).await?;
        if album.source == Source::Discogs
            || of_discogs.is_some()
            || loaded_releases::is_loaded(transaction, known.id).await?
        {
            named.join(transaction, known.id, album).await?;
            arrival.artist_id = named.first;
        }
    }
    let (id, is_changed) = albums::upsert(transaction, found.as_ref(), &arrival).await?;
    keep_links(transaction, id, album, asked_id).await?;
    let own_id = (album.source == Source::Spotify).then_some(album.id);
    let known_id = found.as_ref().and_then(|album| album.spotify_id.as_deref());
    Ok(Kept {
        id,
        is_changed,
        leading_id: known_id.into_iter().chain(own_id).min().map(str::to_owned),
        leads: found.is_none_or(|album| album.arrival_leads),
        source: album.source,
        tracks,
    })
}

async fn keep_links(
    transaction: &Client<'_>,
    id: AlbumId,
    album: &ArrivingAlbum<'_>,
    asked_id: &str,
) -> Result<(), tokio_postgres::Error> {
    let asked = (asked_id != album.id).then_some((album.source, asked_id, MatchMethod::Link));
    let stated = album
        .spotify_ids
        .iter()
        .map(|id| (Source::Spotify, id.as_str(), MatchMethod::Link));
    let own = (album.source, album.id, MatchMethod::Own);
    for (source, source_id, matched_by) in std::iter::once(own).chain(asked).chain(stated) {
        albums::upsert_link(transaction, id, source, source_id, matched_by, 1.0).await?;
    }
    Ok(())
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
        leads: bool,
    ) -> Result<Self, tokio_postgres::Error> {
        let song = |(track, title): &Titled<'_>| {
            let artist = named.main(track).filter(|_| leads)?;
            Some((artist, title.key.clone()))
        };
        let of_tracks: Vec<_> = titled.iter().map(song).collect();
        let distinct: BTreeSet<_> = of_tracks.iter().flatten().cloned().collect();
        let ids = normalized_tracks::upsert(transaction, &Vec::from_iter(distinct)).await?;
        Ok(Self { of_tracks, ids })
    }
}

/// Gives our ids of the tracks, and how many rows were written for them and their artists.
async fn keep_tracks(
    transaction: &Client<'_>,
    titled: &[Titled<'_>],
    kept: &Kept,
    songs: &Songs,
    named: &Named,
) -> Result<(Vec<TrackId>, u64), tokio_postgres::Error> {
    let leading_id = kept.leading_id.as_deref();
    let matches = matching::match_tracks(titled, &kept.tracks, kept.id, leading_id);
    if !matches.outdone.is_empty() {
        tracks::clear_spotify_ids(transaction, &matches.outdone).await?;
    }
    let (kept_tracks, arrivals): (Vec<&Track>, Vec<SourceTrack<'_>>) =
        arrivals(titled, songs, &matches, kept).into_iter().unzip();
    let (ids, mut written) =
        tracks::upsert(transaction, kept.id, &arrivals, kept.leads, &matches.unmatched).await?;

    let (mut led, mut parts, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for ((track, id), arrival) in kept_tracks.into_iter().zip(&ids).zip(&arrivals) {
        if arrival.leads {
            led.push(*id);
            parts.extend(parts_of(*id, track, named, kept.source));
        }
        links.extend(track.spotify_id.as_ref().map(|spotify_id| TrackLink {
            track_id: *id,
            source_id: spotify_id.to_string(),
            matched_by: MatchMethod::Own,
            match_score: 1.0,
        }));
    }
    written += tracks::replace_artists(transaction, &led, &parts).await?;
    tracks::upsert_links(transaction, Source::Spotify, &links).await?;
    Ok((ids, written))
}

/// The tracks to keep. Of an album that Spotify tells, another source adds no tracks to those.
fn arrivals<'a>(
    titled: &'a [Titled<'a>],
    songs: &Songs,
    matches: &matching::Matches<'_>,
    kept: &Kept,
) -> Vec<(&'a Track, SourceTrack<'a>)> {
    titled
        .iter()
        .zip(&songs.of_tracks)
        .zip(&matches.known)
        .filter(|(((track, _), _), known)| track.spotify_id.is_some() || kept.leads || known.is_some())
        .map(|(((track, title), song), known)| {
            let arrival = SourceTrack {
                known: known.map(|known| known.id),
                leads: match &track.spotify_id {
                    Some(id) => known
                        .and_then(|known| known.spotify_id.as_deref())
                        .is_none_or(|known| id.as_str() <= known),
                    None => kept.leads,
                },
                spotify_id: track
                    .spotify_id
                    .as_ref()
                    .filter(|id| !matches.taken.contains(id.as_str())),
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
            (*track, arrival)
        })
        .collect()
}

fn parts_of<'a>(
    track_id: TrackId,
    track: &'a Track,
    named: &Named,
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
                artist_id: named.id(artist)?,
                featured: artist.is_featured,
                stated_name: stated_name(artist, source),
            })
        })
        .filter(|part| seen.insert(part.artist_id))
        .collect()
}

/// What a record calls an artist, where the source's records differ in that.
pub(crate) fn stated_name(artist: &Artist, source: Source) -> Option<&str> {
    has_stated_names(source).then_some(artist.name.as_str())
}

/// Whether a source's records call one artist differently. Those of the others have one name of each.
pub(crate) fn has_stated_names(source: Source) -> bool {
    source == Source::Discogs
}
