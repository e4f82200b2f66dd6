//! Reads the few forms of MusicBrainz's search queries that the stand-in answers, leniently.
//! The rest of Lucene's syntax stays out.

use crate::demo::catalog::{Album, Track};
use crate::demo::fold;

/// The barcodes of `barcode:1234`, `barcode:1234 OR barcode:01234` or `barcode:(1234 OR 01234)`.
pub(super) fn barcodes(query: &str) -> Vec<String> {
    let digits = query
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() >= 4);
    digits.map(str::to_owned).collect()
}

/// The recording that a query describes, folded; an empty field describes nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recording {
    title: String,
    artist: String,
}

impl Recording {
    /// Reads `recording:"…" AND artist:"…"`.
    pub(super) fn from_query(query: &str) -> Self {
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

    /// Whether a search for words would find it: the title begins like it, or the other way round.
    pub(super) fn fits(&self, album: &Album, track: &Track) -> bool {
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

    /// Whether it has exactly that title.
    pub(super) fn is_titled(&self, track: &Track) -> bool {
        self.title == fold(track.recording_title())
    }
}

/// The value of `name:"quoted \"text\""`, `name:(text)` or `name:text`.
fn field(query: &str, name: &str) -> Option<String> {
    let (before, _) = query
        .match_indices(&format!("{name}:"))
        .find(|&(at, _)| !query[..at].ends_with(char::is_alphanumeric))?;
    let rest = &query[before + name.len() + 1..];
    let (opened, end) = match rest.chars().next()? {
        '"' => (1, '"'),
        '(' => (1, ')'),
        _ => (0, '\0'),
    };
    let mut value = String::new();
    let mut characters = rest[opened..].chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next()),
            c if c == end => break,
            c => value.push(c),
        }
    }
    if opened == 0 {
        value.truncate(value.find(" AND ").unwrap_or(value.len()));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_barcode_are_read() {
        for query in [
            "barcode:0123456 OR barcode:123456",
            "barcode:(0123456 OR 123456)",
            "barcode:0123456 barcode:123456",
        ] {
            assert_eq!(barcodes(query), ["0123456", "123456"], "{query}");
        }
    }

    #[test]
    fn a_title_is_read_with_its_quotes_and_without_regard_to_case() {
        for query in [
            r#"recording:"Theme from \"The Search for Everything\"" AND artist:"John Mayer""#,
            r#"artist:"john mayer" AND recording:"theme from the search for everything""#,
            "recording:(Theme from The Search for Everything) AND artist:(John Mayer)",
            "recording:Theme from The Search for Everything AND artist:John Mayer",
        ] {
            let expected = Recording {
                title: "themefromthesearchforeverything".to_owned(),
                artist: "johnmayer".to_owned(),
            };
            assert_eq!(Recording::from_query(query), expected, "{query}");
        }
    }
}
