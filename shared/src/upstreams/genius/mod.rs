//! Genius: songs with their credits, and artists with their handles, from its API. Its website is never asked.
//! Waiting one's turn is [`crate::work::budgets`]; choosing among what was found is the caller's.

mod credits;
mod entities;
mod mapping;
#[cfg(test)]
mod tests;
mod titles;
mod wire;

use serde::de::DeserializeOwned;

pub use self::entities::{
    Artist, PageKind, RelatedSong, Song, SongAlbum, SongArtist, SongRelation, SongSummary,
};
pub use self::mapping::{artist_from_json, song_from_json, songs_from_search_json};
use crate::domain::ids::{GeniusArtistId, GeniusSongId};
use crate::platform::config::GeniusSettings;
use crate::platform::http;
use crate::platform::http::Error;

/// In characters; a longer title finds nothing that its beginning does not.
const LONGEST_QUERY: usize = 200;
/// The shortest form in which texts come along that are not read.
const TEXT_FORMAT: (&str, &str) = ("text_format", "plain");

/// The client. Every method makes exactly one request, and fails as [`http::HttpResponse::read`] says, with this difference: a page for
/// people in place of an answer is its guard against robots, and [`Error::Blocked`].
pub struct Genius {
    http: reqwest::Client,
    settings: GeniusSettings,
}

impl Genius {
    /// A client.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: GeniusSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self { http, settings }
    }

    /// The 10 pages that fit an artist's name and a title best. Genius searches all texts, so other songs, translations and
    /// pages about records are among them, and what comes first proves nothing.
    ///
    /// # Errors
    /// As [`Genius`] says.
    pub async fn search_songs(&self, artist: &str, title: &str) -> Result<Vec<SongSummary>, Error> {
        let query: String = titles::clean(&format!("{title} {artist}"))
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_QUERY)
            .collect();
        let answer = self.get("search", &[("q", &query)]).await?;
        Ok(answer.map(mapping::songs).unwrap_or_default())
    }

    /// A song with its credits.
    ///
    /// # Errors
    /// As [`Genius`] says.
    pub async fn fetch_song(&self, id: GeniusSongId) -> Result<Option<Song>, Error> {
        Ok(self
            .get(&format!("songs/{id}"), &[TEXT_FORMAT])
            .await?
            .map(mapping::song))
    }

    /// An artist with names and links.
    ///
    /// # Errors
    /// As [`Genius`] says.
    pub async fn fetch_artist(&self, id: GeniusArtistId) -> Result<Option<Artist>, Error> {
        Ok(self
            .get(&format!("artists/{id}"), &[TEXT_FORMAT])
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
            .get(format!("{}/{path}", self.settings.url))
            .bearer_auth(&self.settings.token)
            .query(parameters);
        let answer = http::send(request).await?;
        if answer.status.is_success() && answer.is_html() {
            return Err(Error::Blocked(format!(
                "{} with a page for people",
                answer.status
            )));
        }
        answer.read()
    }
}
