//! Splits off version suffixes and featured artists that a title ends in without a bracket or a dash
//! ("Remix", "Radio Edit", "feat. A"). The same rules apply to a title and to its key, so that the key of a
//! key is that key.

use std::borrow::Cow;

use super::lexicon::{self, FEATURING};
use super::parts;
use super::segments::{Delimiter, Segment};
use super::version::{self, VersionReading};
use super::version_kinds::VersionKind;
use super::words::{as_year, words};
use crate::domain::names;

/// A text without its tail, and the version that the tail states.
pub(super) fn split(text: &str) -> (&str, Option<VersionReading<'_>>) {
    // A fast path for most texts: for these characters, folding divides the words as `words` does.
    if text.is_ascii() && !text.contains(['&', '@']) {
        let folded = names::fold(text);
        if is_absent(&folded) {
            return (text, None);
        }
    }
    let words = words(text);
    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    let end = before_featuring(&folded);
    let len = before_version(&folded[..end]);
    let Some(first) = words.get(len) else {
        return (text, None);
    };
    let name = text[..first.start].trim_end();
    let Some(last) = words[len..end].last() else {
        return (name, None);
    };
    let tail = &text[first.start..last.end];
    let segment = Segment {
        delimiter: Delimiter::None,
        text: tail,
    };
    let reading = version::read(&segment, &self::words(tail));
    // The tail is only a year.
    let year_only = || VersionReading {
        kind: Some(VersionKind::Other),
        ..VersionReading::of_detail(tail)
    };
    (name, Some(reading.unwrap_or_else(year_only)))
}

/// Whether a folded title has no such tail.
pub(super) fn is_absent(folded: &str) -> bool {
    matches!(without(folded), Cow::Borrowed(_))
}

/// A folded title without its tail.
pub(super) fn without(folded: &str) -> Cow<'_, str> {
    let words: Vec<&str> = folded.split(' ').collect();
    let len = before_version(&words[..before_featuring(&words)]);
    if len == words.len() {
        return Cow::Borrowed(folded);
    }
    Cow::Owned(words[..len].join(" "))
}

/// How many words precede a "feat." that has words on both sides. "50 ft" is a length and "A Feat of
/// Strength" a name.
fn before_featuring(words: &[&str]) -> usize {
    let is_feature = |at: &usize| match words[*at] {
        "ft" => !lexicon::is_number(words[*at - 1]),
        "feat" => words[*at + 1] != "of" && !lexicon::makes_sentence(words[*at - 1]),
        "prod" => true,
        word => FEATURING.contains(&word),
    };
    (1..words.len().saturating_sub(1))
        .find(is_feature)
        .unwrap_or(words.len())
}

/// How many words precede the versions at the end.
fn before_version(words: &[&str]) -> usize {
    let mut len = words.len();
    while let Some(shorter) = shorten(&words[..len]) {
        len = shorter;
    }
    len
}

/// The words before a year that states a version ("Enjoy the Silence 2004"). A year after a single word
/// ("Disco 2000"), a season or a class is part of the name.
fn before_year<'a, 'b>(words: &'a [&'b str]) -> Option<&'a [&'b str]> {
    match words {
        [name @ .., year] if name.len() > 1 && as_year(year).is_some() => {
            let last = name.last()?;
            let is_part_of_name = lexicon::makes_sentence(last)
                || lexicon::is_date_word(last)
                || lexicon::is_piece(last)
                || parts::is_part(last)
                || lexicon::precedes_year(last);
            (!is_part_of_name).then_some(name)
        }
        _ => None,
    }
}

/// How many words are left after removing one version suffix from the end; `None` if there is none.
fn shorten(words: &[&str]) -> Option<usize> {
    if let Some(name) = before_year(words) {
        return Some(name.len());
    }
    let words = match words {
        [rest @ .., year] if as_year(year).is_some() && matches!(rest, [.., "remaster" | "remastered"]) => {
            rest
        }
        words => words,
    };
    let name = match words {
        [name @ .., "remix" | "rmx" | "remaster" | "remastered"] => name,
        [
            name @ ..,
            "radio" | "acoustic" | "live" | "extended" | "club" | "karaoke" | "original" | "album" | "single"
            | "demo" | "instrumental",
            "version" | "ver" | "mix" | "edit",
        ] => name,
        _ => return None,
    };
    // "The Remix" is a name.
    (!lexicon::makes_sentence(name.last()?)).then_some(name.len())
}
