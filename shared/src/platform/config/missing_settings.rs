//! What to set so that a requested item can be looked up.

use super::disabled_sources::DisabledSource;
use crate::domain::credits::Source;
use crate::domain::ids::RequestedItem;

/// Why no source can look an item up, and what to set, in one line; `None` if one of them is not disabled.
#[must_use]
pub fn missing_for(item: &RequestedItem, disabled: &[DisabledSource]) -> Option<String> {
    let sources: &[Source] = match item {
        RequestedItem::Name(_) | RequestedItem::Upc(_) => &[Source::MusicBrainz, Source::Spotify],
        RequestedItem::Artist(_)
        | RequestedItem::Album(_)
        | RequestedItem::Track(_)
        | RequestedItem::Isrc(_) => &[Source::Spotify],
        RequestedItem::MusicBrainzArtist(_)
        | RequestedItem::Release(_)
        | RequestedItem::ReleaseGroup(_)
        | RequestedItem::Mbid(_) => &[Source::MusicBrainz],
    };
    let reason = |source| {
        let found = disabled.iter().find(|off| off.source == source);
        found.map(|off| off.reason.as_str())
    };
    let reasons: Vec<&str> = sources
        .iter()
        .map(|source| reason(*source))
        .collect::<Option<_>>()?;
    let shown = match item {
        RequestedItem::Name(name) => format!("\"{name}\""),
        item => item.to_string(),
    };
    Some(format!("{shown} cannot be looked up: {}", reasons.join("; or ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::{Config, VARIABLES};

    fn missing(set: &[&str], item: &str) -> Option<String> {
        let value = |name: &str| set.contains(&name).then(|| "https://host.example".to_owned());
        let config = Config::read(VARIABLES, value).unwrap();
        missing_for(&item.parse().unwrap(), &config.disabled_sources())
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
        let set_spotify = "set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET";
        for (set, item, expected) in [
            (&[][..], "David Bowie", &["set CONTACT", set_spotify][..]),
            (&[], "upc:602475093060", &["set CONTACT", set_spotify]),
            (&[], ARTIST, &[set_spotify]),
            (&[], MBID, &["set CONTACT"]),
            (&["CONTACT"], "David Bowie", &[]),
            (&["CONTACT"], "upc:602475093060", &[]),
            (&["CONTACT"], MBID, &[]),
            (&["CONTACT"], ARTIST, &[set_spotify]),
            (&["CONTACT"], "isrc:USSM18300503", &[set_spotify]),
            (&["DISCOGS_TOKEN"], "David Bowie", &["set CONTACT", set_spotify]),
            (spotify, "David Bowie", &[]),
            (spotify, ARTIST, &[]),
            (spotify, MBID, &["set CONTACT"]),
        ] {
            let text = missing(set, item);
            assert_eq!(text.is_some(), !expected.is_empty(), "{set:?} {item}: {text:?}");
            let text = text.unwrap_or_default();
            let is_named = expected.iter().all(|part| text.contains(part));
            assert!(is_named && !text.contains('\n'), "{set:?} {item}: {text}");
        }
    }
}
