//! Lists the sources that are disabled because a setting is missing or cannot be used.

use serde::Serialize;

use super::load::Config;
use super::values::InvalidSetting;
use super::variables::{CONTACT, DISCOGS_TOKEN, GENIUS_TOKEN, SPOTIFY_CLIENT_ID, Variable};
use crate::domain::credits::Source;

/// A source that is disabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisabledSource {
    /// The source.
    pub source: Source,
    /// The consequence, and the setting that is missing or what is wrong with it.
    pub reason: String,
}

impl Config {
    /// The sources that are disabled because a setting is missing or cannot be used.
    #[must_use]
    pub fn disabled_sources(&self) -> Vec<DisabledSource> {
        let disabled = |is_disabled: bool, source, variable: Variable, set: &str| {
            is_disabled.then(|| DisabledSource {
                source,
                reason: match self.refusal(source) {
                    Some(refused) => format!("{}: {refused}", variable.without),
                    None => format!("{}: set {set}", variable.without),
                },
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

    /// What is wrong with a setting of a source; `None` if nothing is.
    pub(super) fn refusal(&self, source: Source) -> Option<&InvalidSetting> {
        let refused = self.refused.iter().find(|(refused, _)| *refused == source)?;
        Some(&refused.1)
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
