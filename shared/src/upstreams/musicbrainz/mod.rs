//! MusicBrainz: releases, recordings, artists and their credits, from its web service or a mirror of it.
//! Waiting one's turn (1 request a second) is [`crate::work::budgets`]; choosing among what was found is the caller's.

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
    Artist, ArtistCredit, ListedMedium, ListedRelease, Recording, RecordingMatch, Release, ReleaseMatch,
    ReleasePage, ReleaseTrack, is_special_artist,
};
pub use self::mapping::{
    artist_from_json, recording_from_json, recording_matches_from_json, release_from_dump, release_from_json,
    release_matches_from_json, release_page_from_json,
};
use crate::domain::ids::{ArtistMbid, Isrc, RecordingMbid, ReleaseGroupMbid, ReleaseMbid, Upc};
use crate::platform::http::Error;
use crate::platform::http::{self, HttpResponse};

/// How long to stay away after a refusal that does not say; the limit is an average over seconds.
const PAUSE_SECONDS: u32 = 5;

/// As many as a list gives at once, at most; offsets of pages are multiples of it.
pub const PAGE_SIZE: u32 = 100;

/// Everything of a release in one answer. No works: who wrote a song did not thereby produce it.
const RELEASE_PARTS: &str =
    "recordings artist-credits isrcs artist-rels recording-level-rels release-groups labels url-rels";
/// What helps to choose among the releases of a group.
const LISTED_PARTS: &str = "release-groups media";
const RECORDING_PARTS: &str = "artist-credits isrcs artist-rels";
const ISRC_PARTS: &str = "artist-credits artist-rels";
const ARTIST_PARTS: &str = "url-rels aliases";

/// The client. Every method makes exactly one request, and fails as [`HttpResponse::read`] says, with these differences:
/// 503 is MusicBrainz's way to say [`Error::RateLimited`], unless it is a page for people without a Retry-After, which is
/// an outage and [`Error::Unavailable`].
#[derive(Debug, Clone)]
pub struct MusicBrainz {
    http: reqwest::Client,
    base_url: String,
}

impl MusicBrainz {
    /// A client of the web service at `base_url`, such as `https://musicbrainz.org/ws/2`. The `http` client must carry a
    /// User-Agent that names the application and a contact, or MusicBrainz refuses it.
    #[must_use]
    pub fn new(http: reqwest::Client, base_url: String) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { http, base_url }
    }

    /// The releases with that barcode, however many leading zeros it has there; 25 at most.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn search_releases_by_barcode(&self, upc: &Upc) -> Result<Vec<ReleaseMatch>, Error> {
        let answer = self
            .get(
                "release",
                &[("query", &query::releases_by_barcode(upc)), ("limit", "25")],
            )
            .await?;
        Ok(answer.map(mapping::release_matches).unwrap_or_default())
    }

    /// A release with all its tracks, their recordings and the credits of both. Huge ones are slow, and may be
    /// [`Error::Unavailable`] every time.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_release(&self, id: &ReleaseMbid) -> Result<Option<Release>, Error> {
        Ok(self
            .get(&format!("release/{id}"), &[("inc", RELEASE_PARTS)])
            .await?
            .map(mapping::release))
    }

    /// One page of the official releases that are credited to an artist or, where he `appears_on` them, of those on which
    /// only tracks are. No bootlegs: they are many, and nobody produced them.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_artist_releases(
        &self,
        id: &ArtistMbid,
        appears_on: bool,
        offset: u32,
    ) -> Result<Option<ReleasePage>, Error> {
        let whose = if appears_on { "track_artist" } else { "artist" };
        self.releases(&[(whose, id.as_str()), ("status", "official")], offset)
            .await
    }

    /// One page of the releases of a release group.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_release_group_releases(
        &self,
        id: &ReleaseGroupMbid,
        offset: u32,
    ) -> Result<Option<ReleasePage>, Error> {
        self.releases(&[("release-group", id.as_str())], offset).await
    }

    async fn releases(&self, of: &[(&str, &str)], offset: u32) -> Result<Option<ReleasePage>, Error> {
        let (limit, from) = (PAGE_SIZE.to_string(), offset.to_string());
        let page = [
            ("inc", LISTED_PARTS),
            ("limit", limit.as_str()),
            ("offset", from.as_str()),
        ];
        let answer = self.get("release", &[of, &page].concat()).await?;
        Ok(answer.map(|answer| mapping::release_page(answer, offset)))
    }

    /// The recordings that answer to an ISRC: none, one or, as ISRCs are reused, several.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_recordings_by_isrc(&self, isrc: &Isrc) -> Result<Vec<Recording>, Error> {
        let answer = self.get(&format!("isrc/{isrc}"), &[("inc", ISRC_PARTS)]).await?;
        Ok(answer
            .map(|answer| mapping::recordings_of_isrc(isrc, answer))
            .unwrap_or_default())
    }

    /// The 10 recordings that best fit an artist's name and a title. With a duration only recordings within 15 seconds of
    /// it, so none whose length MusicBrainz does not know.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn search_recordings(
        &self,
        artist: &str,
        title: &str,
        duration_ms: Option<i32>,
    ) -> Result<Vec<RecordingMatch>, Error> {
        let query = query::recordings(artist, title, duration_ms);
        let answer = self
            .get("recording", &[("query", &query), ("limit", "10")])
            .await?;
        Ok(answer.map(mapping::recording_matches).unwrap_or_default())
    }

    /// A recording with its credits.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_recording(&self, id: &RecordingMbid) -> Result<Option<Recording>, Error> {
        Ok(self
            .get(&format!("recording/{id}"), &[("inc", RECORDING_PARTS)])
            .await?
            .map(mapping::recording))
    }

    /// An artist with aliases and links.
    ///
    /// # Errors
    /// As [`MusicBrainz`] says.
    pub async fn fetch_artist(&self, id: &ArtistMbid) -> Result<Option<Artist>, Error> {
        Ok(self
            .get(&format!("artist/{id}"), &[("inc", ARTIST_PARTS)])
            .await?
            .map(mapping::artist))
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
        let answer = http::send(request).await?;
        match rate_limit(&answer) {
            Some(error) => Err(error),
            None => answer.read(),
        }
    }
}

fn rate_limit(answer: &HttpResponse) -> Option<Error> {
    let pause_seconds = answer.retry_after_seconds();
    let limited = match answer.status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => pause_seconds.is_some() || !answer.is_html(),
        _ => false,
    };
    let until = Utc::now() + Duration::seconds(pause_seconds.unwrap_or(PAUSE_SECONDS).max(1).into());
    limited.then_some(Error::RateLimited { until, quota: false })
}
