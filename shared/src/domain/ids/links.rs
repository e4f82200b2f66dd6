//! Finds the links in what a person typed and parses them. A link is read or refused, but never taken for a
//! name.

use url::Url;

use super::requested_items::RequestedItem;
use super::text_ids::{InvalidId, NAME_HINT, quoted};

/// Hosts of Spotify's pages and players.
const SPOTIFY_HOSTS: [&str; 5] = [
    "open.spotify.com",
    "play.spotify.com",
    "embed.spotify.com",
    "player.spotify.com",
    "spotify.com",
];
/// Hosts of MusicBrainz that have the same ids. The test server has others.
const MUSICBRAINZ_HOSTS: [&str; 2] = ["musicbrainz.org", "beta.musicbrainz.org"];
/// Hosts whose links say nothing until they are opened.
const SHORT_LINK_HOSTS: [&str; 8] = [
    "spotify.link",
    "spotify.app.link",
    "link.tospotify.com",
    "spoti.fi",
    "bit.ly",
    "t.co",
    "tinyurl.com",
    "goo.gl",
];
/// Schemes without slashes that no name begins with.
const OTHER_SCHEMES: [&str; 4] = ["mailto:", "file:", "data:", "javascript:"];
/// Parts of a URI behind its scheme: spotify:track:…, and those of players and other services.
const URI_KINDS: [&str; 5] = [":artist:", ":album:", ":track:", ":playlist:", ":release:"];

/// The item that the links in a text lead to. `None` if the text has no link.
pub(super) fn read_links(text: &str) -> Option<Result<RequestedItem, InvalidId>> {
    let mut items: Vec<_> = find_links(text).into_iter().map(read_link).collect();
    items.dedup();
    if items.len() > 1 {
        return Some(Err(InvalidId(format!(
            "{} has several links: give each as an item of its own",
            quoted(text)
        ))));
    }
    items.pop()
}

/// The links in a text, without brackets, quotes and punctuation around them.
fn find_links(text: &str) -> Vec<&str> {
    let is_border = |c: char| c.is_whitespace() || "<>()[]{}\"'`|,;“”„‘’«»‹›「」『』【】、。".contains(c);
    text.split(is_border)
        .filter_map(|word| Some(&word[link_start(word)?..]))
        .map(|link| link.trim_end_matches(['.', ':', '!', '?', '…', '*', '_', '~']))
        .filter(|link| !link.is_empty())
        .collect()
}

/// Where a link begins in a word: at a scheme, or at a host with a dot and a path behind a slash.
fn link_start(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let scheme_start = |end: usize| {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        lower[..end].trim_end_matches(is_scheme).len()
    };
    if let Some(end) = lower.find("://") {
        return Some(scheme_start(end));
    }
    for uri in ["spotify:", "musicbrainz:"] {
        if let Some(start) = lower.find(uri)
            && lower.len() > start + uri.len()
        {
            return Some(scheme_start(start));
        }
    }
    if let Some(end) = URI_KINDS.iter().find_map(|kind| lower.find(kind)) {
        return Some(scheme_start(end));
    }
    let has_rest = |scheme: &&str| lower.starts_with(*scheme) && lower.len() > scheme.len();
    let has_scheme = ["http:", "https:"].iter().chain(&OTHER_SCHEMES).any(has_rest);
    if has_scheme || is_bare_host(&lower) {
        return Some(0);
    }
    let mut slashes = lower.match_indices(['/', '\\']);
    slashes.find_map(|(slash, _)| host_start(&lower[..slash]))
}

/// A host without a path that is a link all the same: one of ours, or one that begins with `www.`.
fn is_bare_host(word: &str) -> bool {
    let host = without_port(word.split(['?', '#']).next().unwrap_or(word));
    let known = |hosts: &[&str]| hosts.contains(&host.trim_start_matches("www."));
    known(&SPOTIFY_HOSTS)
        || known(&MUSICBRAINZ_HOSTS)
        || (host.starts_with("www.") && host.matches('.').count() > 1 && is_host(host))
}

/// Where the host begins that ends at the end of the text.
fn host_start(text: &str) -> Option<usize> {
    let text = without_port(text);
    let start = text.trim_end_matches(|c| c == '.' || is_in_label(c)).len();
    is_host(&text[start..]).then_some(start)
}

fn is_in_label(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => text,
    }
}

