//! The JSON shapes of the Genius API, reduced to the fields that are read. Every field except the id of a
//! record may be missing or null. Descriptions and lyrics are not read, so that they cannot be stored.

use serde::Deserialize;

use crate::upstreams::json::or_default;

/// The wrapper of every response.
#[derive(Debug, Deserialize)]
pub(super) struct Wrapper<T> {
    pub(super) response: T,
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchHits {
    pub(super) hits: Vec<Hit>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hit {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    pub(super) result: Option<SongJson>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SongResponse {
    pub(super) song: SongJson,
}

#[derive(Debug, Deserialize)]
pub(super) struct SongJson {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title_with_featured: String,
    pub(super) url: Option<String>,
    /// `YYYY-MM-DD`; not in search results.
    pub(super) release_date: Option<String>,
    pub(super) release_date_components: Option<DateComponents>,
    pub(super) primary_artist: Option<Artist>,
    /// All main artists; missing in older responses.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) primary_artists: Vec<Artist>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) featured_artists: Vec<Artist>,
    pub(super) album: Option<Album>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) producer_artists: Vec<Artist>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) custom_performances: Vec<CustomPerformance>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) media: Vec<MediaLink>,
    pub(super) fact_track: Option<FactTrack>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) song_relationships: Vec<SongRelationship>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DateComponents {
    pub(super) year: Option<u16>,
    pub(super) month: Option<u8>,
    pub(super) day: Option<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Album {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    pub(super) artist: Option<Artist>,
}

/// The artists credited under a label, which is free text.
#[derive(Debug, Deserialize)]
pub(super) struct CustomPerformance {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) label: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artists: Vec<Artist>,
}

/// A link to the song at another provider.
#[derive(Debug, Deserialize)]
pub(super) struct MediaLink {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) provider: String,
    pub(super) native_uri: Option<String>,
    pub(super) url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FactTrack {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) provider: String,
    pub(super) external_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SongRelationship {
    #[serde(rename = "type")]
    pub(super) type_name: Option<String>,
    /// Same content as `type`; older responses have only one of the two.
    pub(super) relationship_type: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) songs: Vec<SongTitle>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SongTitle {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtistResponse {
    pub(super) artist: Artist,
}

#[derive(Debug, Deserialize)]
pub(super) struct Artist {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) image_url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) alternate_names: Vec<String>,
    pub(super) instagram_name: Option<String>,
    pub(super) twitter_name: Option<String>,
    pub(super) facebook_name: Option<String>,
}
