//! Spotify's own shapes and names, as far as they are read. Every field may be missing or null, an integer may come as a
//! float and an array may hold nulls; what any of it means to us is in [`super::mapping`].

use serde::{Deserialize, Deserializer};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Artist {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) followers: Option<Followers>,
    #[serde(deserialize_with = "integer")]
    pub(super) popularity: Option<i64>,
    pub(super) images: Option<Vec<Option<Image>>>,
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
pub(super) struct Image {
    pub(super) url: Option<String>,
    #[serde(deserialize_with = "integer")]
    pub(super) width: Option<i64>,
}

/// An album, simplified or whole: a simplified one has neither tracks nor external ids.
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
    pub(super) images: Option<Vec<Option<Image>>>,
    pub(super) tracks: Option<Page<Track>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExternalIds {
    pub(super) isrc: Option<String>,
    pub(super) upc: Option<String>,
    pub(super) ean: Option<String>,
}

/// A track, simplified or whole: a simplified one has neither album nor external ids.
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

/// Its `next` is not read: under a filter it is known to point at empty pages for ever.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Option<Vec<Option<T>>>,
    #[serde(default, deserialize_with = "integer")]
    pub(super) total: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    pub(super) artists: Option<Page<Artist>>,
    pub(super) tracks: Option<Page<Track>>,
    pub(super) albums: Option<Page<Album>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Token {
    pub(super) access_token: String,
    #[serde(default, deserialize_with = "integer")]
    pub(super) expires_in: Option<i64>,
}

/// `{"error":{"status":429,"message":"…","reason":"…"}}`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Failure {
    pub(super) error: FailureDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FailureDetails {
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
}

/// The token endpoint's `{"error":"invalid_client","error_description":"…"}`
#[derive(Debug, Deserialize)]
pub(super) struct TokenFailure {
    pub(super) error: String,
}

/// 204053, 204053.0 and null; a number that is no integer is as good as missing.
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

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: None,
            total: None,
        }
    }
}
