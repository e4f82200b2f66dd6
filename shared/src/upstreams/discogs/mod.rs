//! Discogs: releases, their credits and artists, from its API. It answers 60 requests a minute of one address.
//! Waiting one's turn is [`crate::work::budgets`]; choosing among what was found is the caller's.

mod entities;
mod formats;
pub mod mapping;
mod names;
#[cfg(test)]
mod tests;
pub mod wire;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;

pub use self::entities::{
    Artist, EntryKind, RelatedArtist, Release, ReleaseArtist, ReleaseSearchResult, StatedIsrc,
    TracklistEntry, is_special_artist,
};
pub use self::mapping::{artist_from_json, release_from_json, search_results_from_json};
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId, Upc};
use crate::platform::config::DiscogsSettings;
use crate::platform::http;
use crate::platform::http::Error;

/// The most that one page of a search gives.
const PAGE: &str = "100";
/// In characters; a longer title finds nothing that its beginning does not.
const LONGEST_TERM: usize = 200;

/// The client. Every method makes exactly one request, and fails as [`http::HttpResponse::read`] says.
pub struct Discogs {
    http: reqwest::Client,
    settings: DiscogsSettings,
}

impl Discogs {
    /// A client. The `http` client must carry a User-Agent that names the application, or Discogs refuses it.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: DiscogsSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self { http, settings }
    }

    /// The releases with that barcode as it is printed; a leading zero makes another one there, so ask for each of
    /// [`barcode_forms`] until one is found. 100 at most.
    ///
    /// # Errors
    /// As [`Discogs`] says.
    pub async fn search_releases_by_barcode(&self, barcode: &str) -> Result<Vec<ReleaseSearchResult>, Error> {
        self.search(&[("barcode", barcode)]).await
    }

    /// The releases of that title by that artist, 100 at most. What comes first proves nothing.
    ///
    /// # Errors
    /// As [`Discogs`] says.
    pub async fn search_releases(
        &self,
        artist: &str,
        title: &str,
    ) -> Result<Vec<ReleaseSearchResult>, Error> {
        self.search(&[("artist", &term(artist)), ("release_title", &term(title))])
            .await
    }

    async fn search(&self, terms: &[(&str, &str)]) -> Result<Vec<ReleaseSearchResult>, Error> {
        let answer = self
            .get(
                "database/search",
                &[&[("type", "release"), ("per_page", PAGE)], terms].concat(),
            )
            .await?;
        Ok(answer.map(mapping::release_matches).unwrap_or_default())
    }

    /// A release with its tracklist and credits.
    ///
    /// # Errors
    /// As [`Discogs`] says.
    pub async fn fetch_release(&self, id: DiscogsReleaseId) -> Result<Option<Release>, Error> {
        Ok(self
            .get(&format!("releases/{id}"), &[])
            .await?
            .map(mapping::release))
    }

    /// An artist with names and links.
    ///
    /// # Errors
    /// As [`Discogs`] says.
    pub async fn fetch_artist(&self, id: DiscogsArtistId) -> Result<Option<Artist>, Error> {
        Ok(self
            .get(&format!("artists/{id}"), &[])
            .await?
            .map(mapping::artist))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Option<T>, Error> {
        let mut authorization = HeaderValue::from_str(&format!("Discogs token={}", self.settings.token))
            .map_err(|_| Error::Refused("the token cannot be sent in a header".to_owned()))?;
        authorization.set_sensitive(true);
        let request = self
            .http
            .get(format!("{}/{path}", self.settings.url))
            .header(AUTHORIZATION, authorization)
            .query(parameters);
        http::send(request).await?.read()
    }
}

/// The ways in which a barcode may be printed: with as many digits as a UPC, an EAN, and bare; each once, likeliest first.
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

/// A search term on one line, and not too long.
fn term(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    line.chars().take(LONGEST_TERM).collect()
}
