//! Discogs: releases with their credits, and artists, from its API. The API allows 60 requests a minute per
//! address.

mod credits;
mod entities;
mod formats;
pub mod mapping;
mod names;
#[cfg(test)]
mod tests;
mod tracklist;
pub mod wire;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;

pub use self::entities::{
    Artist, EntryKind, RelatedArtist, Release, ReleaseArtist, ReleaseEntry, ReleaseSearchResult, StatedIsrc,
    is_special_artist,
};
pub use self::mapping::{artist_from_json, release_from_json, search_results_from_json};
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId, Upc};
use crate::platform::config::DiscogsSettings;
use crate::platform::http::{self, Error};

/// The largest page of search results.
const PAGE_SIZE: &str = "100";
/// The longest search term, in characters. The rest of a longer title would not find more.
const LONGEST_TERM: usize = 200;

/// The client. Every method makes one request and fails as [`http::HttpResponse::read`] describes.
pub struct Discogs {
    http: reqwest::Client,
    settings: DiscogsSettings,
}

impl Discogs {
    /// Creates a client. The User-Agent of `http` must name the application, or Discogs refuses the requests.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: DiscogsSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self { http, settings }
    }

    /// Searches for releases with exactly this barcode; at most 100. Leading zeros matter, so search for each
    /// of [`barcode_forms`] until a release is found.
    pub async fn search_releases_by_barcode(&self, barcode: &str) -> Result<Vec<ReleaseSearchResult>, Error> {
        self.search(&[("barcode", barcode)]).await
    }

    /// Searches for releases by artist and title; at most 100. The first one is not necessarily the right
    /// one.
    pub async fn search_releases(
        &self,
        artist: &str,
        title: &str,
    ) -> Result<Vec<ReleaseSearchResult>, Error> {
        let (artist, title) = (search_term(artist), search_term(title));
        self.search(&[("artist", &artist), ("release_title", &title)])
            .await
    }

    async fn search(&self, terms: &[(&str, &str)]) -> Result<Vec<ReleaseSearchResult>, Error> {
        let parameters = [&[("type", "release"), ("per_page", PAGE_SIZE)], terms].concat();
        let response = self.get("database/search", &parameters).await?;
        Ok(response
            .map(mapping::search_results_from_wire)
            .unwrap_or_default())
    }

    /// Fetches a release with its tracklist and credits.
    pub async fn fetch_release(&self, id: DiscogsReleaseId) -> Result<Option<Release>, Error> {
        let release = self.get(&format!("releases/{id}"), &[]).await?;
        Ok(release.map(mapping::release_from_wire))
    }

    /// Fetches the date of a master, which is that of its first release; `None` if it states none.
    pub async fn fetch_master_date(&self, master_id: i64) -> Result<Option<ReleaseDate>, Error> {
        let master = self.get(&format!("masters/{master_id}"), &[]).await?;
        Ok(master.and_then(mapping::date_from_master))
    }

    /// Fetches an artist with names and links.
    pub async fn fetch_artist(&self, id: DiscogsArtistId) -> Result<Option<Artist>, Error> {
        let artist = self.get(&format!("artists/{id}"), &[]).await?;
        Ok(artist.map(mapping::artist_from_wire))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Option<T>, Error> {
        let mut authorization = HeaderValue::from_str(&format!("Discogs token={}", self.settings.token))
            .map_err(|_| {
                Error::Refused("DISCOGS_TOKEN has characters that no header can contain".to_owned())
            })?;
        authorization.set_sensitive(true);
        let request = self
            .http
            .get(format!("{}/{path}", self.settings.url))
            .header(AUTHORIZATION, authorization)
            .query(parameters);
        http::send(request).await?.read()
    }
}

/// The forms in which a barcode may be printed, each once and the most likely first: padded to the length of
/// a UPC, padded to the length of an EAN, and without padding.
#[must_use]
pub fn barcode_forms(upc: &Upc) -> Vec<String> {
    let digits = upc.as_str();
    let mut forms: Vec<String> = Vec::new();
    for width in [12, 13, 0] {
        let form = format!("{digits:0>width$}");
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// The text on one line, cut to [`LONGEST_TERM`].
fn search_term(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    line.chars().take(LONGEST_TERM).collect()
}
