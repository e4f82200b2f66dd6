//! An album as it arrives, whichever source brings it, online or from a dump: what a source's answer means is here,
//! `matching` recognises it and `write` writes it. Fetching and reading it stays out.

mod discogs;
mod isrcs;
mod matching;
mod write;

use std::collections::BTreeMap;

use crate::catalog::AlbumType;
use crate::credits::Source;
use crate::dates::ReleaseDate;
use crate::ids::{Isrc, RecordingMbid, SpotifyAlbumId, SpotifyTrackId, Upc};
use crate::titles;
use crate::upstreams::discogs::{self as discogs_upstream, is_special_artist};
use crate::upstreams::musicbrainz::{self, Release, ReleaseTrack};
use crate::upstreams::spotify;
pub(crate) use discogs::covered;
pub use discogs::track_positions;
pub use isrcs::IsrcCandidates;
pub(crate) use matching::titled as read_titles;
pub use write::write;
pub(crate) use write::{has_stated_names, stated_name};

/// Spotify's artist that stands for many on a compilation.
const VARIOUS_ARTISTS: &str = "0LyfQWJT6nXafLPZqxe9Of";

/// An album with all its tracks.
pub struct ArrivingAlbum<'a> {
    pub(crate) source: Source,
    /// Its id in the source.
    pub(crate) id: &'a str,
    pub(crate) name: String,
    pub(crate) artists: Vec<Artist>,
    pub(crate) album_type: Option<AlbumType>,
    pub(crate) release_date: Option<ReleaseDate>,
    pub(crate) cover_url: Option<&'a str>,
    pub(crate) upc: Option<&'a Upc>,
    pub(crate) total_tracks: Option<i32>,
    pub(crate) label: Option<&'a str>,
    pub(crate) genres: &'a [String],
    /// The albums of Spotify's that it is, as another source says.
    pub(crate) spotify_ids: &'a [SpotifyAlbumId],
    pub(crate) tracks: Vec<Track>,
}

/// A track of it.
pub(crate) struct Track {
    pub(crate) spotify_id: Option<SpotifyTrackId>,
    pub(crate) recording_mbid: Option<RecordingMbid>,
    /// The source's, where it tells it with the album.
    pub(crate) isrc: Option<Isrc>,
    pub(crate) name: String,
    pub(crate) artists: Vec<Artist>,
    pub(crate) disc_number: i16,
    pub(crate) track_number: i32,
    pub(crate) duration_ms: Option<i32>,
    pub(crate) preview_url: Option<String>,
}

/// An artist of an album or track.
pub(crate) struct Artist {
    /// The id in the source, where it gives one.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) is_featured: bool,
    /// Whether it stands for many or for nobody: then no song is the artist's own.
    pub(crate) is_special: bool,
}

impl<'a> ArrivingAlbum<'a> {
    /// Of Spotify's album.
    #[must_use]
    pub fn from_spotify(album: &'a spotify::Album) -> Self {
        Self {
            source: Source::Spotify,
            id: album.id.as_str(),
            name: album.name.clone(),
            artists: artists_of_spotify(&album.artists, |_| false),
            album_type: album.album_type,
            release_date: album.release_date,
            cover_url: album.cover_url.as_deref(),
            upc: album.upc.as_ref(),
            total_tracks: album.total_tracks,
            label: album.label.as_deref(),
            genres: &album.genres,
            spotify_ids: &[],
            tracks: album.tracks.iter().map(Track::from_spotify).collect(),
        }
    }

    /// With ISRCs that Spotify told of its tracks.
    #[must_use]
    pub fn with_isrcs(mut self, isrcs: &BTreeMap<SpotifyTrackId, Isrc>) -> Self {
        for track in &mut self.tracks {
            let isrc = track.spotify_id.as_ref().and_then(|id| isrcs.get(id));
            track.isrc = isrc.cloned();
        }
        self
    }

