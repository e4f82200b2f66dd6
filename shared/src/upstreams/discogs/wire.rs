//! Discogs' own shapes (API version 2, JSON), as far as they are read; every field but an entity's id may be missing or null.
//! What they mean to us is in `mapping.rs`.

use serde::Deserialize;

use crate::upstreams::or_default;

#[derive(Debug, Deserialize)]
pub struct Release {
    pub id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    pub master_id: Option<i64>,
    /// 0 where it is not known.
    pub year: Option<i32>,
    pub released: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub artists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub extraartists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub tracklist: Vec<Track>,
    #[serde(default, deserialize_with = "or_default")]
    pub identifiers: Vec<Identifier>,
    #[serde(default, deserialize_with = "or_default")]
    pub labels: Vec<Label>,
    #[serde(default, deserialize_with = "or_default")]
    pub formats: Vec<Format>,
    #[serde(default, deserialize_with = "or_default")]
    pub genres: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub styles: Vec<String>,
}

/// One of the artists of a release or track, or somebody who did something on it.
#[derive(Debug, Deserialize)]
pub struct Credit {
    /// 0 or missing for a name that leads to no artist.
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The name as printed, where it is another.
    #[serde(default, deserialize_with = "or_default")]
    pub anv: String,
    #[serde(default, deserialize_with = "or_default")]
    pub join: String,
    #[serde(default, deserialize_with = "or_default")]
    pub role: String,
    #[serde(default, deserialize_with = "or_default")]
    pub tracks: String,
}

#[derive(Debug, Deserialize)]
pub struct Track {
    #[serde(default, deserialize_with = "or_default")]
    pub position: String,
    /// `track`, `heading` or `index`; old answers do not say.
    #[serde(rename = "type_", default, deserialize_with = "or_default")]
    pub type_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub duration: String,
    #[serde(default, deserialize_with = "or_default")]
    pub artists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub extraartists: Vec<Credit>,
    #[serde(default, deserialize_with = "or_default")]
    pub sub_tracks: Vec<Track>,
}

#[derive(Debug, Deserialize)]
pub struct Identifier {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub type_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    /// Which part of the release it is printed on or is of, in free text.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}

#[derive(Debug, Deserialize)]
pub struct Label {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// What a release is printed on: its name (`Vinyl`) stays out.
#[derive(Debug, Deserialize)]
pub struct Format {
    /// `LP`, `Album`, `Reissue`, …
    #[serde(default, deserialize_with = "or_default")]
    pub descriptions: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Artist {
    pub id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    pub realname: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub namevariations: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub members: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub groups: Vec<ArtistName>,
    #[serde(default, deserialize_with = "or_default")]
    pub images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
pub struct ArtistName {
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Image {
    /// `primary` or `secondary`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub type_name: String,
    /// Empty for who asks without a token.
    #[serde(default, deserialize_with = "or_default")]
    pub uri: String,
}

/// What a search answers.
#[derive(Debug, Deserialize)]
pub struct Search {
    pub results: Option<Vec<Found>>,
}

#[derive(Debug, Deserialize)]
pub struct Found {
    pub id: i64,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub type_name: String,
    /// `Artist - Title`.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    pub year: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub barcode: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub format: Vec<String>,
    pub master_id: Option<i64>,
}
