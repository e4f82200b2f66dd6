//! The JSON shapes of the Web API, reduced to the fields that are read. Every field may be missing or null,
//! an integer may be written as a float, and an array may contain nulls.

use serde::{Deserialize, Deserializer};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Artist {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) followers: Option<Followers>,
    #[serde(deserialize_with = "integer")]
    pub(super) popularity: Option<i64>,
    pub(super) images: Option<Vec<Option<SizedImage>>>,
    pub(super) genres: Option<Vec<Option<String>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Followers {
    #[serde(deserialize_with = "integer")]
    pub(super) total: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SizedImage {
    pub(super) url: Option<String>,
    #[serde(deserialize_with = "integer")]
    pub(super) width: Option<i64>,
}

/// A simplified or full album. A simplified one has no tracks and no external ids.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Album {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) album_type: Option<String>,
    pub(super) release_date: Option<String>,
    #[serde(deserialize_with = "integer")]
    pub(super) total_tracks: Option<i64>,
    pub(super) artists: Option<Vec<Option<Artist>>>,
    pub(super) external_ids: Option<ExternalIds>,
    pub(super) label: Option<String>,
    pub(super) genres: Option<Vec<Option<String>>>,
    pub(super) images: Option<Vec<Option<SizedImage>>>,
    pub(super) tracks: Option<ItemPage<Track>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExternalIds {
    pub(super) isrc: Option<String>,
    pub(super) upc: Option<String>,
    pub(super) ean: Option<String>,
}

/// A simplified or full track. A simplified one has no album and no external ids.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Track {
    pub(super) id: Option<String>,
    pub(super) linked_from: Option<LinkedFrom>,
    pub(super) external_urls: Option<ExternalUrls>,
    pub(super) name: Option<String>,
    pub(super) artists: Option<Vec<Option<Artist>>>,
    #[serde(deserialize_with = "integer")]
    pub(super) disc_number: Option<i64>,
    #[serde(deserialize_with = "integer")]
    pub(super) track_number: Option<i64>,
    #[serde(deserialize_with = "integer")]
    pub(super) duration_ms: Option<i64>,
    pub(super) preview_url: Option<String>,
    pub(super) explicit: Option<bool>,
    pub(super) external_ids: Option<ExternalIds>,
    #[serde(deserialize_with = "integer")]
    pub(super) popularity: Option<i64>,
    pub(super) album: Option<Album>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkedFrom {
    pub(super) id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExternalUrls {
    pub(super) spotify: Option<String>,
}

/// A page of a list. Its `next` is not read, because with a filter it can point to empty pages without end.
#[derive(Debug, Deserialize)]
pub(super) struct ItemPage<T> {
    pub(super) items: Option<Vec<Option<T>>>,
    #[serde(default, deserialize_with = "integer")]
    pub(super) total: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchPages {
    pub(super) artists: Option<ItemPage<Artist>>,
    pub(super) tracks: Option<ItemPage<Track>>,
    pub(super) albums: Option<ItemPage<Album>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TokenJson {
    pub(super) access_token: String,
    #[serde(default, deserialize_with = "integer")]
    pub(super) expires_in: Option<i64>,
}

/// An error of the API: `{"error":{"status":429,"message":"…","reason":"…"}}`
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ErrorDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorDetails {
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
}

/// An error of the token endpoint: `{"error":"invalid_client","error_description":"…"}`
#[derive(Debug, Deserialize)]
pub(super) struct TokenError {
    pub(super) error: String,
}

/// Deserializes 204053, 204053.0 and null. A number that is not an integer becomes `None`.
fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    let number = Option::<serde_json::Number>::deserialize(deserializer)?;
    Ok(number.and_then(|number| {
        let float = || {
            number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() <= LARGEST_EXACT)
        };
        number.as_i64().or_else(|| float().map(|float| float as i64))
    }))
}

impl<T> Default for ItemPage<T> {
    fn default() -> Self {
        Self {
            items: None,
            total: None,
        }
    }
}
