//! Discogs' own shapes (API version 2, JSON), as far as they are read; every field but an entity's id may be missing or null.
//! What they mean to us is in `mapping.rs`.

use serde::Deserialize;

use crate::upstreams::or_default;

#[derive(Debug, Deserialize)]
pub(super) struct Release {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) master_id: Option<i64>,
    /// 0 where it is not known.
    pub(super) year: Option<i32>,
    pub(super) released: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) extraartists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) tracklist: Vec<Track>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) identifiers: Vec<Identifier>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) labels: Vec<Label>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) formats: Vec<Format>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) genres: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) styles: Vec<String>,
}

/// One of the artists of a release or track, or somebody who did something on it.
#[derive(Debug, Deserialize)]
pub(super) struct Credit {
    /// 0 or missing for a name that leads to no artist.
    pub(super) id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    /// The name as printed, where it is another.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) anv: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) join: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) role: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) tracks: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Track {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) position: String,
    /// `track`, `heading` or `index`; old answers do not say.
    #[serde(rename = "type_", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) duration: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) extraartists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) sub_tracks: Vec<Track>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Identifier {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) value: String,
    /// Which part of the release it is printed on or is of, in free text.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) description: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

/// What a release is printed on: its name (`Vinyl`) stays out.
#[derive(Debug, Deserialize)]
pub(super) struct Format {
    /// `LP`, `Album`, `Reissue`, …
    #[serde(default, deserialize_with = "or_default")]
    pub(super) descriptions: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Artist {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    pub(super) realname: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) namevariations: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) aliases: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) members: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) groups: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtistName {
    pub(super) id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Image {
    /// `primary` or `secondary`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    /// Empty for who asks without a token.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) uri: String,
}

/// What a search answers.
#[derive(Debug, Deserialize)]
pub(super) struct Search {
    pub(super) results: Option<Vec<Found>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Found {
    pub(super) id: i64,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    /// `Artist - Title`.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) year: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) barcode: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) format: Vec<String>,
    pub(super) master_id: Option<i64>,
}
