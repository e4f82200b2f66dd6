//! What MusicBrainz knows of a release, a recording and an artist, in our words and types.
//! How it is asked for and read stays out.

use crate::domain::albums::AlbumType;
use crate::domain::credits::Credit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{
    ArtistMbid, Isrc, RecordingMbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId, Upc,
};
use crate::domain::links::Link;

/// One of the artists that a release, track or recording is credited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtistCredit {
    /// The artist.
    pub mbid: ArtistMbid,
    /// The artist's own name.
    pub name: String,
    /// The name as printed; equal to `name` where nothing else was.
    pub credited_as: String,
    /// What stands between this name and the next, such as ` feat. `.
    pub join: String,
}

/// A release with its tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release that answered, which after a merge is not the one that was asked for.
    pub id: ReleaseMbid,
    /// Its title.
    pub title: String,
    /// Its barcode, where there is a well-formed one.
    pub barcode: Option<Upc>,
    /// The release group it is a version of.
    pub release_group_id: Option<ReleaseGroupMbid>,
    /// What kind of record the release group is.
    pub album_type: Option<AlbumType>,
    /// When it came out: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// When the first release of its group came out.
    pub first_release_date: Option<ReleaseDate>,
    /// The first label named.
    pub label: Option<String>,
    /// The albums of Spotify's that MusicBrainz says it is.
    pub spotify_album_ids: Vec<SpotifyAlbumId>,
    /// Whom it is credited to, in order.
    pub artists: Vec<ArtistCredit>,
    /// Credits of the release as a whole; weaker than those of its recordings.
    pub credits: Vec<Credit>,
    /// Its tracks in order, those of video media among them (see [`Recording::video`]), data tracks left out.
    pub tracks: Vec<ReleaseTrack>,
}

/// A recording at its place on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTrack {
    /// The medium, from 1.
    pub disc_number: i32,
    /// The place on the medium, from 1; 0 is the hidden track in a pregap, which no track count includes.
    pub position: i32,
    /// The title as on this release.
    pub title: String,
    /// The length on this release, else that of the recording.
    pub duration_ms: Option<i32>,
    /// Whom the track is credited to, in order; where it does not say, whom the recording is.
    pub artists: Vec<ArtistCredit>,
    /// What is to be heard.
    pub recording: Recording,
}

/// A recording with what people did on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The recording that answered, which after a merge is not the one that was asked for.
    pub id: RecordingMbid,
    /// Its title.
    pub title: String,
    /// Its length.
    pub duration_ms: Option<i32>,
    /// Whom it is credited to, in order.
    pub artists: Vec<ArtistCredit>,
    /// Its ISRCs without malformed ones; the one asked by is always among them.
    pub isrcs: Vec<Isrc>,
    /// The credits of the recording itself; those of the works in it are not asked for.
    pub credits: Vec<Credit>,
    /// Whether it is a video.
    pub video: bool,
}

/// A release that a search found; its tracks and credits have to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseMatch {
    /// The release.
    pub id: ReleaseMbid,
    /// Its title.
    pub title: String,
    /// How well it fits the query, 0 to 100.
    pub score: u8,
    /// Whom it is credited to, in order.
    pub artists: Vec<ArtistCredit>,
    /// How many tracks it has, without pregaps and data tracks.
    pub track_count: Option<u32>,
    /// When it came out: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Its barcode, where there is a well-formed one.
    pub barcode: Option<Upc>,
    /// `Official`, `Promotion`, `Bootleg`, `Pseudo-Release`, …
    pub status: Option<String>,
}

/// A release as a list of them shows it: what helps to choose among those of one release group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRelease {
    /// The release.
    pub id: ReleaseMbid,
    /// The release group it is a version of; what is in none is by itself.
    pub release_group_id: Option<ReleaseGroupMbid>,
    /// Whether its status is `Official`.
    pub is_official: bool,
    /// When it came out.
    pub date: Option<ReleaseDate>,
    /// Whether a well-formed barcode of it is known.
    pub has_barcode: bool,
    /// What its tracks are on.
    pub media: Vec<ListedMedium>,
}

/// A medium of a [`ListedRelease`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMedium {
    /// `CD`, `Digital Media`, `12\" Vinyl`, `DVD-Video`, …
    pub format: Option<String>,
    /// How many tracks it has, without the pregap and data tracks.
    pub track_count: u32,
}

/// One page of a list of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePage {
    /// The releases, in MusicBrainz's order.
    pub releases: Vec<ListedRelease>,
    /// Where the next page begins; None where this is the last.
    pub next_offset: Option<u32>,
}

/// A recording that a search found; its credits have to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingMatch {
    /// The recording.
    pub id: RecordingMbid,
    /// How well it fits the query, 0 to 100; a high score alone proves nothing.
    pub score: u8,
    /// Its title.
    pub title: String,
    /// Its length.
    pub duration_ms: Option<i32>,
    /// Whom it is credited to, in order.
    pub artists: Vec<ArtistCredit>,
    /// When it first came out: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub first_release_date: Option<String>,
    /// Whether it is a video.
    pub video: bool,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist that answered, which after a merge is not the one that was asked for.
    pub id: ArtistMbid,
    /// The name.
    pub name: String,
    /// The name as a list is sorted by it: `Last, First`.
    pub sort_name: String,
    /// What tells the artist from namesakes; may be empty.
    pub disambiguation: String,
    /// Other names, spellings that only help a search among them; each once and none equal to the name.
    pub aliases: Vec<String>,
    /// Links of the artist that have not ended, each once; fan pages are left out.
    pub links: Vec<Link>,
}

/// MusicBrainz's special purpose artists, of <https://musicbrainz.org/doc/Style/Unknown_and_untitled/Special_purpose_artist>.
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

/// Whether an artist id stands for nobody in particular. A credit to one is a claim like any other, but makes no producer.
#[must_use]
pub fn is_special_artist(mbid: &str) -> bool {
    SPECIAL_ARTISTS.contains(&mbid)
}
