//! Resolves Discogs' track ranges, such as `A1, A3 to B2`, against a tracklist. A range that names no track
//! or has two readings is not resolved; nothing is guessed.
//!
//! A dash is both the sign of a range and a part of positions (`1-3`, `CD1-1 - CD1-6`), so every position is
//! looked up in the tracklist. A range covers the entries between its ends in the tracklist, whatever the
//! numbers are. The grammar is that of the ranges in the dumps of <https://data.discogs.com>.

mod lists;
mod positions;
#[cfg(test)]
mod tests;
mod text;

use lists::{Span, Tracklist};
use positions::Position;

pub use lists::TracklistEntry;

/// The longest name of a position, in bytes.
const MAX_POSITION_BYTES: usize = 60;

/// The indexes of the tracks that a range covers, in the tracklist's order and without headings. A blank
/// range covers every track. `None` if any part of the range is ambiguous or unknown.
#[must_use]
pub fn resolve(range: &str, tracklist: &[TracklistEntry]) -> Option<Vec<usize>> {
    let list = Tracklist::of(tracklist);
    if range.trim().is_empty() {
        return Some(list.indexes());
    }
    let range = text::clean(range);
    let (is_exception, range) = match text::without_exception(&range) {
        Some(rest) => (true, rest),
        None => (false, range.as_str()),
    };
    let items = text::items(range);
    if items.is_empty() {
        return None;
    }
    // "3" is the third track if no position is a number, but not in a range that also has "A1".
    let may_count = items.iter().all(|item| text::numbers(item).is_some());
    let mut is_in_range = vec![false; tracklist.len()];
    for item in items {
        for span in resolve_item(item, &list, may_count)? {
            is_in_range[span.0..=span.1].fill(true);
        }
    }
    let indexes = list.indexes().into_iter();
    Some(
        indexes
            .filter(|&index| is_in_range[index] != is_exception)
            .collect(),
    )
}

fn resolve_item(item: &str, list: &Tracklist, may_count: bool) -> Option<Vec<Span>> {
    if item.len() > MAX_POSITION_BYTES {
        return None;
    }
    match list.section(item) {
        Some((section, "")) => Some(vec![section]),
        Some((section, rest)) => resolve_within(rest, &list.within(section), may_count),
        None => resolve_within(item, list, may_count),
    }
}

/// Resolves an item that names no section.
fn resolve_within(item: &str, list: &Tracklist, may_count: bool) -> Option<Vec<Span>> {
    if let Some(first) = text::without_onwards(item) {
        return Some(vec![(only(list.spans(&Position::of(first)))?.0, list.last()?)]);
    }
    let spans = list.spans(&Position::of(item));
    if !spans.is_empty() {
        return only(spans)
            .filter(|span| list.has_distinct_positions(*span))
            .map(|span| vec![span]);
    }
    let mut candidates: Vec<Span> = text::ends(item)
        .into_iter()
        .flat_map(|(from, to)| between(from, to, list))
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    match candidates[..] {
        [] if may_count => list.count_tracks(&text::numbers(item)?),
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

/// The spans from one position to another that do not contain two tracks with the same position.
fn between(from: &str, to: &str, list: &Tracklist) -> Vec<Span> {
    let first = Position::of(from);
    let starts = list.spans(&first);
    let mut ends = list.spans(&Position::of(to));
    if let Some(last) = first.with_number_of(to) {
        // "A1-7"
        ends.extend(list.spans(&last));
    }
    let mut spans = Vec::new();
    for start in &starts {
        for end in &ends {
            if start.0 <= end.0 && list.has_distinct_positions((start.0, end.1)) {
                spans.push((start.0, end.1));
            }
        }
    }
    spans
}
