//! What Discogs knows of a release and an artist, in our words and types.
//! How it is asked for and read stays out; what a role's wording means, and which tracks a range covers, too.

use crate::domain::albums::AlbumType;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId, Isrc, Upc};
use crate::domain::links::Link;

/// One of the artists that a release or track is credited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseArtist {
    /// The artist; None where the name leads to none.
    pub id: Option<DiscogsArtistId>,
    /// The artist's own name, without the number that tells namesakes apart.
    pub name: String,
    /// The name as printed; equal to `name` where nothing else was.
    pub credited_as: String,
    /// What stands between this name and the next, such as `&` or `Feat.`; may be empty.
    pub join: String,
}

/// A release with its tracklist, and all that tells whether it is a certain album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release.
    pub id: DiscogsReleaseId,
    /// Its title.
    pub title: String,
    /// The master it is a version of.
    pub master_id: Option<i64>,
    /// When it came out.
    pub date: Option<ReleaseDate>,
    /// Whom it is credited to, in order.
    pub artists: Vec<ReleaseArtist>,
    /// Its barcodes without malformed ones, each once.
    pub barcodes: Vec<Upc>,
    /// Its ISRCs without malformed ones.
    pub isrcs: Vec<StatedIsrc>,
    /// What kind of album it is; None where its formats do not say.
    pub album_type: Option<AlbumType>,
    /// The first label that put it out, without the number that tells namesakes apart.
    pub label: Option<String>,
    /// Its genres, then its styles, each once.
    pub genres: Vec<String>,
    /// What people did on the release as a whole or on the tracks of a range.
    pub credits: Vec<StatedCredit>,
    /// Headings, tracks and their parts, in order.
    pub tracklist: Vec<TracklistEntry>,
}

/// An ISRC that a release has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedIsrc {
    /// The code.
    pub isrc: Isrc,
    /// Of which track it is, in free text such as `Track A1`; may be empty.
    pub description: String,
}

/// What a line of a tracklist is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A track.
    Track,
    /// Words above tracks; nothing to be heard.
    Heading,
    /// A work of which the [`EntryKind::Part`]s that follow are the parts: elsewhere it may be one track or several.
    Index,
    /// A part of the [`EntryKind::Index`] before it.
    Part,
}

/// One line of a tracklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracklistEntry {
    /// What it is.
    pub kind: EntryKind,
    /// Where it is as printed: `A1`, `1-3`, `CD1-4`; empty for headings and most works in parts.
    pub position: String,
    /// Its title.
    pub title: String,
    /// Its length.
    pub duration_ms: Option<i32>,
    /// Whom it is credited to, in order; where it does not say, whom the work it is part of is, and nobody where neither says:
    /// then it is whom the release is.
    pub artists: Vec<ReleaseArtist>,
    /// What people did on it; those on a work in parts did it on every part.
    pub credits: Vec<StatedCredit>,
}

/// A release that a search found; all else about it has to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSearchResult {
    /// The release.
    pub id: DiscogsReleaseId,
    /// `Artist - Title`, as Discogs has it; both may have dashes of their own.
    pub heading: String,
    /// The artist's name, read from the heading: all before its first dash.
    pub artist: Option<String>,
    /// The title, read from the heading: all after its first dash.
    pub title: String,
    /// The year it came out.
    pub year: Option<i32>,
    /// Its barcodes without malformed ones, each once.
    pub barcodes: Vec<Upc>,
    /// What it is printed on and how it is sold: `CD`, `Album`, `Reissue`, `Unofficial Release`, …
    pub formats: Vec<String>,
    /// The master it is a version of.
    pub master_id: Option<i64>,
}

/// Another artist that an artist's page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedArtist {
    /// That artist.
    pub id: DiscogsArtistId,
    /// The name, without the number that tells namesakes apart.
    pub name: String,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist.
    pub id: DiscogsArtistId,
    /// The name, without the number that tells namesakes apart.
    pub name: String,
    /// A person's name outside music.
    pub real_name: Option<String>,
    /// Other ways in which the name was printed, each once and none equal to the name.
    pub name_variations: Vec<String>,
    /// The same person under other names, which Discogs counts as other artists.
    pub aliases: Vec<RelatedArtist>,
    /// Who is in the group; empty for a person.
    pub members: Vec<RelatedArtist>,
    /// The groups that the artist is in.
    pub groups: Vec<RelatedArtist>,
    /// The links stated, each once. Discogs does not say which of them is the artist's own site.
    pub links: Vec<Link>,
    /// A picture, where one is shown to us. Discogs' terms do not let it be stored.
    pub image_url: Option<String>,
}

/// Discogs' artists that stand for nobody in particular.
const SPECIAL_ARTISTS: &[i64] = &[
    194,    // Various
    355,    // Unknown Artist
    118760, // No Artist
];

/// Whether an artist id stands for nobody in particular. Credits to one are left out, as they say nothing of anybody.
#[must_use]
pub fn is_special_artist(id: DiscogsArtistId) -> bool {
    SPECIAL_ARTISTS.contains(&id.0)
}
