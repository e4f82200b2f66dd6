//! Parses the few forms of MusicBrainz's search queries that the stand-in supports, a small part of Lucene's
//! syntax.

use crate::demo::catalog::{Album, Track};
use crate::demo::folding::fold;

/// The barcodes of `barcode:1234`, `barcode:1234 OR barcode:01234` or `barcode:(1234 OR 01234)`.
pub(super) fn barcodes(query: &str) -> Vec<String> {
    let digits = query
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() >= 4);
    digits.map(str::to_owned).collect()
}

/// The name of `artist:"…" OR alias:"…"`, folded.
pub(super) fn artist_name(query: &str) -> String {
    field(query, "artist").map(|name| fold(&name)).unwrap_or_default()
}

/// Title and artist that a query searches for, folded. An empty artist matches every artist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecordingQuery {
    title: String,
    artist: String,
}

impl RecordingQuery {
    /// Parses `recording:"…" AND artist:"…"`.
    pub(super) fn parse(query: &str) -> Self {
        let first = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| field(query, name))
                .map(|value| fold(&value))
                .unwrap_or_default()
        };
        Self {
            title: first(&["recording", "recordingaccent"]),
            artist: first(&["artist", "artistname", "creditname"]),
        }
    }

    /// Whether a search would find the track: one of the two titles begins with the other.
    pub(super) fn matches(&self, album: &Album, track: &Track) -> bool {
        let title = fold(track.recording_title());
        let by_artist = track
            .artists
            .iter()
            .chain(&album.artists)
            .any(|artist| fold(&artist.name).contains(&self.artist));
        by_artist
            && !self.title.is_empty()
            && (title.starts_with(&self.title) || self.title.starts_with(&title))
    }

    /// Whether the track has exactly the title that is searched for.
    pub(super) fn has_title_of(&self, track: &Track) -> bool {
        self.title == fold(track.recording_title())
    }
}

/// The value of `name:"quoted \"text\""`, `name:(text)` or `name:text`.
fn field(query: &str, name: &str) -> Option<String> {
    let (start, _) = query
        .match_indices(&format!("{name}:"))
        .find(|&(at, _)| !query[..at].ends_with(char::is_alphanumeric))?;
    let rest = &query[start + name.len() + 1..];
    let (quote_length, end) = match rest.chars().next()? {
        '"' => (1, '"'),
        '(' => (1, ')'),
        _ => (0, '\0'),
    };
    let mut value = String::new();
    let mut characters = rest[quote_length..].chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next()),
            c if c == end => break,
            c => value.push(c),
        }
    }
    if quote_length == 0 {
        value.truncate(value.find(" AND ").unwrap_or(value.len()));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_barcode_query_are_parsed() {
        for query in [
            "barcode:0123456 OR barcode:123456",
            "barcode:(0123456 OR 123456)",
            "barcode:0123456 barcode:123456",
        ] {
            assert_eq!(barcodes(query), ["0123456", "123456"], "{query}");
        }
    }

    #[test]
    fn a_title_is_parsed_with_quotes_and_in_any_case() {
        for query in [
            r#"recording:"Theme from \"The Search for Everything\"" AND artist:"John Mayer""#,
            r#"artist:"john mayer" AND recording:"theme from the search for everything""#,
            "recording:(Theme from The Search for Everything) AND artist:(John Mayer)",
            "recording:Theme from The Search for Everything AND artist:John Mayer",
        ] {
            let expected = RecordingQuery {
                title: "themefromthesearchforeverything".to_owned(),
                artist: "johnmayer".to_owned(),
            };
            assert_eq!(RecordingQuery::parse(query), expected, "{query}");
        }
    }
}
