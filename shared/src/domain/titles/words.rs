//! Splits a segment into words and clauses.

use unicode_normalization::char::is_combining_mark;

use crate::domain::names;

/// A word of a segment and its byte range there.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) folded: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it begins the segment or follows a comma, a slash or the like.
    begins_clause: bool,
}

/// The words of a text; "@" is read as "at".
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut start, mut begins_clause) = (None, true);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if is_word_character(c) {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            let folded = names::fold(&text[start..at]);
            words.push(Word {
                folded,
                start,
                end: at,
                begins_clause,
            });
            begins_clause = false;
        }
        if c == '@' {
            words.push(Word {
                folded: "at".to_owned(),
                start: at,
                end: at + 1,
                begins_clause,
            });
            begins_clause = false;
        }
        begins_clause |= ends_clause(c);
    }
    words
}

/// The clauses of a segment: words up to the next comma, slash or the like.
pub(super) fn clauses(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    words.chunk_by(|_, next| !next.begins_clause)
}

/// The text from the first to the last of `words`.
pub(super) fn text_of(text: &str, words: &[Word]) -> Option<String> {
    let (first, last) = (words.first()?, words.last()?);
    Some(text[first.start..last.end].to_owned())
}

/// The first year among `words`.
pub(super) fn year(words: &[Word]) -> Option<i16> {
    words.iter().find_map(|word| as_year(&word.folded))
}

/// A word of four digits as the year of a recording.
pub(super) fn as_year(word: &str) -> Option<i16> {
    let year = if word.len() == 4 {
        word.parse().ok()?
    } else {
        return None;
    };
    (1900..2100).contains(&year).then_some(year)
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’' | '‘' | '`' | '´') || !c.is_ascii() && is_combining_mark(c)
}

fn ends_clause(c: char) -> bool {
    matches!(
        c,
        '/' | ',' | ':' | ';' | '|' | '(' | ')' | '[' | ']' | '／' | '，' | '：' | '、'
    )
}
