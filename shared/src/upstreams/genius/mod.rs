//! Genius: songs with their credits, and artists with their handles, from its API. The website is never
//! requested.

mod credits;
mod entities;
mod mapping;
#[cfg(test)]
mod tests;
mod titles;
mod wire;

use serde::de::DeserializeOwned;

pub use self::entities::{
    Artist, PageArtist, PageKind, RelatedSong, Song, SongAlbum, SongRelation, SongSummary,
};
pub use self::mapping::{artist_from_json, song_from_json, songs_from_search_json};
use crate::domain::ids::{GeniusArtistId, GeniusSongId};
use crate::platform::config::GeniusSettings;
use crate::platform::http::{self, Error};

/// The longest search text, in characters. The rest of a longer title would not find more.
const LONGEST_QUERY: usize = 200;
/// Requests the texts that are not read in their shortest form.
const TEXT_FORMAT: (&str, &str) = ("text_format", "plain");

/// The client. Every method makes one request and fails as [`http::HttpResponse::read`] describes, with one
/// difference: a successful response with HTML comes from the guard against robots and is [`Error::Blocked`].
pub struct Genius {
    http: reqwest::Client,
    settings: GeniusSettings,
}

impl Genius {
    /// Creates a client.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: GeniusSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self { http, settings }
    }

    /// Searches for an artist and a title; the 10 best pages. Genius searches all texts, so the pages include
    /// other songs, translations and pages about records, and the first one is not necessarily the right one.
    pub async fn search_songs(&self, artist: &str, title: &str) -> Result<Vec<SongSummary>, Error> {
        let query: String = titles::clean_text(&format!("{title} {artist}"))
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_QUERY)
            .collect();
        let response = self.get("search", &[("q", &query)]).await?;
        Ok(response.map(mapping::songs_from_wire).unwrap_or_default())
    }

    /// Fetches a song with its credits.
    pub async fn fetch_song(&self, id: GeniusSongId) -> Result<Option<Song>, Error> {
        let song = self.get(&format!("songs/{id}"), &[TEXT_FORMAT]).await?;
        Ok(song.map(mapping::song_from_wire))
    }

    /// Fetches an artist with names and links.
    pub async fn fetch_artist(&self, id: GeniusArtistId) -> Result<Option<Artist>, Error> {
        let artist = self.get(&format!("artists/{id}"), &[TEXT_FORMAT]).await?;
        Ok(artist.map(mapping::artist_from_wire))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Option<T>, Error> {
        let request = self
            .http
            .get(format!("{}/{path}", self.settings.url))
            .bearer_auth(&self.settings.token)
            .query(parameters);
        let response = http::send(request).await?;
        if response.status.is_success() && response.is_html() {
            return Err(Error::Blocked(format!("{} with an HTML page", response.status)));
        }
        response.read()
    }
}
