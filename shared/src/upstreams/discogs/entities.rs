//! Releases and artists of Discogs in our types.

use crate::domain::albums::AlbumType;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId, Isrc, Upc};
use crate::domain::links::Link;

/// A main artist of a release or track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseArtist {
    /// The artist; `None` if the name is not linked to one.
    pub id: Option<DiscogsArtistId>,
    /// The name at Discogs, without the number that distinguishes namesakes.
    pub name: String,
    /// The name as printed; equal to `name` if it does not differ.
    pub credited_as: String,
    /// The text between this name and the next, such as `&` or `Feat.`; may be empty.
    pub join: String,
}

/// A release with its tracklist and the data that identifies the album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release.
    pub id: DiscogsReleaseId,
    /// The title.
    pub title: String,
    /// The master that groups all versions of the release.
    pub master_id: Option<i64>,
    /// The release date.
    pub date: Option<ReleaseDate>,
    /// The main artists, in order.
    pub artists: Vec<ReleaseArtist>,
    /// The well-formed barcodes, each once.
    pub barcodes: Vec<Upc>,
    /// The well-formed ISRCs.
    pub isrcs: Vec<StatedIsrc>,
    /// The kind of album; `None` if the formats do not say.
    pub album_type: Option<AlbumType>,
    /// The first label, without the number that distinguishes namesakes.
    pub label: Option<String>,
    /// The genres, then the styles, each once.
    pub genres: Vec<String>,
    /// The credits of the whole release or of a range of tracks.
    pub credits: Vec<StatedCredit>,
    /// Headings, tracks and their parts, in order.
    pub tracklist: Vec<ReleaseEntry>,
}

/// An ISRC that a release states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedIsrc {
    /// The ISRC.
    pub isrc: Isrc,
    /// Free text that names the track, such as `Track A1`; may be empty.
    pub description: String,
}

/// The kind of a line in a tracklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A track.
    Track,
    /// A heading above tracks, without sound.
    Heading,
    /// A work whose parts are the [`EntryKind::Part`]s that follow. Other sources list it as one track or as
    /// several.
    Index,
    /// A part of the preceding [`EntryKind::Index`].
    Part,
}

/// A line of a tracklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseEntry {
    /// The kind of line.
    pub kind: EntryKind,
    /// The position as printed: `A1`, `1-3`, `CD1-4`. Empty for headings and most index tracks.
    pub position: String,
    /// The title.
    pub title: String,
    /// The duration.
    pub duration_ms: Option<i32>,
    /// The artists, in order. A part without artists has those of its work. Empty if the artists are those of
    /// the release.
    pub artists: Vec<ReleaseArtist>,
    /// The credits of this line. The credits of an index track apply to all of its parts.
    pub credits: Vec<StatedCredit>,
}

/// A release that a search found. Other data must be fetched with the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSearchResult {
    /// The release.
    pub id: DiscogsReleaseId,
    /// The heading `Artist - Title` as Discogs states it. Both parts may contain dashes.
    pub heading: String,
    /// The artist: the part of the heading before the first dash.
    pub artist: Option<String>,
    /// The title: the part of the heading after the first dash.
    pub title: String,
    /// The year of release.
    pub year: Option<i32>,
    /// The well-formed barcodes, each once.
    pub barcodes: Vec<Upc>,
    /// The formats and their descriptions: `CD`, `Album`, `Reissue`, `Unofficial Release`, …
    pub formats: Vec<String>,
    /// The master that groups all versions of the release.
    pub master_id: Option<i64>,
}

/// A link from an artist to another artist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedArtist {
    /// The other artist.
    pub id: DiscogsArtistId,
    /// The name, without the number that distinguishes namesakes.
    pub name: String,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist.
    pub id: DiscogsArtistId,
    /// The name, without the number that distinguishes namesakes.
    pub name: String,
    /// The real name of a person.
    pub real_name: Option<String>,
    /// Other ways in which the name was printed, each once and none equal to `name`.
    pub name_variations: Vec<String>,
    /// Other names of the same person. Discogs lists them as separate artists.
    pub aliases: Vec<RelatedArtist>,
    /// The members of a group; empty for a person.
    pub members: Vec<RelatedArtist>,
    /// The groups that the artist is a member of.
    pub groups: Vec<RelatedArtist>,
    /// The links to other sites, each once. Discogs does not say which one is the artist's own website.
    pub links: Vec<Link>,
    /// A picture, if Discogs shows it to us. The terms of Discogs do not allow storing it.
    pub image_url: Option<String>,
}

/// The Discogs artists that stand for no particular artist.
const SPECIAL_ARTISTS: &[i64] = &[
    194,    // Various
    355,    // Unknown Artist
    118760, // No Artist
];

/// Whether an artist stands for no particular artist. Credits to such an artist are left out.
#[must_use]
pub fn is_special_artist(id: DiscogsArtistId) -> bool {
    SPECIAL_ARTISTS.contains(&id.0)
}
