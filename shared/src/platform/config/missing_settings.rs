//! What to set so that a requested item can be looked up.

use super::load::Config;
use crate::domain::credits::Source;
use crate::domain::ids::RequestedItem;

const SPOTIFY: &str = "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET of a Spotify app";
const MUSICBRAINZ: &str = "CONTACT, a URL or e-mail address of yours that is sent to MusicBrainz";

impl Config {
    /// The settings without which an item cannot be looked up, in one line; `None` if enough is set.
    #[must_use]
    pub fn missing_for(&self, item: &RequestedItem) -> Option<String> {
        let (spotify, musicbrainz) = (self.spotify.is_some(), self.contact.is_some());
        let set_spotify = match self.refusal(Source::Spotify) {
            Some(refused) => format!("correct {refused}"),
            None => format!("set {SPOTIFY}"),
        };
        let (is_possible, what_to_set) = match item {
            RequestedItem::Name(_) | RequestedItem::Upc(_) => (
                spotify || musicbrainz,
                format!("set {MUSICBRAINZ}, or {set_spotify}"),
            ),
            RequestedItem::Artist(_)
            | RequestedItem::Album(_)
            | RequestedItem::Track(_)
            | RequestedItem::Isrc(_) => (
                spotify,
                format!("{set_spotify}; with CONTACT alone, give a name, a UPC or a musicbrainz.org link"),
            ),
            RequestedItem::MusicBrainzArtist(_)
            | RequestedItem::Release(_)
            | RequestedItem::ReleaseGroup(_)
            | RequestedItem::Mbid(_) => (musicbrainz, format!("set {MUSICBRAINZ}")),
        };
        let shown = match item {
            RequestedItem::Name(name) => format!("\"{name}\""),
            item => item.to_string(),
        };
        (!is_possible).then(|| format!("{shown} cannot be looked up: {what_to_set}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::VARIABLES;

    fn missing(set: &[&str], item: &str) -> Option<String> {
        let value = |name: &str| set.contains(&name).then(|| "https://host.example".to_owned());
        let config = Config::read(VARIABLES, value).unwrap();
        config.missing_for(&item.parse().unwrap())
    }

    const ARTIST: &str = "spotify:artist:711MCceyCBcFnzjGY4Q7Un";
    const MBID: &str = "mbid:66c662b6-6e2f-4930-8610-912e24c63ed1";

    #[test]
    fn a_setting_that_cannot_be_used_is_named() {
        let text = missing(&["SPOTIFY_CLIENT_ID"], ARTIST).unwrap();
        assert!(text.contains("SPOTIFY_CLIENT_SECRET: is not set"), "{text}");
    }

    #[test]
    fn an_item_that_no_source_can_look_up_says_what_to_set() {
        let spotify: &[&str] = &["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"];
        for (set, item, expected) in [
            (&[][..], "David Bowie", Some("set CONTACT, ")),
            (&[], "upc:602475093060", Some("set CONTACT, ")),
            (&[], ARTIST, Some("set SPOTIFY_CLIENT_ID and ")),
            (&[], MBID, Some("set CONTACT, ")),
            (&["CONTACT"], "David Bowie", None),
            (&["CONTACT"], "upc:602475093060", None),
            (&["CONTACT"], MBID, None),
            (&["CONTACT"], ARTIST, Some("set SPOTIFY_CLIENT_ID and ")),
            (
                &["CONTACT"],
                "isrc:USSM18300503",
                Some("set SPOTIFY_CLIENT_ID and "),
            ),
            (&["DISCOGS_TOKEN"], "David Bowie", Some("set CONTACT, ")),
            (spotify, "David Bowie", None),
            (spotify, ARTIST, None),
            (spotify, MBID, Some("set CONTACT, ")),
        ] {
            let text = missing(set, item);
            assert_eq!(text.is_some(), expected.is_some(), "{set:?} {item}: {text:?}");
            let (text, expected) = (text.unwrap_or_default(), expected.unwrap_or_default());
            assert!(
                text.contains(expected) && !text.contains('\n'),
                "{set:?} {item}: {text}"
            );
        }
    }
}
