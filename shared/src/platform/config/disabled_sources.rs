//! Lists the sources that are disabled because a setting is missing.

use serde::Serialize;

use super::load::Config;
use super::variables::{CONTACT, DISCOGS_TOKEN, GENIUS_TOKEN, SPOTIFY_CLIENT_ID, Variable};
use crate::domain::credits::Source;

/// A source that is disabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisabledSource {
    /// The source.
    pub source: Source,
    /// The consequence and the missing setting.
    pub reason: String,
}

impl Config {
    /// The sources that are disabled because a setting is missing.
    #[must_use]
    pub fn disabled_sources(&self) -> Vec<DisabledSource> {
        let disabled = |is_disabled: bool, source, variable: Variable, set: &str| {
            is_disabled.then(|| DisabledSource {
                source,
                reason: format!("{}: set {set}", variable.without),
            })
        };
        [
            disabled(
                self.spotify.is_none(),
                Source::Spotify,
                SPOTIFY_CLIENT_ID,
                "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET \
                 (names, UPCs, mbid:… and links to musicbrainz.org work without it)",
            ),
            disabled(self.contact.is_none(), Source::MusicBrainz, CONTACT, CONTACT.name),
            disabled(
                self.discogs.is_none(),
                Source::Discogs,
                DISCOGS_TOKEN,
                DISCOGS_TOKEN.name,
            ),
            disabled(
                self.genius.is_none(),
                Source::Genius,
                GENIUS_TOKEN,
                GENIUS_TOKEN.name,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The sources that are enabled.
    #[must_use]
    pub fn enabled_sources(&self) -> Vec<Source> {
        [
            (Source::Spotify, self.spotify.is_some()),
            (Source::MusicBrainz, self.contact.is_some()),
            (Source::Discogs, self.discogs.is_some()),
            (Source::Genius, self.genius.is_some()),
            (Source::Instagram, self.instagram.is_some()),
        ]
        .into_iter()
        .filter_map(|(source, is_on)| is_on.then_some(source))
        .collect()
    }
}
