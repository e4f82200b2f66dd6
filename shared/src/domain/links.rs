//! Recognises the site that a URL leads to, and the handle or id in it. Nothing is fetched or guessed.

#[cfg(test)]
mod tests;

use url::Url;

use crate::domain::ids::SpotifyArtistId;
use crate::domain::text_enums::text_enum;

text_enum! {
    /// The site of a link, which determines what its value is.
    LinkKind {
        /// An Instagram profile; the value is the handle in lower case.
        Instagram = "instagram",
        /// The artist's own site, if the source states that; the value is the URL.
        Website = "website",
        /// A Twitter (X) profile; the value is the handle.
        Twitter = "twitter",
        /// A Facebook page or profile; the value is its name or number.
        Facebook = "facebook",
        /// A YouTube channel; the value is `@handle`, `channel/…`, `user/…` or `c/…`.
        YouTube = "youtube",
        /// A SoundCloud profile; the value is its name.
        SoundCloud = "soundcloud",
        /// A Bandcamp site; the value is its subdomain.
        Bandcamp = "bandcamp",
        /// A TikTok profile; the value is the handle.
        TikTok = "tiktok",
        /// A Threads profile; the value is the handle, which is the Instagram handle.
        Threads = "threads",
        /// A Discogs artist; the value is the number.
        Discogs = "discogs",
        /// A Genius artist; the value is the slug.
        Genius = "genius",
        /// A Spotify artist; the value is the id.
        Spotify = "spotify",
        /// A Wikidata item; the value is the Q number.
        Wikidata = "wikidata",
        /// An IMDb person; the value is the nm number.
        Imdb = "imdb",
        /// Any other page; the value is the URL.
        Other = "other",
    }
}

/// A link that a source states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The site.
    pub kind: LinkKind,
    /// The URL as stated.
    pub url: String,
    /// A handle, an id or the URL again, as [`LinkKind`] describes.
    pub value: String,
}

/// Parses a web address, with or without its scheme; `None` for any other text. A page of a known site that
/// is not a profile (a video, a track, a post) is [`LinkKind::Other`], so a kind with handles always has a
/// possible handle.
#[must_use]
pub fn read(url: &str) -> Option<Link> {
    let stated = url.trim();
    let url = match Url::parse(stated) {
        Err(url::ParseError::RelativeUrlWithoutBase) => Url::parse(&format!("https://{stated}")),
        parsed => parsed,
    }
    .ok()
    .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.domain().filter(|host| host.contains('.'))?;
    let host = ["www.", "m.", "mobile."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .unwrap_or(host);
    let segments: Vec<&str> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.is_empty())
        .collect();
    let (kind, value) = social_profile(host, &segments, &url)
        .or_else(|| database_record(host, &segments))
        .unwrap_or_else(|| (LinkKind::Other, stated.to_owned()));
    Some(Link {
        kind,
        url: stated.to_owned(),
        value,
    })
}

/// The Instagram handle in what people write for one: `@Name`, `name/` or a link. `None` if it cannot be a
/// handle.
#[must_use]
pub fn instagram_handle(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.trim_end_matches('/');
    let bare = bare.strip_prefix('@').unwrap_or(bare);
    if let Some(handle) = word(bare, "._", 30) {
        // "instagram.com" has the form of a handle.
        return (!matches!(handle.as_str(), "instagram.com" | "www.instagram.com"))
            .then(|| handle.to_ascii_lowercase());
    }
    read(text)
        .filter(|link| link.kind == LinkKind::Instagram)
        .map(|link| link.value)
}

/// Recognises profiles on social networks.
fn social_profile(host: &str, segments: &[&str], url: &Url) -> Option<(LinkKind, String)> {
    if let Some(name) = host.strip_suffix(".bandcamp.com") {
        let root = matches!(segments, [] | ["music"]);
        return word(name, "-", 63)
            .filter(|_| root && !matches!(name, "daily" | "get"))
            .map(|name| (LinkKind::Bandcamp, name));
    }
    let kind = match host {
        "instagram.com" => LinkKind::Instagram,
        "twitter.com" | "x.com" => LinkKind::Twitter,
        "facebook.com" => LinkKind::Facebook,
        "youtube.com" | "music.youtube.com" => LinkKind::YouTube,
        "soundcloud.com" => LinkKind::SoundCloud,
        "tiktok.com" => LinkKind::TikTok,
        "threads.net" | "threads.com" => LinkKind::Threads,
        _ => return None,
    };
    let value = match (kind, segments) {
        (
            _,
            [
                "about" | "explore" | "home" | "intent" | "login" | "search" | "share" | "watch",
                ..,
            ],
        ) => None,
        (LinkKind::Instagram, ["accounts" | "p" | "reel" | "reels" | "stories" | "tv", ..]) => None,
        (LinkKind::Instagram, [handle, ..]) => {
            word(handle, "._", 30).map(|handle| handle.to_ascii_lowercase())
        }
        (LinkKind::Threads, [handle, ..]) => {
            word(handle.strip_prefix('@')?, "._", 30).map(|handle| handle.to_ascii_lowercase())
        }
        (LinkKind::TikTok, [handle, ..]) => word(handle.strip_prefix('@')?, "._", 24),
        (LinkKind::Twitter, [handle]) => word(handle.strip_prefix('@').unwrap_or(handle), "_", 15),
        (LinkKind::SoundCloud, [name]) => word(name, "-_", 25),
        (LinkKind::YouTube, [handle, ..]) if handle.starts_with('@') => Some((*handle).to_owned()),
        (LinkKind::YouTube, [form @ ("channel" | "user" | "c"), name, ..]) => Some(format!("{form}/{name}")),
        (LinkKind::Facebook, ["profile.php"]) => url
            .query_pairs()
            .find(|(key, _)| key == "id")
            .and_then(|(_, id)| number(&id)),
        (LinkKind::Facebook, ["pages" | "people", _, id]) => number(id),
        (LinkKind::Facebook, [name]) => word(name, ".-", 75),
        _ => None,
    };
    value.map(|value| (kind, value))
}

/// Recognises records in databases of artists.
fn database_record(host: &str, segments: &[&str]) -> Option<(LinkKind, String)> {
    match (host, segments) {
        ("discogs.com", [.., "artist", slug]) => {
            number(slug.split('-').next()?).map(|id| (LinkKind::Discogs, id))
        }
        ("genius.com", ["artists", slug]) => Some((LinkKind::Genius, (*slug).to_owned())),
        ("open.spotify.com", [.., "artist", id]) => {
            Some((LinkKind::Spotify, id.parse::<SpotifyArtistId>().ok()?.into()))
        }
        ("wikidata.org", ["wiki" | "entity", id]) => {
            number(id.strip_prefix('Q')?).map(|_| (LinkKind::Wikidata, (*id).to_owned()))
        }
        ("imdb.com", ["name", id, ..]) => {
            number(id.strip_prefix("nm")?).map(|_| (LinkKind::Imdb, (*id).to_owned()))
        }
        _ => None,
    }
}

/// The text, if it consists of letters, digits and the allowed marks and is not too long.
fn word(text: &str, marks: &str, max_length: usize) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    ((1..=max_length).contains(&text.len()) && text.chars().all(allowed)).then(|| text.to_owned())
}

fn number(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}
