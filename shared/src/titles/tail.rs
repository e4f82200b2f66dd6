//! What a title ends in without a bracket or a dash: featured artists, "Remix", "Radio Edit". The same rules hold for a title and for
//! the key made of it, so that a key read again is the same key.

use std::borrow::Cow;

use super::VersionKind;
use super::lexicon::{self, FEATURING};
use super::segments::{Mark, Segment};
use super::version::{self, Reading};
use super::words::{as_year, words};
use crate::names;

/// A text without its tail, and what the tail says of a version.
pub(super) fn split(text: &str) -> (&str, Option<Reading<'_>>) {
    // Most have none, which is quickly told where folding divides the words as `words` does.
    if text.is_ascii() && !text.contains(['&', '@']) {
        let folded = names::fold(text);
        if is_none(&folded) {
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
        mark: Mark::Text,
        text: tail,
    };
    let reading = version::read(&segment, &self::words(tail));
    // Nothing but a year.
    let of_year = || Reading {
        kind: Some(VersionKind::Other),
        ..Reading::of_text(tail)
    };
    (name, Some(reading.unwrap_or_else(of_year)))
}

/// Whether a folded title has no tail.
pub(super) fn is_none(folded: &str) -> bool {
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

/// How many words stand before a "feat." that has something on both of its sides; feet and great feats feature nobody.
fn before_featuring(words: &[&str]) -> usize {
    let is_feature = |at: &usize| match words[*at] {
        "ft" => !lexicon::is_number(words[*at - 1]),
        "feat" => words[*at + 1] != "of" && !lexicon::makes_a_sentence(words[*at - 1]),
        "prod" => true,
        word => FEATURING.contains(&word),
    };
    (1..words.len().saturating_sub(1))
        .find(is_feature)
        .unwrap_or(words.len())
}

/// How many words stand before the versions at the end.
fn before_version(words: &[&str]) -> usize {
    let mut len = words.len();
    while let Some(shorter) = shorten(&words[..len]) {
        len = shorter;
    }
    len
}

/// "Enjoy the Silence 2004" is made anew in that year. A single word may be named for it ("Disco 2000"), and so may a summer or a class.
fn before_year<'a, 'b>(words: &'a [&'b str]) -> Option<&'a [&'b str]> {
    match words {
        [name @ .., year] if name.len() > 1 && as_year(year).is_some() => {
            let last = name.last()?;
            let is_named_for_it = lexicon::makes_a_sentence(last)
                || lexicon::is_of_a_date(last)
                || lexicon::is_piece(last)
                || lexicon::is_part(last)
                || lexicon::is_of_a_time(last);
            (!is_named_for_it).then_some(name)
        }
        _ => None,
    }
}

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
    (!lexicon::makes_a_sentence(name.last()?)).then_some(name.len())
}
