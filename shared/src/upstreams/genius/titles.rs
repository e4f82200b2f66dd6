//! What shows in a page's title and artist: invisible characters, and pages that are no songs.
//! What a title means as a song and a version is in [`crate::domain::titles`].

use super::entities::{PageKind, SongArtist};

/// The text on one line with plain spaces, without the invisible characters that Genius' editors leave in it. Joiners stay, as
/// they belong to some scripts.
pub(super) fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}'))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a bracket of the title of a page about a record begins with.
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

/// Beginnings of the words for "translation" and "romanization", as they stand in titles and in the names of the accounts
/// that Genius keeps for them (`Genius English Translations`, `Genius Traducciones al Español`).
const TRANSLATION_WORDS: &[&str] = &[
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

/// What a page is, by its title and whose it is.
pub(super) fn page_kind(title: &str, primary_artists: &[SongArtist]) -> PageKind {
    let title = title.to_lowercase();
    if brackets(&title).any(|text| RECORD_WORDS.iter().any(|words| starts_with_words(text, words))) {
        return PageKind::Record;
    }
    let by_translators = primary_artists.iter().any(|artist| {
        let name = artist.name.to_lowercase();
        name.split_whitespace().any(|word| word == "genius") && is_about_translation(&name)
    });
    if by_translators || brackets(&title).any(is_about_translation) {
        PageKind::Translation
    } else {
        PageKind::Song
    }
}

fn is_about_translation(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| TRANSLATION_WORDS.iter().any(|start| word.starts_with(start)))
}

fn starts_with_words(text: &str, words: &str) -> bool {
    text.trim()
        .strip_prefix(words)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The texts in round and square brackets; one that is not closed goes to the end.
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
    fn invisible_characters_are_not_part_of_a_title() {
        for (text, cleaned) in [
            ("\u{200b}bad guy", "bad guy"),
            ("24K Magic by\u{a0}Bruno\u{a0}Mars", "24K Magic by Bruno Mars"),
            ("  two\n lines ", "two lines"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("\u{200b}\u{feff}", ""),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }

    #[test]
    fn pages_that_are_no_songs_show_in_their_titles() {
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
            let artists = [SongArtist {
                id: GeniusArtistId(1),
                name: artist.to_owned(),
            }];
            assert_eq!(page_kind(title, &artists), kind, "{title} by {artist}");
        }
    }
}
