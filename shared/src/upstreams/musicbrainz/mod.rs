//! MusicBrainz: releases, recordings, artists and their credits, from its web service or a mirror. The web
//! service allows one request a second.

mod entities;
mod mapping;
mod query;
mod relations;
#[cfg(test)]
mod tests;
mod wire;

use chrono::{Duration, Utc};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

pub use self::entities::{
    Artist, ArtistCredit, ArtistMatch, ListedMedium, ListedRelease, PAGE_SIZE, Recording, RecordingMatch,
    Release, ReleaseMatch, ReleasePage, ReleaseTrack, is_special_artist,
};
pub use self::mapping::{
    artist_from_json, artist_matches_from_json, recording_from_json, recording_matches_from_json,
    release_from_dump, release_from_json, release_matches_from_json, release_page_from_json,
};
use crate::domain::ids::{ArtistMbid, Isrc, RecordingMbid, ReleaseGroupMbid, ReleaseMbid, Upc};
use crate::platform::http::{self, Error, HttpResponse};

/// The pause after a rate limit without Retry-After. The limit is an average over seconds.
const PAUSE_SECONDS: u32 = 5;

/// The parts of a release, all in one response. Works are left out: writing a song is not producing it.
const RELEASE_PARTS: &str =
    "recordings artist-credits isrcs artist-rels recording-level-rels release-groups labels url-rels";
/// The parts of a listed release, for choosing one release of a group.
const LISTED_PARTS: &str = "release-groups media";
const RECORDING_PARTS: &str = "artist-credits isrcs artist-rels";
const ISRC_PARTS: &str = "artist-credits artist-rels";
const ARTIST_PARTS: &str = "url-rels aliases";

/// The client. Every method makes one request and fails as [`HttpResponse::read`] describes, with one
/// difference: MusicBrainz signals a rate limit with status 503, so that is [`Error::RateLimited`], unless it
/// has an HTML page and no Retry-After, which is an outage and [`Error::Unavailable`].
#[derive(Debug, Clone)]
pub struct MusicBrainz {
    http: reqwest::Client,
    base_url: String,
}

impl MusicBrainz {
    /// Creates a client of the web service at `base_url`, such as `https://musicbrainz.org/ws/2`. The
    /// User-Agent of `http` must name the application and a contact, or MusicBrainz refuses the requests.
    #[must_use]
    pub fn new(http: reqwest::Client, base_url: String) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { http, base_url }
    }

    /// Searches for releases by barcode, with any number of leading zeros; at most 25.
    pub async fn search_releases_by_barcode(&self, upc: &Upc) -> Result<Vec<ReleaseMatch>, Error> {
        let response = self
            .get(
                "release",
                &[("query", &query::releases_by_barcode(upc)), ("limit", "25")],
            )
            .await?;
        Ok(response
            .map(mapping::release_matches_from_wire)
            .unwrap_or_default())
    }

    /// Searches for artists with this name or alias; at most 100, the best matches first.
    pub async fn search_artists(&self, name: &str) -> Result<Vec<ArtistMatch>, Error> {
        let query = query::artists(name);
        let response = self.get("artist", &[("query", &query), ("limit", "100")]).await?;
        Ok(response
            .map(mapping::artist_matches_from_wire)
            .unwrap_or_default())
    }

    /// Fetches a release with its tracks, their recordings and the credits of both. Requests for very large
    /// releases are slow, and may fail with [`Error::Unavailable`] every time.
    pub async fn fetch_release(&self, id: &ReleaseMbid) -> Result<Option<Release>, Error> {
        Ok(self
            .get(&format!("release/{id}"), &[("inc", RELEASE_PARTS)])
            .await?
            .map(mapping::release_from_wire))
    }

    /// Fetches a page of the official releases of an artist or, with `appears_on`, of the releases of others
    /// that have tracks of the artist. Bootlegs are left out: they are numerous and have no producer.
    pub async fn fetch_artist_releases(
        &self,
        id: &ArtistMbid,
        appears_on: bool,
        offset: u32,
    ) -> Result<Option<ReleasePage>, Error> {
        let artist_parameter = if appears_on { "track_artist" } else { "artist" };
        self.fetch_releases(&[(artist_parameter, id.as_str()), ("status", "official")], offset)
            .await
    }

    /// Fetches a page of the releases of a release group.
    pub async fn fetch_release_group_releases(
        &self,
        id: &ReleaseGroupMbid,
        offset: u32,
    ) -> Result<Option<ReleasePage>, Error> {
        self.fetch_releases(&[("release-group", id.as_str())], offset)
            .await
    }

    async fn fetch_releases(
        &self,
        filter: &[(&str, &str)],
        offset: u32,
    ) -> Result<Option<ReleasePage>, Error> {
        let (limit, start) = (PAGE_SIZE.to_string(), offset.to_string());
        let page = [
            ("inc", LISTED_PARTS),
            ("limit", limit.as_str()),
            ("offset", start.as_str()),
        ];
        let response = self.get("release", &[filter, &page].concat()).await?;
        Ok(response.map(|response| mapping::release_page_from_wire(response, offset)))
    }

    /// Fetches the recordings with an ISRC. There may be several, because ISRCs are reused.
    pub async fn fetch_recordings_by_isrc(&self, isrc: &Isrc) -> Result<Vec<Recording>, Error> {
        let response = self.get(&format!("isrc/{isrc}"), &[("inc", ISRC_PARTS)]).await?;
        Ok(response
            .map(|response| mapping::recordings_from_isrc_wire(isrc, response))
            .unwrap_or_default())
    }

    /// Searches for an artist and a title; the 10 best recordings. With a duration, only recordings within 15
    /// seconds of it, so none whose duration MusicBrainz does not know.
    pub async fn search_recordings(
        &self,
        artist: &str,
        title: &str,
        duration_ms: Option<i32>,
    ) -> Result<Vec<RecordingMatch>, Error> {
        let query = query::recordings(artist, title, duration_ms);
        let response = self
            .get("recording", &[("query", &query), ("limit", "10")])
            .await?;
        Ok(response
            .map(mapping::recording_matches_from_wire)
            .unwrap_or_default())
    }

    /// Fetches a recording with its credits.
    pub async fn fetch_recording(&self, id: &RecordingMbid) -> Result<Option<Recording>, Error> {
        Ok(self
            .get(&format!("recording/{id}"), &[("inc", RECORDING_PARTS)])
            .await?
            .map(mapping::recording_from_wire))
    }

    /// Fetches an artist with aliases and links.
    pub async fn fetch_artist(&self, id: &ArtistMbid) -> Result<Option<Artist>, Error> {
        Ok(self
            .get(&format!("artist/{id}"), &[("inc", ARTIST_PARTS)])
            .await?
            .map(mapping::artist_from_wire))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Option<T>, Error> {
        let request = self
            .http
            .get(format!("{}/{path}", self.base_url))
            .query(&[("fmt", "json")])
            .query(parameters);
        let response = http::send(request).await?;
        match rate_limit(&response) {
            Some(error) => Err(error),
            None => response.read(),
        }
    }
}

fn rate_limit(response: &HttpResponse) -> Option<Error> {
    let pause_seconds = response.retry_after_seconds();
    let is_limited = match response.status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => pause_seconds.is_some() || !response.is_html(),
        _ => false,
    };
    let until = Utc::now() + Duration::seconds(pause_seconds.unwrap_or(PAUSE_SECONDS).max(1).into());
    is_limited.then_some(Error::RateLimited { until, quota: false })
}
