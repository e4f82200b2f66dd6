//! The clients of the upstreams that the settings allow for.
//! When they are called is the functions' matter.

use std::sync::Arc;

use super::discogs::Discogs;
use super::genius::Genius;
use super::instagram::Instagram;
use super::musicbrainz::MusicBrainz;
use super::spotify::Spotify;
use crate::platform::config::Config;
use crate::platform::http;
use anyhow::Context as _;

/// One client an upstream; None for one that the settings leave out.
#[derive(Clone)]
pub struct Clients {
    /// Spotify, where there are credentials.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, where there is a contact to give it.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs, where there is a token.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius, where there is a token.
    pub genius: Option<Arc<Genius>>,
    /// Instagram, where there are a token and an account.
    pub instagram: Option<Arc<Instagram>>,
}

impl Clients {
    /// The clients that `config` allows for.
    ///
    /// # Errors
    /// When the contact has characters that a request cannot carry.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let http =
            http::client(&config.user_agent()).context("CONTACT cannot be sent along with requests")?;
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
