//! Spotify's Web API as development mode serves it: pages of 10 albums, nothing in batches, many fields left out.
//! What its answers mean is in `mapping`; when a request may go out is the caller's to know.

mod answers;
mod catalog;
mod items;
mod mapping;
mod token;
mod wire;

#[cfg(test)]
mod tests;

use chrono::Utc;
use reqwest::StatusCode;
use tokio::sync::Mutex;

pub use catalog::{
    Album, AlbumGroup, AlbumPage, AlbumTrack, Artist, SimpleAlbum, SimpleArtist, Track, TrackPage,
};
pub use mapping::{
    album_from_json, album_page_from_json, albums_from_search_json, artist_from_json,
    artists_from_search_json, track_from_json, track_page_from_json, tracks_from_search_json,
};

use crate::domain::ids::{Isrc, SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId, Upc};
use crate::platform::config::SpotifySettings;
use crate::platform::http;
use crate::platform::http::Error;
use token::Token;

/// The most that development mode gives at once of an artist's albums, and of a search.
const PAGE: &str = "10";
/// The most that it gives of an album's tracks.
const TRACKS_PAGE: &str = "50";
/// A longer search text is answered with 400.
const LONGEST_QUERY: usize = 250;

/// A client of Spotify. Every `fetch_` and `search_` makes one request of the API, once more where its token had expired, and
/// one for a token where there is none; callers at the same time share that one.
pub struct Spotify {
    http: reqwest::Client,
    settings: SpotifySettings,
    token: Mutex<Option<Token>>,
}

impl Spotify {
    /// A client that has asked for nothing yet.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: SpotifySettings) -> Self {
        settings
            .api_url
            .truncate(settings.api_url.trim_end_matches('/').len());
        Self {
            http,
            settings,
            token: Mutex::new(None),
        }
    }

    /// An artist; None where Spotify has no such artist, as for all that is fetched by id.
    ///
    /// # Errors
    /// As for all requests here: [`Error::RateLimited`] for a pause and for a quota used up, [`Error::Refused`] where a person
    /// must mend the app or its settings, [`Error::Blocked`], [`Error::Unavailable`], and [`Error::Decode`].
    pub async fn fetch_artist(&self, id: &SpotifyArtistId) -> Result<Option<Artist>, Error> {
        self.fetch(&format!("/artists/{id}"), &[], artist_from_json).await
    }

    /// One page of up to 10 albums of an artist, from `offset`; no `groups` means all of them. Of an album that has an edition
    /// for each market, ours is given.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn fetch_artist_albums(
        &self,
        id: &SpotifyArtistId,
        groups: &[AlbumGroup],
        offset: u32,
    ) -> Result<Option<AlbumPage>, Error> {
        let groups = if groups.is_empty() {
            AlbumGroup::ALL
        } else {
            groups
        };
        let include_groups = groups
            .iter()
            .map(|group| group.as_str())
            .collect::<Vec<_>>()
            .join(",");
        let (market, from) = (self.market(), offset.to_string());
        let query = [
            ("include_groups", include_groups.as_str()),
            market,
            ("limit", PAGE),
            ("offset", &from),
        ];
        self.fetch(&format!("/artists/{id}/albums"), &query, |body| {
            album_page_from_json(body, offset)
        })
        .await
    }

    /// A whole album with its first tracks, up to 50.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn fetch_album(&self, id: &SpotifyAlbumId) -> Result<Option<Album>, Error> {
        self.fetch(&format!("/albums/{id}"), &[self.market()], album_from_json)
            .await
    }

    /// One page of up to 50 tracks of an album, from `offset`.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn fetch_album_tracks(
        &self,
        id: &SpotifyAlbumId,
        offset: u32,
    ) -> Result<Option<TrackPage>, Error> {
        let from = offset.to_string();
        let query = [self.market(), ("limit", TRACKS_PAGE), ("offset", &from)];
        self.fetch(&format!("/albums/{id}/tracks"), &query, |body| {
            track_page_from_json(body, offset)
        })
        .await
    }

    /// A whole track: the only way to the ISRC of a track met on an album.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn fetch_track(&self, id: &SpotifyTrackId) -> Result<Option<Track>, Error> {
        self.fetch(&format!("/tracks/{id}"), &[self.market()], track_from_json)
            .await
    }

    /// Up to 10 artists for a name, best first by Spotify's own lights: namesakes and worse are among them.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn search_artists(&self, name: &str) -> Result<Vec<Artist>, Error> {
        let query: String = name.chars().take(LONGEST_QUERY).collect();
        self.search("artist", &query, artists_from_search_json).await
    }

    /// Up to 10 tracks that have an ISRC: one recording is often on a single, its album and compilations.
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn search_tracks_by_isrc(&self, isrc: &Isrc) -> Result<Vec<Track>, Error> {
        self.search("track", &format!("isrc:{isrc}"), tracks_from_search_json)
            .await
    }

    /// Up to 10 albums filed under exactly this form of a barcode, leading zeros and all: one of [`upc_forms`].
    ///
    /// # Errors
    /// As [`Spotify::fetch_artist`].
    pub async fn search_albums_by_upc(&self, form: &str) -> Result<Vec<SimpleAlbum>, Error> {
        self.search("album", &format!("upc:{form}"), albums_from_search_json)
            .await
    }

    async fn search<T>(
        &self,
        kind: &str,
        query: &str,
        map: fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let query = [("q", query), ("type", kind), self.market(), ("limit", PAGE)];
        // Nothing found is an empty page; 404 is another server than the one meant.
        self.fetch("/search", &query, map)
            .await?
            .ok_or_else(|| Error::Decode("it knows no search: is the API's address right?".to_owned()))
    }

    async fn fetch<T>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        map: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let answer = self.ask(path, query).await?;
        answers::body(answer, Utc::now())?
            .map(|body| map(&body))
            .transpose()
    }

    /// Asks with the token there is, and once more with another where that one is turned away.
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<http::HttpResponse, Error> {
        let url = format!("{}{path}", self.settings.api_url);
        let request = |token: &str| http::send(self.http.get(&url).query(query).bearer_auth(token));
        let token = self.token(None).await?;
        let answer = request(&token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        request(&self.token(Some(&token)).await?).await
    }

    /// A token that is fresh and not `turned_away`. The lock is held while one is fetched, so that callers share it.
    async fn token(&self, turned_away: Option<&str>) -> Result<String, Error> {
        let mut held = self.token.lock().await;
        if let Some(token) = held
            .as_ref()
            .filter(|token| token.is_fresh(Utc::now()) && turned_away != Some(token.value()))
        {
            return Ok(token.value().to_owned());
        }
        *held = None;
        let token = token::fetch(&self.http, &self.settings).await?;
        let value = token.value().to_owned();
        *held = Some(token);
        Ok(value)
    }

    fn market(&self) -> (&'static str, &str) {
        ("market", &self.settings.market)
    }
}

/// The forms under which Spotify may file a barcode, which it searches for to the digit: 14, 13 and 12 digits.
#[must_use]
pub fn upc_forms(upc: &Upc) -> Vec<String> {
    let upc = upc.as_str();
    [14, 13, 12]
        .into_iter()
        .filter(|digits| *digits >= upc.len())
        .map(|digits| format!("{upc:0>digits$}"))
        .collect()
}
