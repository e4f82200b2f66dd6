//! Splits the text of a range into its items and their ends.

use super::positions::{DISC_WORDS, SIDE_WORDS};

/// The largest number of tracks that a range of numbers may count; more is a typing error.
const MAX_TRACKS: usize = 10_000;

/// Lower case, with one kind of dash and space, and without brackets and a leading "tracks".
pub(super) fn clean(range: &str) -> String {
    let range: String = range
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '−' | '~' => '-',
            '(' | ')' | '[' | ']' | '#' => ' ',
            _ if c.is_whitespace() => ' ',
            _ => c,
        })
        .collect();
    let words: Vec<&str> = range.split(' ').filter(|word| !word.is_empty()).collect();
    let range = words.join(" ");
    let range = range.trim_matches(SEPARATORS);
    without_tracks(range).trim_matches(SEPARATORS).to_owned()
}

/// Signs that may stand around a range or a part of it.
const SEPARATORS: [char; 5] = ['.', ':', ',', ';', ' '];

/// The words for tracks that may precede their positions.
const TRACK_WORDS: &[&str] = &[
    "track",
    "tracks",
    "song",
    "songs",
    "title",
    "titles",
    "titel",
    "titre",
    "titres",
    "lied",
    "lieder",
    "faixa",
    "faixas",
    "pista",
    "pistas",
    "tema",
    "temas",
    "brano",
    "brani",
    "utwor",
    "utwory",
    "трек",
    "треки",
    "no",
    "nos",
    "nr",
    "on",
];

/// The text without a leading "tracks", "song no." and the like.
pub(super) fn without_tracks(text: &str) -> &str {
    let text = text.trim_start_matches(SEPARATORS);
    let end = text.find([' ', '.', ':']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if rest.len() > 1 && TRACK_WORDS.contains(&word) {
        without_tracks(rest)
    } else {
        text
    }
}

/// The name of a side or disc that an item begins with, and the rest: "cd1" and "1 to 3".
pub(super) fn split_section(item: &str) -> Option<(&str, &str)> {
    let (first, rest) = item.split_once(' ')?;
    let word = first.trim_end_matches(|c: char| c.is_ascii_digit());
    if !SIDE_WORDS.contains(&word) && !DISC_WORDS.contains(&word) {
        return None;
    }
    if word.len() < first.len() {
        return Some((first, rest));
    }
    let at = first.len() + 1 + rest.find(' ')?;
    Some((&item[..at], &item[at + 1..]))
}

/// The items of a list such as "A1, A3 to B2".
pub(super) fn items(range: &str) -> Vec<&str> {
    range
        .split([',', ';', '&', '+'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" und "))
        .flat_map(|part| part.split(" et "))
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}

/// The words before an exception.
const EXCEPTION_WORDS: &[&str] = &[
    "except",
    "excepting",
    "but",
    "excluding",
    "excl",
    "excl.",
    "without",
    "minus",
    "not",
    "außer",
    "ohne",
    "sauf",
    "excepto",
    "exceto",
    "salvo",
    "menos",
    "tranne",
    "eccetto",
    "oprócz",
    "кроме",
    "behalve",
    "utom",
];

/// A range and what is excepted from it: "a1 to b4" and "a3" of "a1 to b4, except a3".
pub(super) fn split_exception(range: &str) -> (&str, Option<&str>) {
    let mut at = 0;
    for word in range.split(' ') {
        if EXCEPTION_WORDS.contains(&word) {
            let exception = &range[at + word.len()..];
            let exception = exception
                .trim_start()
                .trim_start_matches("for ")
                .trim_start_matches("not ");
            return (
                range[..at].trim_end_matches(SEPARATORS),
                Some(without_tracks(exception)),
            );
        }
        at += word.len() + 1;
    }
    (range, None)
}

/// The range without a leading "all tracks of"; empty if nothing follows.
pub(super) fn without_all(range: &str) -> &str {
    let (word, rest) = range.split_once(' ').unwrap_or((range, ""));
    let is_all = matches!(
        word,
        "all"
            | "entire"
            | "whole"
            | "complete"
            | "alle"
            | "tous"
            | "toutes"
            | "todos"
            | "todas"
            | "tutti"
            | "tutte"
            | "wszystkie"
            | "все"
    );
    if !is_all {
        return range;
    }
    let mut rest = rest;
    loop {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_small = matches!(
            word,
            "the"
                | "les"
                | "le"
                | "los"
                | "las"
                | "os"
                | "as"
                | "i"
                | "of"
                | "from"
                | "album"
                | "release"
                | "record"
        );
        if !is_small && !TRACK_WORDS.contains(&word) {
            return rest;
        }
        rest = after;
    }
}

/// The first position of "A1 onwards".
pub(super) fn without_onwards(item: &str) -> Option<&str> {
    [" onwards", " onward", " to end", " to the end"]
        .iter()
        .find_map(|word| item.strip_suffix(word))
}

/// The pairs of ends that an item can be read as: with several dashes, any of them may divide it.
pub(super) fn ends(item: &str) -> Vec<(&str, &str)> {
    for word in [
        " to ",
        " bis ",
        " thru ",
        " through ",
        " until ",
        " till ",
        " à ",
        " al ",
        " tot ",
        " do ",
    ] {
        if let Some((from, to)) = item.split_once(word) {
            return vec![(from.trim(), to.trim())];
        }
    }
    item.match_indices('-')
        .map(|(at, dash)| (item[..at].trim(), item[at + dash.len()..].trim()))
        .filter(|(from, to)| !from.is_empty() && !to.is_empty())
        .collect()
}

/// The numbers of "3" or "2 to 5".
pub(super) fn numbers(item: &str) -> Option<Vec<usize>> {
    if let Ok(number) = item.parse() {
        return Some(vec![number]);
    }
    let (from, to) = ends(item).into_iter().next()?;
    let (from, to) = (from.parse::<usize>().ok()?, to.parse::<usize>().ok()?);
    (from < to && to <= MAX_TRACKS).then(|| (from..=to).collect())
}