    /// Of a release the tracks that Spotify would have: no videos, and nothing hidden in a pregap, which no list of tracks
    /// counts. The date is that of the release group: of its releases one is taken, and the album is older than it.
    #[must_use]
    pub fn from_musicbrainz(release: &'a Release) -> Self {
        let tracks: Vec<Track> = release
            .tracks
            .iter()
            .filter(|track| track.position > 0 && !track.recording.video)
            .filter_map(Track::from_musicbrainz)
            .collect();
        let date = release.date.as_deref();
        Self {
            source: Source::MusicBrainz,
            id: release.id.as_str(),
            name: titled(&release.title),
            artists: artists_of_musicbrainz(&release.artists),
            album_type: release.album_type,
            release_date: release
                .first_release_date
                .or_else(|| date.and_then(ReleaseDate::from_text)),
            cover_url: None,
            upc: release.barcode.as_ref(),
            total_tracks: i32::try_from(tracks.len()).ok(),
            label: release.label.as_deref(),
            genres: &[],
            spotify_ids: &release.spotify_album_ids,
            tracks,
        }
    }
}

impl<'a> ArrivingAlbum<'a> {
    /// Of a release of Discogs' what can be heard by itself: of a work in parts, the parts. Who is named without an id is no
    /// artist of ours; where nobody has one, "No Artist" has the album, as Discogs says of such records. An ISRC of which
    /// nobody can tell the track is left out. `id` is the release's.
    #[must_use]
    pub fn from_discogs(release: &'a discogs_upstream::Release, id: &'a str) -> Self {
        let places = track_positions(release);
        let isrcs = discogs::isrcs(release, &places);
        let tracks: Vec<Track> = places
            .into_iter()
            .map(|(index, disc_number, track_number)| {
                let entry = &release.tracklist[index];
                Track {
                    spotify_id: None,
                    recording_mbid: None,
                    isrc: isrcs.get(&index).map(|isrc| (*isrc).clone()),
                    name: titled(&entry.title),
                    artists: artists_of_discogs(artists_of_entry(entry, release)),
                    disc_number,
                    track_number,
                    duration_ms: entry.duration_ms,
                    preview_url: None,
                }
            })
            .collect();
        let mut album = Self {
            source: Source::Discogs,
            id,
            name: titled(&release.title),
            artists: artists_of_discogs(&release.artists),
            album_type: release.album_type,
            release_date: release.date,
            cover_url: None,
            upc: release.barcodes.first(),
            total_tracks: i32::try_from(tracks.len()).ok(),
            label: release.label.as_deref(),
            genres: &release.genres,
            spotify_ids: &[],
            tracks,
        };
        if album.has_no_artist() {
            album.artists.insert(0, Artist::nobody_of_discogs());
        }
        album
    }
}

impl ArrivingAlbum<'_> {
    /// Of a record behind another one that is the same album only what it is recognised by: what it says beyond that is kept
    /// beside what the others say.
    pub(crate) fn without_details(mut self) -> Self {
        self.album_type = None;
        self.release_date = None;
        self.upc = None;
        self.label = None;
        self.genres = &[];
        for track in &mut self.tracks {
            track.duration_ms = None;
            track.isrc = None;
        }
        self
    }
}

impl Artist {
    fn nobody_of_discogs() -> Self {
        Self {
            id: Some("118760".to_owned()),
            name: "No Artist".to_owned(),
            is_featured: false,
            is_special: true,
        }
    }
}

impl ArrivingAlbum<'_> {
    /// Whether nothing is to be heard on it.
    #[must_use]
    pub fn has_no_tracks(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether nobody is named whose album it could be.
    #[must_use]
    pub fn has_no_artist(&self) -> bool {
        self.first_artist().is_none()
    }

    /// The first artist with an id, of the album or else of a track.
    fn first_artist(&self) -> Option<&Artist> {
        let on_tracks = self.tracks.iter().flat_map(|track| &track.artists);
        let mut all = self.artists.iter().chain(on_tracks);
        all.find(|artist| artist.id.is_some())
    }
}