/// Whether a text has the form of a host with a dot. The last label of a host has at least two letters, which
/// tells it from an abbreviation such as N.W.A.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(is_in_label);
    labels.len() > 1
        && labels.iter().all(is_label)
        && last.chars().count() > 1
        && last.chars().all(char::is_alphabetic)
}

fn read_link(link: &str) -> Result<RequestedItem, InvalidId> {
    let lower = link.to_ascii_lowercase();
    for (scheme, parse) in [
        ("spotify:", spotify_item as fn(_, _, _) -> _),
        ("musicbrainz:", musicbrainz_item),
    ] {
        if lower.starts_with(scheme) {
            let mut parts = link[scheme.len()..]
                .split([':', '/'])
                .filter(|part| !part.is_empty());
            return parse(link, parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        }
    }
    let is_web = lower.starts_with("http:") || lower.starts_with("https:");
    let head = lower.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let url = if is_web {
        Url::parse(link)
    } else if is_host(without_port(head)) {
        Url::parse(&format!("https://{link}"))
    } else {
        return Err(no_link_of_ours(link));
    };
    url.map_err(|_| InvalidId(format!("{} is not a URL", quoted(link))))
        .and_then(|url| item_from_url(link, &url))
}

fn item_from_url(link: &str, url: &Url) -> Result<RequestedItem, InvalidId> {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = host.trim_start_matches("www.");
    // A localised Spotify link has a segment such as intl-de before the kind, and the API of MusicBrainz has
    // its version there.
    let is_kind_or_id = |part: &&str| {
        !part.is_empty() && !part.starts_with("intl-") && !matches!(*part, "embed" | "ws" | "2")
    };
    let mut parts = url.path_segments().into_iter().flatten().filter(is_kind_or_id);
    let (kind, id) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    if SPOTIFY_HOSTS.contains(&host) {
        return match url.query_pairs().find(|(name, _)| name == "uri" || name == "url") {
            Some((_, uri)) if kind.is_empty() || kind == "oembed" => {
                read_links(&uri).unwrap_or_else(|| spotify_item(link, "", ""))
            }
            _ => spotify_item(link, kind, id),
        };
    }
    if MUSICBRAINZ_HOSTS.contains(&host) {
        return musicbrainz_item(link, kind, id);
    }
    if SHORT_LINK_HOSTS.contains(&host) {
        return Err(InvalidId(format!(
            "{} is a short link: open it, and give the address that it leads to",
            quoted(link)
        )));
    }
    Err(no_link_of_ours(link))
}

fn no_link_of_ours(link: &str) -> InvalidId {
    InvalidId(format!(
        "{} is not a Spotify or MusicBrainz link, which begins with https://open.spotify.com/ or \
         https://musicbrainz.org/ {NAME_HINT}",
        quoted(link)
    ))
}

fn musicbrainz_item(link: &str, kind: &str, id: &str) -> Result<RequestedItem, InvalidId> {
    let id = without_rest(id);
    let not_ours = || {
        InvalidId(format!(
            "{} is not a MusicBrainz artist, release or release group",
            quoted(link)
        ))
    };
    match kind.to_ascii_lowercase().as_str() {
        _ if id.is_empty() => Err(not_ours()),
        "artist" => id.parse().map(RequestedItem::MusicBrainzArtist),
        "release" => id.parse().map(RequestedItem::Release),
        "release-group" => id.parse().map(RequestedItem::ReleaseGroup),
        "mbid" => id.parse().map(RequestedItem::Mbid),
        "isrc" => id.parse().map(RequestedItem::Isrc),
        _ => Err(not_ours()),
    }
}

fn spotify_item(link: &str, kind: &str, id: &str) -> Result<RequestedItem, InvalidId> {
    let id = without_rest(id);
    let not_ours = || {
        InvalidId(format!(
            "{} is not a Spotify artist, album or track",
            quoted(link)
        ))
    };
    match kind.to_ascii_lowercase().as_str() {
        _ if id.is_empty() => Err(not_ours()),
        "artist" => id.parse().map(RequestedItem::Artist),
        "album" => id.parse().map(RequestedItem::Album),
        "track" => id.parse().map(RequestedItem::Track),
        _ => Err(not_ours()),
    }
}

/// An id without what stands behind it: parameters, also percent-encoded, a file's ending or a full stop.
fn without_rest(id: &str) -> &str {
    id.split(['?', '&', '#', '%', '.', '!', ':', '*', '=', '~'])
        .next()
        .unwrap_or(id)
}
