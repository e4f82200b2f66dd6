//! The clients of all sources that are configured.

use std::sync::Arc;

use anyhow::Context as _;

use super::discogs::Discogs;
use super::genius::Genius;
use super::instagram::Instagram;
use super::musicbrainz::MusicBrainz;
use super::spotify::Spotify;
use crate::platform::config::Config;
use crate::platform::http;

/// One client per source; `None` for a source that is switched off.
#[derive(Clone)]
pub struct Clients {
    /// Spotify, if credentials are set.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, if a contact is set, which MusicBrainz requires.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs, if a token is set.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius, if a token is set.
    pub genius: Option<Arc<Genius>>,
    /// Instagram, if a token and an account are set.
    pub instagram: Option<Arc<Instagram>>,
}

impl Clients {
    /// Creates the clients of the sources that `config` has settings for.
    ///
    /// # Errors
    /// If the contact has characters that are not allowed in a User-Agent header.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let http = http::client(&config.user_agent())
            .context("CONTACT has characters that no header can contain")?;
        let spotify = config.spotify.clone();
        let discogs = config.discogs.clone();
        let genius = config.genius.clone();
        let instagram = config.instagram.clone();
        Ok(Self {
            spotify: spotify.map(|settings| Arc::new(Spotify::new(http.clone(), settings))),
            discogs: discogs.map(|settings| Arc::new(Discogs::new(http.clone(), settings))),
            genius: genius.map(|settings| Arc::new(Genius::new(http.clone(), settings))),
            instagram: instagram.map(|settings| Arc::new(Instagram::new(http.clone(), settings))),
            musicbrainz: config
                .contact
                .as_ref()
                .map(|_| Arc::new(MusicBrainz::new(http, config.musicbrainz_url.clone()))),
        })
    }
}
