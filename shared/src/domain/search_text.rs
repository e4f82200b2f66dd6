//! Reads what a person typed into the search box: an id or a link, or words of a name or title.

use super::credits::Source;
use super::ids::RequestedItem;
use super::{names, titles};

/// A song is looked for in this many words at most. Each word more is one more place where a title can end.
const MAX_WORDS: usize = 14;

/// What the search text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchSubject {
    /// A record of a source, by its id there.
    Record {
        /// The source.
        source: Source,
        /// The id.
        source_id: String,
    },
    /// The recordings with this ISRC.
    Isrc(String),
    /// The albums with this barcode.
    Upc(String),
    /// Names or titles.
    Words(TitleQuery),
}

/// The ways to read a search text as a title, or as a title and an artist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitleQuery {
    /// The key of the whole text read as a title.
    pub title: String,
    /// The key of the title in each way to divide the text.
    pub titles: Vec<String>,
    /// The folded name of the artist in the same way.
    pub artists: Vec<String>,
}

/// Reads a search text. A link or code with a mistake is read as words.
#[must_use]
pub fn read(text: &str) -> SearchSubject {
    let text = text.trim();
    if let Some(source_id) = discogs_id(text) {
        return SearchSubject::Record {
            source: Source::Discogs,
            source_id,
        };
    }
    let record = |source, id: &dyn std::fmt::Display| SearchSubject::Record {
        source,
        source_id: id.to_string(),
    };
    match text.parse() {
        Ok(RequestedItem::Artist(id)) => record(Source::Spotify, &id),
        Ok(RequestedItem::Album(id)) => record(Source::Spotify, &id),
        Ok(RequestedItem::Track(id)) => record(Source::Spotify, &id),
        Ok(RequestedItem::Isrc(id)) => SearchSubject::Isrc(id.to_string()),
        Ok(RequestedItem::Upc(id)) => SearchSubject::Upc(id.to_string()),
        Ok(RequestedItem::MusicBrainzArtist(id)) => record(Source::MusicBrainz, &id),
        Ok(RequestedItem::Release(id)) => record(Source::MusicBrainz, &id),
        Ok(RequestedItem::ReleaseGroup(id)) => record(Source::MusicBrainz, &id),
        Ok(RequestedItem::Mbid(id)) => record(Source::MusicBrainz, &id),
        Ok(RequestedItem::Name(_)) | Err(_) => SearchSubject::Words(read_words(text)),
    }
}

/// The number in `discogs:123`, `discogs:artist:123` or a link to an artist, release or master at Discogs.
fn discogs_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let rest = match lower.strip_prefix("discogs:") {
        Some(rest) => rest.rsplit(':').next()?,
        None => {
            let (_, path) = lower.split_once("discogs.com/")?;
            let mut parts = path
                .split('/')
                .skip_while(|part| !["artist", "release"].contains(part));
            parts.nth(1)?
        }
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (digits > 0).then(|| rest[..digits].to_owned())
}

/// The ways to divide a text into title and artist: at " - ", else at each space, in both orders, and at
/// "by".
fn read_words(text: &str) -> TitleQuery {
    let mut query = TitleQuery {
        title: titles::read(text).key,
        ..TitleQuery::default()
    };
    if let Some((one, other)) = text.split_once(" - ").or_else(|| text.split_once(" – ")) {
        query.add(one, other);
        query.add(other, one);
        return query;
    }
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    for cut in 1..words.len() {
        let (one, other) = (words[..cut].join(" "), words[cut..].join(" "));
        query.add(&one, &other);
        query.add(&other, &one);
        if words[cut].eq_ignore_ascii_case("by") {
            query.add(&one, &words[cut + 1..].join(" "));
        }
    }
    query
}

impl TitleQuery {
    fn add(&mut self, title: &str, artist: &str) {
        let (title, artist) = (titles::read(title).key, names::fold(artist));
        if !title.is_empty() && !artist.is_empty() {
            self.titles.push(title);
            self.artists.push(artist);
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn divided(text: &str) -> Vec<(String, String)> {
        let SearchSubject::Words(query) = read(text) else {
            panic!("{text:?} is read as an id");
        };
        query.titles.into_iter().zip(query.artists).collect()
    }

    #[test]
    fn a_text_is_divided_at_each_space_in_both_orders() {
        let pair = |title: &str, artist: &str| (title.to_owned(), artist.to_owned());
        assert_eq!(divided("Yesterday"), []);
        assert_eq!(
            divided("Hey Jude Beatles"),
            [
                pair("hey", "jude beatles"),
                pair("judebeatles", "hey"),
                pair("heyjude", "beatles"),
                pair("beatles", "hey jude"),
            ]
        );
    }

    #[test]
    fn a_dash_decides_where_and_by_decides_the_order() {
        let pair = |title: &str, artist: &str| (title.to_owned(), artist.to_owned());
        assert_eq!(
            divided("Hey Jude (feat. Somebody) - The Beatles"),
            [
                pair("heyjude", "the beatles"),
                pair("thebeatles", "hey jude feat somebody")
            ]
        );
        assert!(divided("hey jude by the beatles").contains(&pair("heyjude", "the beatles")));
    }

    #[test]
    fn ids_and_links_are_recognised() {
        let record = |source, id: &str| SearchSubject::Record {
            source,
            source_id: id.to_owned(),
        };
        for (text, subject) in [
            ("discogs:123", record(Source::Discogs, "123")),
            ("Discogs:artist:123", record(Source::Discogs, "123")),
            (
                "https://www.discogs.com/artist/17199-Brian-Eno",
                record(Source::Discogs, "17199"),
            ),
            (
                "https://www.discogs.com/de/release/55-X",
                record(Source::Discogs, "55"),
            ),
            (
                "spotify:track:2takcwOaAZWiXQijPHIx7B",
                record(Source::Spotify, "2takcwOaAZWiXQijPHIx7B"),
            ),
            (
                "ff95eb47-41c4-4f7f-a104-cdc30f02e872",
                record(Source::MusicBrainz, "ff95eb47-41c4-4f7f-a104-cdc30f02e872"),
            ),
            ("GBAYE0601498", SearchSubject::Isrc("GBAYE0601498".to_owned())),
        ] {
            assert_eq!(read(text), subject, "{text}");
        }
        for words in ["discogs:", "discogs:abc", "discogs.com", "", "¥$", "%"] {
            assert!(matches!(read(words), SearchSubject::Words(_)), "{words:?}");
        }
    }
}
