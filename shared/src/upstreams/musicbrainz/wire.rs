//! MusicBrainz's own shapes (web service 2, JSON), as far as they are read; every field but an entity's id may be missing or null.
//! What they mean to us is in `mapping.rs`.

use serde::Deserialize;

use crate::domain::ids::{ArtistMbid, RecordingMbid, ReleaseGroupMbid, ReleaseMbid};
use crate::upstreams::or_default;

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
    pub(super) artist_credit: Vec<ArtistCredit>,
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
    pub(super) label: Option<Label>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Medium {
    pub(super) position: Option<i32>,
    pub(super) format: Option<String>,
    pub(super) track_count: Option<u32>,
    /// The hidden track before the first, if there is one.
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
    pub(super) artist_credit: Vec<ArtistCredit>,
    pub(super) recording: Recording,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Recording {
    pub(super) id: RecordingMbid,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) title: String,
    pub(super) length: Option<i64>,
    pub(super) video: Option<bool>,
    pub(super) first_release_date: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) artist_credit: Vec<ArtistCredit>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) isrcs: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) relations: Vec<Relation>,
    /// In search results only.
    pub(super) score: Option<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtistCredit {
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
    #[serde(default, deserialize_with = "or_default")]
    pub(super) aliases: Vec<Alias>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) relations: Vec<Relation>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Alias {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

/// A relation to anything; exactly one of the targets is there, and those we do not read are left out here.
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
    pub(super) url: Option<Url>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct AttributeValues {
    pub(super) task: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Url {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) resource: String,
}

/// What `isrc/…` and a search for recordings answer.
#[derive(Debug, Deserialize)]
pub(super) struct Recordings {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) recordings: Vec<Recording>,
}

/// What a search for releases answers, and a list of those of an artist or release group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Releases {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) releases: Vec<Release>,
    /// In lists only: how many there are on all pages.
    pub(super) release_count: Option<u32>,
}
