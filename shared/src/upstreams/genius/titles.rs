//! Cleans the titles of Genius pages and recognizes pages that are not songs.

use super::entities::{PageArtist, PageKind};

/// The text on one line with plain spaces, without the invisible characters that the editors of Genius leave
/// in it. Joiners stay, because some scripts need them.
pub(super) fn clean_text(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}'))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a bracket in the title of a page about a record.
const RECORD_WORDS: &[&str] = &[
    "album art",
    "album credits",
    "artwork",
    "booklet",
    "credits",
    "créditos",
    "crédits",
    "liner notes",
    "track list",
    "tracklist",
];

/// Prefixes of the words for "translation" and "romanization" in titles and in the names of the Genius
/// accounts for them (`Genius English Translations`, `Genius Traducciones al Español`).
const TRANSLATION_PREFIXES: &[&str] = &[
    "käännö",
    "oversett",
    "oversæt",
    "romaniz",
    "romanis",
    "traduc",
    "traduç",
    "traduz",
    "translat",
    "transliterat",
    "tłumacz",
    "vertaling",
    "çeviri",
    "översätt",
    "übersetz",
    "перевод",
    "переклад",
    "ترجم",
];

/// The kind of a page, decided by its title and main artists.
pub(super) fn page_kind(title: &str, primary_artists: &[PageArtist]) -> PageKind {
    let title = title.to_lowercase();
    if brackets(&title).any(|text| RECORD_WORDS.iter().any(|words| starts_with_words(text, words))) {
        return PageKind::Record;
    }
    let by_translators = primary_artists.iter().any(|artist| {
        let name = artist.name.to_lowercase();
        name.split_whitespace().any(|word| word == "genius") && mentions_translation(&name)
    });
    if by_translators || brackets(&title).any(mentions_translation) {
        PageKind::Translation
    } else {
        PageKind::Song
    }
}

fn mentions_translation(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| TRANSLATION_PREFIXES.iter().any(|prefix| word.starts_with(prefix)))
}

fn starts_with_words(text: &str, words: &str) -> bool {
    text.trim()
        .strip_prefix(words)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The texts in round and square brackets. An unclosed bracket extends to the end.
fn brackets(title: &str) -> impl Iterator<Item = &str> {
    title
        .split(['(', '['])
        .skip(1)
        .map(|text| text.split([')', ']']).next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::GeniusArtistId;

    #[test]
    fn invisible_characters_are_removed() {
        for (text, expected) in [
            ("\u{200b}bad guy", "bad guy"),
            ("24K Magic by\u{a0}Bruno\u{a0}Mars", "24K Magic by Bruno Mars"),
            ("  two\n lines ", "two lines"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("\u{200b}\u{feff}", ""),
        ] {
            assert_eq!(clean_text(text), expected);
        }
    }

    #[test]
    fn pages_that_are_not_songs_are_recognized_by_title_and_artist() {
        for (title, artist, kind) in [
            ("The Gifted [Credits]", "Wale", PageKind::Record),
            ("Reputation (Tracklist)", "Taylor Swift", PageKind::Record),
            ("Blonde [Booklet]", "Frank Ocean", PageKind::Record),
            (
                "DAMN. [Tracklist + Album Art]",
                "Kendrick Lamar",
                PageKind::Record,
            ),
            ("Something [Credits", "Somebody", PageKind::Record),
            (
                "Bad Guy (Traducción al Español)",
                "Somebody",
                PageKind::Translation,
            ),
            (
                "Dynamite (English Translation)",
                "Somebody",
                PageKind::Translation,
            ),
            ("Gangnam Style (Romanized)", "PSY", PageKind::Translation),
            ("BTS - Dynamite", "Genius Türkçe Çeviri", PageKind::Translation),
            ("Dynamite", "Genius English Translations", PageKind::Translation),
            (
                "Dynamite",
                "Genius traducciones al Español",
                PageKind::Translation,
            ),
            ("Дым (перевод)", "Кто-то", PageKind::Translation),
            ("Credits", "Somebody", PageKind::Song),
            ("Roll Credits (Interlude)", "Somebody", PageKind::Song),
            ("Money (Creditsville Mix)", "Somebody", PageKind::Song),
            ("Lost In Translation", "Somebody", PageKind::Song),
            ("Boom Selection", "Genius Cru", PageKind::Song),
            ("", "", PageKind::Song),
        ] {
            let artists = [PageArtist {
                id: GeniusArtistId(1),
                name: artist.to_owned(),
            }];
            assert_eq!(page_kind(title, &artists), kind, "{title} by {artist}");
        }
    }
}
