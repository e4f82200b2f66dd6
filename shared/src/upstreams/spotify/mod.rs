//! Spotify: artists, albums and tracks from its Web API in development mode, which has pages of 10 albums, no
//! batch endpoints, and leaves out many fields.

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
use crate::platform::http::{self, Error};
use token::AccessToken;

/// The largest page of the albums of an artist, or of a search, in development mode.
const PAGE_SIZE: &str = "10";
/// The largest page of the tracks of an album.
const TRACK_PAGE_SIZE: &str = "50";
/// The longest search text, in characters. Spotify answers longer ones with status 400.
const LONGEST_QUERY: usize = 250;

/// The client. Every method makes one request to the API, a second one if the token had expired, and one for
/// a token if there is none. Concurrent callers share the request for a token.
pub struct Spotify {
    http: reqwest::Client,
    settings: SpotifySettings,
    token: Mutex<Option<AccessToken>>,
}

impl Spotify {
    /// Creates a client. It makes no request.
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

    /// Fetches an artist.
    ///
    /// # Errors
    /// [`Error::RateLimited`] for a pause and for an exhausted quota, [`Error::Refused`] if a person must fix
    /// the app or its settings, [`Error::Blocked`], [`Error::Unavailable`] or [`Error::Decode`]. The other
    /// methods fail in the same way.
    pub async fn fetch_artist(&self, id: &SpotifyArtistId) -> Result<Option<Artist>, Error> {
        self.fetch(&format!("/artists/{id}"), &[], artist_from_json).await
    }

    /// Fetches a page of up to 10 albums of an artist from `offset`. Empty `groups` means all groups. If an
    /// album has several editions, the page has the one for the market in the settings.
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
        let (market, start) = (self.market(), offset.to_string());
        let query = [
            ("include_groups", include_groups.as_str()),
            market,
            ("limit", PAGE_SIZE),
            ("offset", &start),
        ];
        self.fetch(&format!("/artists/{id}/albums"), &query, |body| {
            album_page_from_json(body, offset)
        })
        .await
    }

    /// Fetches an album with its first 50 tracks.
    pub async fn fetch_album(&self, id: &SpotifyAlbumId) -> Result<Option<Album>, Error> {
        self.fetch(&format!("/albums/{id}"), &[self.market()], album_from_json)
            .await
    }

    /// Fetches a page of up to 50 tracks of an album from `offset`.
    pub async fn fetch_album_tracks(
        &self,
        id: &SpotifyAlbumId,
        offset: u32,
    ) -> Result<Option<TrackPage>, Error> {
        let start = offset.to_string();
        let query = [self.market(), ("limit", TRACK_PAGE_SIZE), ("offset", &start)];
        self.fetch(&format!("/albums/{id}/tracks"), &query, |body| {
            track_page_from_json(body, offset)
        })
        .await
    }

    /// Fetches a track. This is the only way to get the ISRC of a track on an album.
    pub async fn fetch_track(&self, id: &SpotifyTrackId) -> Result<Option<Track>, Error> {
        self.fetch(&format!("/tracks/{id}"), &[self.market()], track_from_json)
            .await
    }

    /// Searches for artists by name; at most 10, the best first in the order of Spotify. They include
    /// namesakes and artists with other names.
    pub async fn search_artists(&self, name: &str) -> Result<Vec<Artist>, Error> {
        let query: String = name.chars().take(LONGEST_QUERY).collect();
        self.search("artist", &query, artists_from_search_json).await
    }

    /// Searches for tracks by ISRC; at most 10. A recording is often on a single, its album and compilations.
    pub async fn search_tracks_by_isrc(&self, isrc: &Isrc) -> Result<Vec<Track>, Error> {
        self.search("track", &format!("isrc:{isrc}"), tracks_from_search_json)
            .await
    }

    /// Searches for albums with exactly this form of a barcode, which is one of [`upc_forms`]; at most 10.
    /// Leading zeros matter.
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
        let query = [("q", query), ("type", kind), self.market(), ("limit", PAGE_SIZE)];
        // An empty result is an empty page, so 404 means that the base URL is wrong.
        self.fetch("/search", &query, map).await?.ok_or_else(|| {
            Error::Decode("the server has no search endpoint: check the address in SPOTIFY_URL".to_owned())
        })
    }

    async fn fetch<T>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        map: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let response = self.send(path, query).await?;
        answers::body(response, Utc::now())?
            .map(|body| map(&body))
            .transpose()
    }

    /// Sends a request, and repeats it once with a new token if Spotify refuses the token.
    async fn send(&self, path: &str, query: &[(&str, &str)]) -> Result<http::HttpResponse, Error> {
        let url = format!("{}{path}", self.settings.api_url);
        let request = |token: &str| http::send(self.http.get(&url).query(query).bearer_auth(token));
        let token = self.token(None).await?;
        let response = request(&token).await?;
        if response.status != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        request(&self.token(Some(&token)).await?).await
    }

    /// A token that is fresh and not `refused`. The lock is held while a token is fetched, so that callers
    /// share it.
    async fn token(&self, refused: Option<&str>) -> Result<String, Error> {
        let mut cached = self.token.lock().await;
        if let Some(token) = cached
            .as_ref()
            .filter(|token| token.is_fresh(Utc::now()) && refused != Some(token.value()))
        {
            return Ok(token.value().to_owned());
        }
        *cached = None;
        let token = token::fetch(&self.http, &self.settings).await?;
        let value = token.value().to_owned();
        *cached = Some(token);
        Ok(value)
    }

    fn market(&self) -> (&'static str, &str) {
        ("market", &self.settings.market)
    }
}

/// The forms in which Spotify may store a barcode: with 14, 13 and 12 digits. Its search finds only the exact
/// form.
#[must_use]
pub fn upc_forms(upc: &Upc) -> Vec<String> {
    let upc = upc.as_str();
    [14, 13, 12]
        .into_iter()
        .filter(|digits| *digits >= upc.len())
        .map(|digits| format!("{upc:0>digits$}"))
        .collect()
}
