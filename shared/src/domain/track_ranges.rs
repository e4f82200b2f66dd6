//! Resolves Discogs' track ranges, such as `A1, A3 to B2`, against a tracklist. A range that names no track
//! or has two readings is not resolved; nothing is guessed.
//!
//! A dash is both the sign of a range and a part of positions (`1-3`, `CD1-1 - CD1-6`), so every position is
//! looked up in the tracklist. A range covers the entries between its ends in the tracklist, whatever the
//! numbers are. Neighbours with one position are meant together; copies that stand apart are ambiguous. All
//! items of a list are read in one way: as positions, or as ordinal numbers of tracks. The grammar is that of
//! the ranges in the dumps of <https://data.discogs.com>.

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
    if range.is_empty() {
        return None;
    }
    resolve_list(&range, &list).or_else(|| resolve_exception(&range, &list))
}

/// Resolves a range without an exception.
fn resolve_list(range: &str, list: &Tracklist) -> Option<Vec<usize>> {
    let items = text::items(range);
    if items.is_empty() || items.iter().any(|item| item.len() > MAX_POSITION_BYTES) {
        return None;
    }
    let mut is_in_range = vec![false; list.len()];
    for span in named_tracks(&items, list).or_else(|| counted_tracks(&items, list))? {
        is_in_range[span.0..=span.1].fill(true);
    }
    let indexes = list.indexes().into_iter();
    Some(indexes.filter(|&index| is_in_range[index]).collect())
}

/// Resolves "all tracks", "except A3" and "A1 to B4 except A3". The exceptions must be in the range.
fn resolve_exception(range: &str, list: &Tracklist) -> Option<Vec<usize>> {
    let (range, exception) = text::split_exception(range);
    let mut covered = match text::without_all(range) {
        "" => list.indexes(),
        range => resolve_list(range, list)?,
    };
    if let Some(exception) = exception {
        let exception = resolve_list(exception, list)?;
        let is_outside = exception.iter().any(|index| !covered.contains(index));
        covered.retain(|index| !exception.contains(index));
        if is_outside || covered.is_empty() {
            return None;
        }
    }
    Some(covered)
}

/// The tracks of a list whose items are all names of positions, sections or ranges of them.
fn named_tracks(items: &[&str], list: &Tracklist) -> Option<Vec<Span>> {
    let mut section: Option<SectionScope> = None;
    let mut spans = Vec::new();
    for item in items {
        if let Some((span, rest)) = list.section(item) {
            let scope = SectionScope::of_heading(span, list);
            let rest = text::without_tracks(rest);
            spans.push(if rest.is_empty() { span } else { scope.span(rest)? });
            // "Late: A, B"
            section = item.contains(':').then_some(scope);
        } else if let Some((name, rest)) = item.split_once(':') {
            let scope = SectionScope::of_name(name, list)?;
            spans.push(scope.span(text::without_tracks(rest))?);
            section = Some(scope);
        } else {
            spans.push(match &section {
                Some(section) => section.span(item)?,
                None => span_of(item, list).or_else(|| span_in_named_section(item, list))?,
            });
        }
    }
    Some(spans)
}

/// The tracks of an item that begins with a side or a disc: "CD1 1 to 3", "Side B tracks 1 to 3".
fn span_in_named_section(item: &str, list: &Tracklist) -> Option<Span> {
    let (name, rest) = text::split_section(item)?;
    SectionScope::of_name(name, list)?.span(text::without_tracks(rest))
}

/// The tracks with these ordinal numbers, in a list that names no position.
fn counted_tracks(items: &[&str], list: &Tracklist) -> Option<Vec<Span>> {
    let mut numbers = Vec::new();
    for item in items {
        // "1-4" may be a position, and so is not a number in this tracklist.
        if span_of(item, list).is_some() || list.has(item) {
            return None;
        }
        numbers.extend(text::numbers(item)?);
    }
    list.count_tracks(&numbers)
}

/// A side, a disc or the tracks below a heading, in which an item is looked up.
struct SectionScope<'a> {
    /// Tracks of the section with their positions.
    list: Tracklist<'a>,
    /// The same tracks with the part of the position that follows the section's name: `3` for `CD1-3`.
    numbers: Option<Tracklist<'a>>,
}

impl<'a> SectionScope<'a> {
    fn of_heading(span: Span, list: &Tracklist<'a>) -> Self {
        Self {
            list: list.within(span),
            numbers: None,
        }
    }

    fn of_name(name: &str, list: &Tracklist<'a>) -> Option<Self> {
        let name = Position::of(name);
        let span = only(list.spans(&name))?;
        let list = list.within(span);
        Some(Self {
            numbers: Some(list.after(&name)),
            list,
        })
    }

    /// The tracks of an item, if its readings by full positions and within the section agree.
    fn span(&self, item: &str) -> Option<Span> {
        let full = span_of(item, &self.list);
        let within = self.numbers.as_ref().and_then(|numbers| span_of(item, numbers));
        match (full, within) {
            (Some(full), Some(within)) => (full == within).then_some(full),
            (full, within) => full.or(within),
        }
    }
}

/// The tracks that an item names; `None` if there are none or several readings.
fn span_of(item: &str, list: &Tracklist) -> Option<Span> {
    if let Some(first) = text::without_onwards(item) {
        return Some((only(list.spans(&Position::of(first)))?.0, list.last()?));
    }
    let spans = list.spans(&Position::of(item));
    if !spans.is_empty() {
        return only(spans).filter(|span| list.has_no_copies_apart(*span));
    }
    let mut candidates: Vec<Span> = text::ends(item)
        .into_iter()
        .flat_map(|(from, to)| between(from, to, list))
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    only(candidates).filter(|span| list.has_no_copies_apart(*span))
}

fn only(spans: Vec<Span>) -> Option<Span> {
    match spans[..] {
        [span] => Some(span),
        _ => None,
    }
}

/// The spans from one position to another.
fn between(from: &str, to: &str, list: &Tracklist) -> Vec<Span> {
    let first = Position::of(from);
    let starts = list.spans(&first);
    let mut ends = list.spans(&Position::of(to));
    if let Some(last) = first.with_ending(to) {
        // "A1-7"
        ends.extend(list.spans(&last));
    }
    let mut spans = Vec::new();
    for start in &starts {
        for end in &ends {
            if start.0 <= end.0 {
                spans.push((start.0, end.1));
            }
        }
    }
    spans
}
