//! Decides what an arriving album becomes, given what is stored that it may be: which album it is, whose
//! value each field gets, and which song each track is a version of. Pure. Online imports and loads call it
//! alike; they differ in where the known albums come from and in how the rows are written.
//!
//! One record leads an album: that of the smallest Spotify id, otherwise the smallest record of the source,
//! so that the stored rows do not depend on the order of arrival. It states the names, artists and songs. Of
//! the other facts, one that the leading record leaves out comes from the records before.

use std::borrow::Cow;
use std::collections::HashSet;

use super::album::{ArrivingAlbum, Artist, Track};
use super::matching::{self, TrackMatches};
use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, TrackId};
use crate::store::catalog::known_albums::{AlbumMatchReason, KnownAlbum, KnownAlbums};
use crate::store::catalog::tracks::KnownTrack;

/// What an arriving album becomes.
pub struct AlbumPlan<'a> {
    /// The stored album that it is; `None` if it is new.
    pub known: Option<&'a KnownAlbum>,
    /// Another album that had its record and loses it.
    pub former_album: Option<AlbumId>,
    /// Whether its record leads.
    pub leads: bool,
    /// The smallest of the album's Spotify ids.
    pub spotify_id: Option<&'a str>,
    /// The album's facts.
    pub facts: Cow<'a, AlbumFacts>,
    /// Its tracks in the order of arrival.
    pub tracks: Vec<PlannedTrack<'a>>,
    /// Stored tracks that the album no longer has.
    pub removed: Vec<&'a KnownTrack>,
    /// Tracks of other albums whose Spotify id belongs to a track of this one.
    pub losing_spotify_id: Vec<TrackId>,
}

/// What an arriving track becomes.
pub struct PlannedTrack<'a> {
    /// As it arrives.
    pub track: &'a Track,
    /// The stored track that it is.
    pub known: Option<&'a KnownTrack>,
    /// Whether its title, place, song and artists are stored; otherwise the stored ones stay.
    pub leads: bool,
    /// Its Spotify id, unless a track of another album has it.
    pub spotify_id: Option<&'a str>,
    /// Its facts.
    pub facts: Cow<'a, TrackFacts>,
    /// Whether the album does not have it any more, as far as is known.
    pub is_removed: bool,
    /// The id in the source of the artist who owns its song; `None` if it has none, or keeps the stored one.
    pub song_artist: Option<&'a str>,
}

/// Decides what an arriving album becomes.
#[must_use]
pub fn plan<'a>(arriving: &'a ArrivingAlbum, known: &'a KnownAlbums) -> AlbumPlan<'a> {
    let album = matching::same_album(arriving, known);
    let own_spotify_id = (arriving.source == Source::Spotify).then_some(arriving.id.as_str());
    let stored_spotify_id = album.and_then(|album| album.spotify_id.as_deref());
    let spotify_id = own_spotify_id.into_iter().chain(stored_spotify_id).min();
    let leads = album.is_none_or(|album| leads(arriving, album));
    let matches = matching::match_tracks(arriving, album, known, spotify_id);
    let had_record = known
        .albums
        .iter()
        .find(|known| known.former_tracklist_hash.is_some());
    let is_pressing = album.is_some_and(|album| is_further_pressing(arriving, album));
    AlbumPlan {
        known: album,
        former_album: had_record
            .map(|album| album.id)
            .filter(|id| Some(*id) != album.map(|album| album.id)),
        leads,
        spotify_id,
        facts: match album.map(|album| &album.facts) {
            Some(stored) if is_pressing => Cow::Borrowed(stored),
            stored => merge_facts(&arriving.facts, stored, leads, AlbumFacts::or),
        },
        tracks: plan_tracks(arriving, &matches, leads, is_pressing),
        removed: if leads { matches.unmatched } else { Vec::new() },
        losing_spotify_id: matches.losing_spotify_id,
    }
}

/// The facts of an arriving record and the stored ones; those of the record that leads come first.
fn merge_facts<'a, T: Clone>(
    arriving: &'a T,
    stored: Option<&T>,
    leads: bool,
    or: fn(T, T) -> T,
) -> Cow<'a, T> {
    match stored.cloned() {
        None => Cow::Borrowed(arriving),
        Some(stored) if leads => Cow::Owned(or(arriving.clone(), stored)),
        Some(stored) => Cow::Owned(or(stored, arriving.clone())),
    }
}

/// Whether the arriving record leads a known album.
fn leads(arriving: &ArrivingAlbum, album: &KnownAlbum) -> bool {
    match (arriving.source, album.spotify_id.as_deref()) {
        (Source::Spotify, smallest) => smallest.is_none_or(|smallest| arriving.id.as_str() <= smallest),
        (_, Some(_)) => false,
        (_, None) => !has_smaller_record(arriving, album),
    }
}

