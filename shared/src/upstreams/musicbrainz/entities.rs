//! Releases, recordings and artists of MusicBrainz in our types.

use crate::domain::albums::AlbumType;
use crate::domain::credits::Credit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{
    ArtistMbid, Isrc, RecordingMbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId, Upc,
};
use crate::domain::links::Link;

/// The web service leaves out the credits of the recordings of a release with more recordings than this.
const MAX_CREDITED_RECORDINGS: usize = 500;

/// The largest page of a list. The offsets of pages are multiples of it.
pub const PAGE_SIZE: u32 = 100;

/// A main artist of a release, track or recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtistCredit {
    /// The artist.
    pub mbid: ArtistMbid,
    /// The name at MusicBrainz.
    pub name: String,
    /// The name as printed; equal to `name` if it does not differ.
    pub credited_as: String,
    /// The text between this name and the next, such as ` feat. `.
    pub join: String,
}

/// A release with its tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release in the response. After a merge it differs from the requested one.
    pub id: ReleaseMbid,
    /// The title.
    pub title: String,
    /// The barcode, if it is well-formed.
    pub barcode: Option<Upc>,
    /// The release group that the release belongs to.
    pub release_group_id: Option<ReleaseGroupMbid>,
    /// The album type of the release group.
    pub album_type: Option<AlbumType>,
    /// The release date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The date of the first release in the group.
    pub first_release_date: Option<ReleaseDate>,
    /// The first label.
    pub label: Option<String>,
    /// The Spotify albums that MusicBrainz links to the release.
    pub spotify_album_ids: Vec<SpotifyAlbumId>,
    /// The main artists, in order.
    pub artists: Vec<ArtistCredit>,
    /// The credits of the whole release, which are weaker evidence than those of its recordings.
    pub credits: Vec<Credit>,
    /// The tracks in order, including videos (see [`Recording::video`]) but not data tracks.
    pub tracks: Vec<ReleaseTrack>,
}

/// A track: a recording at its position on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTrack {
    /// The number of the medium, from 1.
    pub disc_number: i32,
    /// The position on the medium, from 1; 0 is the hidden track in the pregap, which track counts do not
    /// include.
    pub position: i32,
    /// The title on this release.
    pub title: String,
    /// The duration on this release; if it states none, the duration of the recording.
    pub duration_ms: Option<i32>,
    /// The main artists of the track in order; if it names none, those of the recording.
    pub artists: Vec<ArtistCredit>,
    /// The recording.
    pub recording: Recording,
}

impl Release {
    /// The tracks that can be heard: no videos, and nothing hidden in a pregap, which no track list counts.
    pub fn audio_tracks(&self) -> impl Iterator<Item = &ReleaseTrack> {
        let tracks = self.tracks.iter();
        tracks.filter(|track| track.position > 0 && !track.recording.video)
    }

    /// Whether the response leaves out the credits of the recordings, because there are too many. That says
    /// nothing about who made them.
    #[must_use]
    pub fn leaves_out_credits(&self) -> bool {
        let has_credits = |track: &ReleaseTrack| !track.recording.credits.is_empty();
        self.tracks.len() > MAX_CREDITED_RECORDINGS && !self.tracks.iter().any(has_credits)
    }

    /// The first release date of the release group. If MusicBrainz states none, the date of this release.
    #[must_use]
    pub fn earliest_date(&self) -> Option<ReleaseDate> {
        let date = || ReleaseDate::from_text(self.date.as_deref()?);
        self.first_release_date.or_else(date)
    }
}

/// A recording with its credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The recording in the response. After a merge it differs from the requested one.
    pub id: RecordingMbid,
    /// The title.
    pub title: String,
    /// The duration.
    pub duration_ms: Option<i32>,
    /// The main artists, in order.
    pub artists: Vec<ArtistCredit>,
    /// The well-formed ISRCs. After a search by ISRC, they include that ISRC.
    pub isrcs: Vec<Isrc>,
    /// The credits of the recording itself. The credits of its works are not requested.
    pub credits: Vec<Credit>,
    /// Whether the recording is a video.
    pub video: bool,
}