impl Track {
    fn from_spotify(track: &spotify::AlbumTrack) -> Self {
        // Spotify does not say who is a guest; the title does. The first artist never is.
        let is_featured = |artist: &spotify::ArtistRef| {
            track.artists.first().is_some_and(|first| first != artist)
                && titles::features(&track.name, &artist.name)
        };
        Self {
            spotify_id: Some(track.id.clone()),
            recording_mbid: None,
            isrc: None,
            name: track.name.clone(),
            artists: artists_of_spotify(&track.artists, is_featured),
            disc_number: track.disc_number,
            track_number: track.track_number,
            duration_ms: track.duration_ms,
            preview_url: track.preview_url.clone(),
        }
    }

    /// None where its place is none that a record has.
    fn from_musicbrainz(track: &ReleaseTrack) -> Option<Self> {
        Some(Self {
            spotify_id: None,
            recording_mbid: Some(track.recording.id.clone()),
            isrc: None,
            name: titled(&track.title),
            artists: artists_of_musicbrainz(&track.artists),
            disc_number: track.disc_number.try_into().ok().filter(|disc| *disc >= 0)?,
            track_number: track.position,
            duration_ms: track.recording.duration_ms.or(track.duration_ms),
            preview_url: None,
        })
    }
}

fn artists_of_spotify(
    artists: &[spotify::ArtistRef],
    is_featured: impl Fn(&spotify::ArtistRef) -> bool,
) -> Vec<Artist> {
    artists
        .iter()
        .map(|artist| Artist {
            id: artist.id.as_ref().map(ToString::to_string),
            name: artist.name.clone(),
            is_featured: is_featured(artist),
            is_special: artist
                .id
                .as_ref()
                .is_some_and(|id| id.as_str() == VARIOUS_ARTISTS),
        })
        .collect()
}

/// Nobody where it is by the release's one artist, whose album it is on.
fn artists_of_entry<'a>(
    entry: &'a discogs_upstream::TracklistEntry,
    release: &'a discogs_upstream::Release,
) -> &'a [discogs_upstream::ArtistCredit] {
    match (&entry.artists[..], &release.artists[..]) {
        ([], [_]) => &[],
        ([], several) => several,
        (own, _) => own,
    }
}

/// By their own names, not as printed here. Who stands behind "feat." and after is a guest.
fn artists_of_discogs(credits: &[discogs_upstream::ArtistCredit]) -> Vec<Artist> {
    let mut is_featured = false;
    credits
        .iter()
        .map(|credit| {
            let artist = Artist {
                id: credit.id.map(|id| id.to_string()),
                name: titled(&credit.name),
                is_featured,
                is_special: credit.id.is_some_and(is_special_artist),
            };
            is_featured |= is_before_guests(&credit.join);
            artist
        })
        .collect()
}

/// By their own names, not as printed here. Who stands behind "feat." and after is a guest.
fn artists_of_musicbrainz(credits: &[musicbrainz::ArtistCredit]) -> Vec<Artist> {
    let mut is_featured = false;
    credits
        .iter()
        .map(|credit| {
            let artist = Artist {
                id: Some(credit.mbid.to_string()),
                name: name_of(&credit.name).unwrap_or_else(|| titled(&credit.credited_as)),
                is_featured,
                is_special: musicbrainz::is_special_artist(credit.mbid.as_str()),
            };
            is_featured |= is_before_guests(&credit.join);
            artist
        })
        .collect()
}

fn is_before_guests(join: &str) -> bool {
    join.split(|c: char| !c.is_alphabetic())
        .any(|word| matches!(word.to_lowercase().as_str(), "feat" | "ft" | "featuring"))
}

/// Without the spaces around it, and without NUL, which Postgres cannot store; None where nothing is left.
fn name_of(text: &str) -> Option<String> {
    let without_nul = text.contains('\0').then(|| text.replace('\0', ""));
    let text = without_nul.as_deref().unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What has no title is called as MusicBrainz calls it.
fn titled(text: &str) -> String {
    name_of(text).unwrap_or_else(|| "[untitled]".to_owned())
}
