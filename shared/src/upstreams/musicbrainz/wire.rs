//! The JSON shapes of the MusicBrainz web service (version 2), reduced to the fields that are read. Every
//! field except the id of an entity may be missing or null.

use serde::Deserialize;

use crate::domain::ids::{ArtistMbid, RecordingMbid, ReleaseGroupMbid, ReleaseMbid};
use crate::upstreams::json::or_default;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Release {
    pub(super) id: ReleaseMbid,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) status: Option<String>,
    pub(super) barcode: Option<String>,
    pub(super) date: Option<String>,
    pub(super) release_group: Option<ReleaseGroup>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artist_credit: Vec<ArtistCreditJson>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) relations: Vec<Relation>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) media: Vec<Medium>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) label_info: Vec<LabelInfo>,
    /// In search results only.
    pub(super) score: Option<u8>,
    /// In search results only.
    pub(super) track_count: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ReleaseGroup {
    pub(super) id: Option<ReleaseGroupMbid>,
    pub(super) primary_type: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) secondary_types: Vec<String>,
    pub(super) first_release_date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LabelInfo {
    pub(super) label: Option<LabelName>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LabelName {
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Medium {
    pub(super) position: Option<i32>,
    pub(super) format: Option<String>,
    pub(super) track_count: Option<u32>,
    /// The hidden track before the first one.
    pub(super) pregap: Option<Track>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) tracks: Vec<Track>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Track {
    pub(super) position: Option<i32>,
    pub(super) title: Option<String>,
    pub(super) length: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artist_credit: Vec<ArtistCreditJson>,
    pub(super) recording: RecordingJson,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RecordingJson {
    pub(super) id: RecordingMbid,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) length: Option<i64>,
    pub(super) video: Option<bool>,
    pub(super) first_release_date: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artist_credit: Vec<ArtistCreditJson>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) isrcs: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) relations: Vec<Relation>,
    /// In search results only.
    pub(super) score: Option<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtistCreditJson {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) joinphrase: String,
    pub(super) artist: Artist,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Artist {
    pub(super) id: ArtistMbid,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) sort_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) disambiguation: String,
    /// The country or place of the artist.
    pub(super) area: Option<Area>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) aliases: Vec<Alias>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) relations: Vec<Relation>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Area {
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Alias {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

/// A relation to another entity. It has exactly one target; only artists and URLs are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Relation {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) type_name: String,
    pub(super) type_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attributes: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attribute_values: AttributeValues,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) target_credit: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) ended: bool,
    pub(super) artist: Option<Artist>,
    pub(super) url: Option<UrlJson>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct AttributeValues {
    pub(super) task: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UrlJson {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) resource: String,
}

/// The response to `isrc/…` and to a search for recordings.
#[derive(Debug, Deserialize)]
pub(super) struct RecordingsResponse {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) recordings: Vec<RecordingJson>,
}

/// The response to a search for artists.
#[derive(Debug, Deserialize)]
pub(super) struct ArtistsResponse {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artists: Vec<Artist>,
}

/// The response to a search for releases, or a list of the releases of an artist or release group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ReleasesResponse {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) releases: Vec<Release>,
    /// In lists only: the number of releases on all pages.
    pub(super) release_count: Option<u32>,
}
