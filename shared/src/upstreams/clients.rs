//! The clients of the upstreams that the settings allow for, and what is switched off without the others.
//! When they are called is the functions' matter.

use std::sync::Arc;

use super::musicbrainz::MusicBrainz;
use super::spotify::Spotify;
use crate::config::{Config, VARIABLES};
use crate::http;
use anyhow::Context as _;

/// One client an upstream; None for one that the settings leave out.
#[derive(Clone)]
pub struct Clients {
    /// Spotify, where there are credentials.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, where there is a contact to give it.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}

impl Clients {
    /// The clients that `config` allows for.
    ///
    /// # Errors
    /// When the contact has characters that a request cannot carry.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let http = http::client(&config.user_agent())
            .context("CONTACT cannot be sent along with requests")?;
        let spotify = config.spotify.clone();
        Ok(Self {
            spotify: spotify.map(|settings| Arc::new(Spotify::new(http.clone(), settings))),
            musicbrainz: config
                .contact
                .as_ref()
                .map(|_| Arc::new(MusicBrainz::new(http, config.musicbrainz_url.clone()))),
        })
    }

    /// What is switched off, a line each, with the settings that would switch it on.
    #[must_use]
    pub fn switched_off(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.spotify.is_none() {
            lines.push(without(
                "SPOTIFY_CLIENT_ID",
                "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET",
            ));
        }
        if self.musicbrainz.is_none() {
            lines.push(without("CONTACT", "CONTACT"));
        }
        lines
    }
}

fn without(name: &str, set: &str) -> String {
    let variable = VARIABLES.iter().find(|variable| variable.name == name);
    let without = variable.map_or("", |variable| variable.without);
    format!("{without}: set {set}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_named_and_what_is_set_is_not() {
        let clients = |set: &'static [(&str, &str)]| {
            let get = |name: &str| {
                let found = set.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Clients::new(&Config::read(get).unwrap())
                .unwrap()
                .switched_off()
        };
        assert_eq!(
            clients(&[]),
            [
                "nothing can be brought in from Spotify: set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET",
                "MusicBrainz is not asked, as it wants to know who asks: set CONTACT"
            ]
        );
        let all = &[
            ("CONTACT", "me@example.org"),
            ("SPOTIFY_CLIENT_ID", "a"),
            ("SPOTIFY_CLIENT_SECRET", "b"),
        ];
        assert!(clients(all).is_empty());
    }
}