/// A release that a search found. Its tracks and credits must be fetched with the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseMatch {
    /// The release.
    pub id: ReleaseMbid,
    /// The title.
    pub title: String,
    /// How well it matches the query, 0 to 100.
    pub score: u8,
    /// The main artists, in order.
    pub artists: Vec<ArtistCredit>,
    /// The number of tracks, without pregap and data tracks.
    pub track_count: Option<u32>,
    /// The release date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The barcode, if it is well-formed.
    pub barcode: Option<Upc>,
    /// `Official`, `Promotion`, `Bootleg`, `Pseudo-Release`, …
    pub status: Option<String>,
}

/// A release in a list, with the data for choosing one release of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRelease {
    /// The release.
    pub id: ReleaseMbid,
    /// The release group; a release without one is a group of its own.
    pub release_group_id: Option<ReleaseGroupMbid>,
    /// Whether its status is `Official`.
    pub is_official: bool,
    /// The release date.
    pub date: Option<ReleaseDate>,
    /// Whether the release has a well-formed barcode.
    pub has_barcode: bool,
    /// The media.
    pub media: Vec<ListedMedium>,
}

/// A medium of a [`ListedRelease`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMedium {
    /// `CD`, `Digital Media`, `12\" Vinyl`, `DVD-Video`, …
    pub format: Option<String>,
    /// The number of tracks, without pregap and data tracks.
    pub track_count: u32,
}

/// A page of a list of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePage {
    /// The releases, in MusicBrainz's order.
    pub releases: Vec<ListedRelease>,
    /// The offset of the next page; `None` if this is the last one.
    pub next_offset: Option<u32>,
}

/// A recording that a search found. Its credits must be fetched with the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingMatch {
    /// The recording.
    pub id: RecordingMbid,
    /// How well it matches the query, 0 to 100. A high score alone is not evidence of a match.
    pub score: u8,
    /// The title.
    pub title: String,
    /// The duration.
    pub duration_ms: Option<i32>,
    /// The main artists, in order.
    pub artists: Vec<ArtistCredit>,
    /// The date of the first release: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub first_release_date: Option<String>,
    /// Whether the recording is a video.
    pub video: bool,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist in the response. After a merge it differs from the requested one.
    pub id: ArtistMbid,
    /// The name.
    pub name: String,
    /// The name for sorting: `Last, First`.
    pub sort_name: String,
    /// A comment that distinguishes the artist from namesakes; may be empty.
    pub disambiguation: String,
    /// Other names and misspellings that help searches, each once and none equal to `name`.
    pub aliases: Vec<String>,
    /// The current links, each once and without fan pages.
    pub links: Vec<Link>,
}

/// An artist found by a search for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtistMatch {
    /// The artist.
    pub id: ArtistMbid,
    /// The name.
    pub name: String,
    /// Other names and misspellings, each once and none equal to `name`.
    pub aliases: Vec<String>,
    /// A comment that distinguishes the artist from namesakes; may be empty.
    pub disambiguation: String,
    /// The country or place of the artist.
    pub area: Option<String>,
}

/// The special purpose artists of MusicBrainz:
/// <https://musicbrainz.org/doc/Style/Unknown_and_untitled/Special_purpose_artist>.
const SPECIAL_ARTISTS: &[&str] = &[
    "89ad4ac3-39f7-470e-963a-56509c546377", // Various Artists
    "125ec42a-7229-4250-afc5-e057484327fe", // [unknown]
    "f731ccc4-e22a-43af-a747-64213329e088", // [anonymous]
    "9be7f096-97ec-4615-8957-8d40b5dcbc41", // [traditional]
    "eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61", // [no artist]
    "33cf029c-63b0-41a0-9855-be2a3665fb3b", // [data]
    "314e1c25-dde7-4e4d-b2f4-0a7b9f7c56dc", // [dialogue]
    "90068d37-bae7-4292-be4a-704c145bd616", // [church chimes]
    "80a8851f-444c-4539-892b-ad2a49292aa9", // [language instruction]
    "66ea0139-149f-4a0c-8fbf-5ea9ec4a6e49", // [Disney]
    "a0ef7e1d-44ff-4039-9435-7d5fefdeecc9", // [theatre]
];

/// Whether an artist id stands for no particular artist. Credits to such an artist are stored, but make no
/// producer.
#[must_use]
pub fn is_special_artist(mbid: &str) -> bool {
    SPECIAL_ARTISTS.contains(&mbid)
}
