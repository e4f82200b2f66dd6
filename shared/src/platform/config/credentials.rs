//! Distinguishes credentials without showing them, so that a source that refuses one is asked with another.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::load::Config;
use crate::domain::credits::Source;

/// Enough to tell a few credentials apart, and too little to confirm a guess.
const HASH_BYTES: usize = 4;

/// A short hash of the credentials of each source that is switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialHashes(BTreeMap<Source, String>);

impl CredentialHashes {
    /// The hash of the credentials for a source; `None` without credentials.
    #[must_use]
    pub fn find(&self, source: Source) -> Option<&str> {
        self.0.get(&source).map(String::as_str)
    }
}

impl Config {
    /// The hashes of all credentials.
    #[must_use]
    pub fn credential_hashes(&self) -> CredentialHashes {
        let spotify = self.spotify.as_ref();
        let instagram = self.instagram.as_ref();
        let credentials = [
            (
                Source::Spotify,
                spotify.map(|spotify| vec![&spotify.client_id, &spotify.client_secret]),
            ),
            (
                Source::MusicBrainz,
                self.contact.as_ref().map(|contact| vec![contact]),
            ),
            (
                Source::Discogs,
                self.discogs.as_ref().map(|discogs| vec![&discogs.token]),
            ),
            (
                Source::Genius,
                self.genius.as_ref().map(|genius| vec![&genius.token]),
            ),
            (
                Source::Instagram,
                instagram.map(|instagram| vec![&instagram.user_id, &instagram.token]),
            ),
        ];
        let hashes = credentials
            .into_iter()
            .filter_map(|(source, credentials)| Some((source, hash(source, &credentials?))));
        CredentialHashes(hashes.collect())
    }
}

fn hash(source: Source, credentials: &[&String]) -> String {
    let mut hasher = Sha256::new_with_prefix(source.as_str());
    for credential in credentials {
        hasher.update([0]);
        hasher.update(credential);
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(HASH_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::VARIABLES;

    fn hashes(settings: &[(&str, &str)]) -> CredentialHashes {
        let value = |name: &str| {
            let found = settings.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(VARIABLES, value).unwrap().credential_hashes()
    }

    #[test]
    fn a_changed_secret_changes_the_hash_of_its_source_alone() {
        let all = [
            ("SPOTIFY_CLIENT_ID", "id"),
            ("SPOTIFY_CLIENT_SECRET", "hunter2"),
            ("DISCOGS_TOKEN", "hunter2"),
            ("GENIUS_TOKEN", "hunter2"),
        ];
        let before = hashes(&all);
        assert_eq!(before, hashes(&all));
        for (changed, source) in [
            (0, Source::Spotify),
            (1, Source::Spotify),
            (2, Source::Discogs),
            (3, Source::Genius),
        ] {
            let mut settings = all;
            settings[changed].1 = "hunter3";
            let after = hashes(&settings);
            for other in [Source::Spotify, Source::Discogs, Source::Genius] {
                assert_eq!(
                    before.find(other) == after.find(other),
                    other != source,
                    "{changed} {other}"
                );
            }
        }
        let distinct = [Source::Spotify, Source::Discogs, Source::Genius].map(|source| before.find(source));
        assert!(distinct[0] != distinct[1] && distinct[1] != distinct[2]);
        assert_eq!(before.find(Source::Instagram), None);
        assert!(!format!("{before:?}").contains("hunter"));
    }
}