/// Whether a known album was imported from a smaller record of the same source.
fn has_smaller_record(arriving: &ArrivingAlbum, album: &KnownAlbum) -> bool {
    let smallest = album.first_record.as_deref();
    smallest.is_some_and(|smallest| (smallest.len(), smallest) < (arriving.id.len(), arriving.id.as_str()))
}

/// Whether an arriving Discogs release is a pressing of an album that has a smaller one. Such a release
/// changes only what [`super::pressings`] decides from all pressings of the album.
#[must_use]
pub fn is_further_pressing(arriving: &ArrivingAlbum, album: &KnownAlbum) -> bool {
    arriving.source == Source::Discogs && has_smaller_record(arriving, album)
}

/// The tracks to write. Another source adds no tracks to an album that Spotify has.
fn plan_tracks<'a>(
    arriving: &'a ArrivingAlbum,
    matches: &TrackMatches<'a>,
    album_leads: bool,
    is_pressing: bool,
) -> Vec<PlannedTrack<'a>> {
    let is_written = |(track, known): &(&'a Track, Option<&'a KnownTrack>)| {
        track.spotify_id.is_some() || album_leads || known.is_some()
    };
    let tracks = arriving.tracks.iter().zip(matches.known.iter().copied());
    tracks
        .filter(is_written)
        .map(|(track, known)| {
            let leads = match (
                &track.spotify_id,
                known.and_then(|known| known.spotify_id.as_deref()),
            ) {
                (Some(id), smallest) => smallest.is_none_or(|smallest| id.as_str() <= smallest),
                (None, _) => album_leads,
            };
            let spotify_id = track.spotify_id.as_ref().map(|id| id.as_str());
            PlannedTrack {
                track,
                known,
                leads,
                spotify_id: spotify_id.filter(|id| !matches.taken_spotify_ids.contains(id)),
                facts: match known.map(|known| &known.facts) {
                    Some(stored) if is_pressing => Cow::Borrowed(stored),
                    stored => merge_facts(&track.facts, stored, leads, TrackFacts::or),
                },
                is_removed: !album_leads && known.is_some_and(|known| known.is_removed),
                song_artist: song_artist(arriving, track).filter(|_| leads),
            }
        })
        .collect()
}

/// The artist who owns the song of a track: its first main artist, otherwise the album's first artist.
/// Various Artists and the like own no songs.
fn song_artist<'a>(album: &'a ArrivingAlbum, track: &'a Track) -> Option<&'a str> {
    let main = track.artists.iter().filter(|artist| !artist.is_featured);
    let artist = main
        .into_iter()
        .find(|artist| artist.id.is_some())
        .or_else(|| album.first_artist())
        .filter(|artist| !artist.is_special)?;
    artist.id.as_deref()
}

/// The records that an arriving album is linked to: source, id, and how it was recognised.
pub fn links(arriving: &ArrivingAlbum) -> impl Iterator<Item = (Source, &str, MatchMethod)> {
    let own = (arriving.source, arriving.id.as_str(), MatchMethod::Own);
    let stated = arriving.spotify_ids.iter();
    let stated = stated.map(|id| (Source::Spotify, id.as_str(), MatchMethod::Link));
    std::iter::once(own).chain(stated)
}

impl<'a> AlbumPlan<'a> {
    /// Whether the arriving album is a known one by another record, so that the two name the same artists.
    /// MusicBrainz is asked about artists of other albums; those of Discogs and of loaded albums may never
    /// be.
    #[must_use]
    pub fn shares_artists(&self, source: Source) -> bool {
        self.known.is_some_and(|known| {
            known.reason != AlbumMatchReason::Own && (source == Source::Discogs || known.is_loaded)
        })
    }
}

impl<'a> PlannedTrack<'a> {
    /// The song that it is a version of, given its album: the artist's id in the source, and the key.
    #[must_use]
    pub fn song(&self, album: AlbumId) -> Option<(&'a str, Cow<'a, str>)> {
        let key = self.track.title.song_key(album, self.track.place());
        Some((self.song_artist?, key))
    }

    /// The artists that a row is written for, with their places in the credit: each that `find` finds, once.
    pub fn artists<T: Eq + std::hash::Hash + Copy>(
        &self,
        find: impl Fn(&str) -> Option<T>,
    ) -> impl Iterator<Item = (i16, T, &Artist)> {
        let mut seen = HashSet::new();
        let artists = (1_i16..).zip(&self.track.artists);
        artists.filter_map(move |(position, artist)| {
            let id = find(artist.id.as_deref()?)?;
            seen.insert(id).then_some((position, id, artist))
        })
    }
}
