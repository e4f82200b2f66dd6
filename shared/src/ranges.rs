//! Discogs' track ranges, `A1, A3 to B2`: which places of a tracklist they mean. What a range means that names no track, or could mean
//! two things, stays open: nothing is guessed, and the raw range is kept by whoever asks.
//!
//! A dash is a range's sign and a part of positions (`1-3`, `CD1-1 - CD1-6`), so every name of a position is looked up in the
//! tracklist, and a range covers what stands between its ends there, whatever the numbers say. The grammar is that of the ranges in the
//! dumps of <https://data.discogs.com>.

mod lists;
mod positions;
#[cfg(test)]
mod tests;

use lists::Tracklist;
use positions::Position;

/// An entry of a tracklist. An index track, whose parts follow it, is none: it would look like a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Where it stands, in the release's own words; empty for a heading.
    pub position: &'a str,
    /// The track's title or the heading's text; may be empty where nobody knows it.
    pub title: &'a str,
}

/// No name of a position is longer.
const LONGEST: usize = 60;

/// The indexes of the entries that a range covers, in the tracklist's order and never a heading's. None where any part of the range
/// cannot be told for certain; a blank range covers every track.
#[must_use]
pub fn resolve(range: &str, tracklist: &[Entry]) -> Option<Vec<usize>> {
    let list = Tracklist::of(tracklist);
    if range.trim().is_empty() {
        return Some(list.places());
    }
    let range = clean(range);
    let (is_exception, range) = match without_exception(&range) {
        Some(rest) => (true, rest),
        None => (false, range.as_str()),
    };
    let items = items(range);
    if items.is_empty() {
        return None;
    }
    // "3" counts the tracks where none is numbered so, but not beside "A1".
    let may_count = items.iter().all(|item| is_counted(item));
    let mut covered = vec![false; tracklist.len()];
    for item in items {
        for span in resolve_item(item, &list, may_count)? {
            covered[span.0..=span.1].fill(true);
        }
    }
    let places = list.places().into_iter();
    Some(places.filter(|&place| covered[place] != is_exception).collect())
}

/// First and last place.
type Span = (usize, usize);

fn resolve_item(item: &str, list: &Tracklist, may_count: bool) -> Option<Vec<Span>> {
    if item.len() > LONGEST {
        return None;
    }
    if let Some((section, rest)) = list.section(item) {
        return if rest.is_empty() {
            Some(vec![section])
        } else {
            resolve_item_in(rest, &list.within(section), may_count)
        };
    }
    resolve_item_in(item, list, may_count)
}

fn resolve_item_in(item: &str, list: &Tracklist, may_count: bool) -> Option<Vec<Span>> {
    if let Some(first) = without_onwards(item) {
        return Some(vec![(only(list.spans(&Position::of(first)))?.0, list.last()?)]);
    }
    let spans = list.spans(&Position::of(item));
    if !spans.is_empty() {
        return only(spans)
            .filter(|span| list.is_plain(*span))
            .map(|span| vec![span]);
    }
    let mut found: Vec<Span> = ends(item)
        .into_iter()
        .flat_map(|(from, to)| between(from, to, list))
        .collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [] if may_count => list.counted(&numbers(item)?),
        [span] => Some(vec![span]),
        _ => None,
    }
}

fn only(spans: Vec<Span>) -> Option<Span> {
    match spans[..] {
        [span] => Some(span),
        _ => None,
    }
}

/// The spans from one position to another that do not run over two tracks of the same position.
fn between(from: &str, to: &str, list: &Tracklist) -> Vec<Span> {
    let first = Position::of(from);
    let starts = list.spans(&first);
    let mut ends = list.spans(&Position::of(to));
    if let Some(whole) = first.with_end_of(to) {
        // "A1-7"
        ends.extend(list.spans(&whole));
    }
    let mut spans = Vec::new();
    for start in &starts {
        for end in &ends {
            if start.0 <= end.0 && list.is_plain((start.0, end.1)) {
                spans.push((start.0, end.1));
            }
        }
    }
    spans
}

/// The pairs that a range may be read as.
fn ends(item: &str) -> Vec<(&str, &str)> {
    for word in [" to ", " bis ", " thru ", " through ", " until "] {
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
fn numbers(item: &str) -> Option<Vec<usize>> {
    if let Ok(number) = item.parse() {
        return Some(vec![number]);
    }
    let (from, to) = ends(item).into_iter().next()?;
    let (from, to) = (from.parse::<usize>().ok()?, to.parse::<usize>().ok()?);
    (from < to && to <= lists::MOST).then(|| (from..=to).collect())
}

fn is_counted(item: &str) -> bool {
    numbers(item).is_some()
}

/// Lower case, one kind of dash and space, without the words around the range.
fn clean(range: &str) -> String {
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
    let words = match &words[..] {
        ["tracks" | "track" | "tracks:" | "track:", rest @ ..] => rest,
        words => words,
    };
    words.join(" ").trim_matches(['.', ':', ',', ';', ' ']).to_owned()
}

fn without_exception(range: &str) -> Option<&str> {
    let range = range.strip_prefix("all ").unwrap_or(range);
    let range = range.strip_prefix("tracks ").unwrap_or(range);
    ["except for ", "except ", "but "]
        .iter()
        .find_map(|word| range.strip_prefix(word))
}

fn without_onwards(item: &str) -> Option<&str> {
    [" onwards", " onward", " to end", " to the end"]
        .iter()
        .find_map(|word| item.strip_suffix(word))
}

fn items(range: &str) -> Vec<&str> {
    range
        .split([',', ';', '&', '+'])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}
