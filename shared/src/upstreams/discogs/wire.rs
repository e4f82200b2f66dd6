//! The JSON shapes of the Discogs API (version 2), reduced to the fields that are read. Every field except
//! the id of a record may be missing or null. `mapping.rs` maps them to our types.

use serde::Deserialize;

use crate::upstreams::json::or_default;

/// A release.
#[derive(Debug, Deserialize)]
pub struct Release {
    /// The id of the release.
    pub id: i64,
    /// The title.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// The id of the master that groups all versions of the release.
    pub master_id: Option<i64>,
    /// The year of release; 0 if unknown.
    pub year: Option<i32>,
    /// The release date: `YYYY`, `YYYY-MM-DD`, or `YYYY-MM-00` if only the month is known.
    pub released: Option<String>,
    /// The main artists.
    #[serde(default, deserialize_with = "or_default")]
    pub artists: Vec<CreditedArtist>,
    /// The credits of the release.
    #[serde(default, deserialize_with = "or_default")]
    pub extraartists: Vec<CreditedArtist>,
    /// The tracklist.
    #[serde(default, deserialize_with = "or_default")]
    pub tracklist: Vec<Track>,
    /// Barcodes, ISRCs and other identifiers.
    #[serde(default, deserialize_with = "or_default")]
    pub identifiers: Vec<Identifier>,
    /// The labels.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: Vec<ReleaseLabel>,
    /// The physical or digital formats.
    #[serde(default, deserialize_with = "or_default")]
    pub formats: Vec<Format>,
    /// The genres.
    #[serde(default, deserialize_with = "or_default")]
    pub genres: Vec<String>,
    /// The styles, which are finer than the genres.
    #[serde(default, deserialize_with = "or_default")]
    pub styles: Vec<String>,
}

/// A master, which groups the versions of a release.
#[derive(Debug, Deserialize)]
pub(super) struct Master {
    /// The year of its first release; 0 if unknown.
    pub(super) year: Option<i32>,
}

/// An artist of a release or track, or a person credited with a role.
#[derive(Debug, Deserialize)]
pub struct CreditedArtist {
    /// The id of the artist; 0 or missing if the name is not linked to an artist.
    pub id: Option<i64>,
    /// The name of the artist at Discogs.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The artist name variation: the name as printed, if it differs.
    #[serde(default, deserialize_with = "or_default")]
    pub anv: String,
    /// The text between this artist and the next.
    #[serde(default, deserialize_with = "or_default")]
    pub join: String,
    /// The role; empty for main artists.
    #[serde(default, deserialize_with = "or_default")]
    pub role: String,
    /// The tracks that the role applies to, such as `A1 to A3`; empty for all tracks.
    #[serde(default, deserialize_with = "or_default")]
    pub tracks: String,
}

/// A line of the tracklist.
#[derive(Debug, Deserialize)]
pub struct Track {
    /// The position as printed, such as `A1`.
    #[serde(default, deserialize_with = "or_default")]
    pub position: String,
    /// `track`, `heading` or `index`; missing in old responses.
    #[serde(rename = "type_", default, deserialize_with = "or_default")]
    pub type_name: String,
    /// The title.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// The duration, such as `3:42`.
    #[serde(default, deserialize_with = "or_default")]
    pub duration: String,
    /// The artists, if they differ from those of the release.
    #[serde(default, deserialize_with = "or_default")]
    pub artists: Vec<CreditedArtist>,
    /// The credits of the track.
    #[serde(default, deserialize_with = "or_default")]
    pub extraartists: Vec<CreditedArtist>,
    /// The parts of an index track.
    #[serde(default, deserialize_with = "or_default")]
    pub sub_tracks: Vec<Track>,
}

/// A barcode, ISRC or other identifier of a release.
#[derive(Debug, Deserialize)]
pub struct Identifier {
    /// The kind of identifier, such as `Barcode` or `ISRC`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub type_name: String,
    /// The identifier.
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    /// Free text on where it is printed or which track it belongs to.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}

/// A label of a release.
#[derive(Debug, Deserialize)]
pub struct ReleaseLabel {
    /// The name of the label.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// A format of a release. Its name, such as `Vinyl`, is not read.
#[derive(Debug, Deserialize)]
pub struct Format {
    /// The descriptions, such as `LP`, `Album` and `Reissue`.
    #[serde(default, deserialize_with = "or_default")]
    pub descriptions: Vec<String>,
}

/// An artist.
#[derive(Debug, Deserialize)]
pub struct Artist {
    /// The id of the artist.
    pub id: i64,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The real name of a person.
    pub realname: Option<String>,
    /// Links to other sites.
    #[serde(default, deserialize_with = "or_default")]
    pub urls: Vec<String>,
    /// Other ways in which the name was printed.
    #[serde(default, deserialize_with = "or_default")]
    pub namevariations: Vec<String>,
    /// Other names of the same person, each an artist of its own.
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<ArtistName>,
    /// The members of a group.
    #[serde(default, deserialize_with = "or_default")]
    pub members: Vec<ArtistName>,
    /// The groups that the artist is a member of.
    #[serde(default, deserialize_with = "or_default")]
    pub groups: Vec<ArtistName>,
    /// Pictures.
    #[serde(default, deserialize_with = "or_default")]
    pub images: Vec<Image>,
}

/// A related artist.
#[derive(Debug, Deserialize)]
pub struct ArtistName {
    /// The id of the artist.
    pub id: Option<i64>,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// A picture.
#[derive(Debug, Deserialize)]
pub struct Image {
    /// `primary` or `secondary`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub type_name: String,
    /// The URL; empty in responses to requests without a token.
    #[serde(default, deserialize_with = "or_default")]
    pub uri: String,
}

/// The response to a search.
#[derive(Debug, Deserialize)]
pub(super) struct SearchResponse {
    pub(super) results: Option<Vec<SearchResult>>,
}

/// A release, master, artist or label that a search found.
#[derive(Debug, Deserialize)]
pub(super) struct SearchResult {
    pub(super) id: i64,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    /// `Artist - Title` for a release.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) year: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) barcode: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) format: Vec<String>,
    pub(super) master_id: Option<i64>,
}
