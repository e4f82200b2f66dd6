//! Genius' own shapes (JSON), as far as they are read; every field but an entity's id may be missing or null. Texts, descriptions
//! and lyrics are not read, so that they cannot be kept.

use serde::Deserialize;

use crate::upstreams::or_default;

/// What every answer is wrapped in.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) response: T,
}

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    pub(super) hits: Vec<Hit>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hit {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    pub(super) result: Option<Song>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SongAnswer {
    pub(super) song: Song,
}

#[derive(Debug, Deserialize)]
pub(super) struct Song {
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
    /// Several where it is a song of several; older answers have none.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) primary_artists: Vec<Artist>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) featured_artists: Vec<Artist>,
    pub(super) album: Option<Album>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) producer_artists: Vec<Artist>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) custom_performances: Vec<Performance>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) media: Vec<Medium>,
    pub(super) fact_track: Option<FactTrack>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) song_relationships: Vec<Relationship>,
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

/// What somebody did, under a label of any wording.
#[derive(Debug, Deserialize)]
pub(super) struct Performance {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) label: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artists: Vec<Artist>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Medium {
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
pub(super) struct Relationship {
    #[serde(rename = "type")]
    pub(super) type_name: Option<String>,
    /// The same under another name; older answers have one of the two.
    pub(super) relationship_type: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) songs: Vec<RelatedSong>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RelatedSong {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtistAnswer {
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
