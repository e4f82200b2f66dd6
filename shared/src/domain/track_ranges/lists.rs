//! A tracklist in which positions and sections are looked up.

use std::collections::HashSet;

use super::positions::{Position, PositionPart};
use super::text;
use crate::domain::names;

/// An entry of a tracklist: a track or a heading. Leave out an index track, whose parts follow it: it would
/// look like a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TracklistEntry<'a> {
    /// The track's position as the release prints it; empty for a heading.
    pub position: &'a str,
    /// The track's title or the heading's text; empty if unknown.
    pub title: &'a str,
}

/// The indexes of the first and the last entry.
pub(super) type Span = (usize, usize);

/// The entries of a tracklist that a range may name.
#[derive(Clone)]
pub(super) struct Tracklist<'a> {
    entries: &'a [TracklistEntry<'a>],
    /// `None` for headings, and for entries outside the section that is searched.
    positions: Vec<Option<Position>>,
}

impl<'a> Tracklist<'a> {
    pub(super) fn of(entries: &'a [TracklistEntry<'a>]) -> Self {
        let positions = entries
            .iter()
            .map(|entry| {
                let is_track = !entry.position.trim().is_empty();
                is_track.then(|| Position::of(entry.position))
            })
            .collect();
        Self { entries, positions }
    }

    /// The number of entries, with headings.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A copy of the tracklist that is limited to a section.
    pub(super) fn within(&self, section: Span) -> Self {
        let mut list = self.clone();
        for (index, position) in list.positions.iter_mut().enumerate() {
            if !(section.0..=section.1).contains(&index) {
                *position = None;
            }
        }
        list
    }

    /// A copy of the tracklist whose positions lack the name of their side or disc: `3` for `CD1-3`.
    pub(super) fn after(&self, name: &Position) -> Self {
        let mut list = self.clone();
        for position in &mut list.positions {
            *position = position
                .as_ref()
                .and_then(|position| position.after_section(name));
        }
        list
    }

    /// The indexes of its tracks.
    pub(super) fn indexes(&self) -> Vec<usize> {
        self.tracks().map(|(index, _)| index).collect()
    }

    pub(super) fn last(&self) -> Option<usize> {
        self.positions.iter().rposition(Option::is_some)
    }

    fn tracks(&self) -> impl Iterator<Item = (usize, &Position)> {
        self.positions
            .iter()
            .enumerate()
            .filter_map(|(index, position)| Some((index, position.as_ref()?)))
    }

    /// Whether a position has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.spans(&Position::of(name)).is_empty()
    }

    /// The tracks that a position names; several spans if the tracklist has the position in several places.
    pub(super) fn spans(&self, name: &Position) -> Vec<Span> {
        let exact = self.runs(|position| position == name, true);
        if !exact.is_empty() {
            return exact;
        }
        let parts = self.runs(|position| position.is_part_of(name), false);
        if !parts.is_empty() {
            return parts;
        }
        if self.has_lettered_songs(name) {
            return self.runs(|position| position.letter_on(name).is_some(), false);
        }
        if let Some(name) = name.with_side_letter() {
            return self.spans(&name);
        }
        if let Some(name) = name.on_double_a().filter(|_| self.has_double_a()) {
            return self.spans(&name);
        }
        match name.without_disc_word() {
            Some(disc) if disc.is_number() => self.runs(|position| position.is_on_disc(&disc), false),
            Some(name) => self.runs(|position| *position == name, true),
            None => Vec::new(),
        }
    }

    /// Whether the songs of a side have letters: Ba, Bb. AA alone is the name of a side.
    fn has_lettered_songs(&self, side: &Position) -> bool {
        let has = |wanted| {
            self.tracks()
                .any(|(_, position)| position.letter_on(side) == Some(wanted))
        };
        has('a') && (!side.is_letter('a') || has('b'))
    }

    /// Whether AA can only be the second side.
    fn has_double_a(&self) -> bool {
        let is_side_b = self.tracks().any(|(_, position)| position.is_on_side_b());
        !is_side_b && !self.has_lettered_songs(&Position::of("a"))
    }

    /// The runs of consecutive tracks that match. Positions that are equal are copies: a heading between them
    /// ends a run.
    fn runs(&self, is_match: impl Fn(&Position) -> bool, are_copies: bool) -> Vec<Span> {
        let mut runs: Vec<Span> = Vec::new();
        let mut is_open = false;
        for (index, position) in self.positions.iter().enumerate() {
            let Some(position) = position else {
                is_open &= !are_copies;
                continue;
            };
            let matches = is_match(position);
            match runs.last_mut() {
                Some(run) if matches && is_open => run.1 = index,
                _ if matches => runs.push((index, index)),
                _ => {}
            }
            is_open = matches;
        }
        runs
    }

    /// Whether equal positions in a span are neighbours without a heading between them.
    pub(super) fn has_no_copies_apart(&self, span: Span) -> bool {
        let mut seen = HashSet::new();
        let mut previous = None;
        self.positions[span.0..=span.1].iter().all(|position| {
            let is_copy = position.is_some() && previous == position.as_ref();
            previous = position.as_ref();
            is_copy || position.as_ref().is_none_or(|position| seen.insert(position))
        })
    }

    /// The section whose heading `text` begins with, and the rest of the text.
    pub(super) fn section<'t>(&self, text: &'t str) -> Option<(Span, &'t str)> {
        let is_heading = |index: usize| self.entries[index].position.trim().is_empty();
        let headings = (0..self.entries.len()).filter(|&index| is_heading(index));
        let mut named = headings.filter_map(|index| {
            let heading = text::clean(self.entries[index].title);
            let rest = text.strip_prefix(heading.as_str())?;
            let is_whole = !heading.is_empty() && (rest.is_empty() || rest.starts_with([' ', ':']));
            is_whole.then(|| (index, rest.trim_start_matches([' ', ':'])))
        });
        let (heading, rest) = named.next()?;
        let end = (heading + 1..self.entries.len())
            .find(|&index| is_heading(index))
            .unwrap_or(self.entries.len());
        // Two headings with one name are ambiguous, and a heading with no entries names no section.
        (named.next().is_none() && end > heading + 1).then_some(((heading + 1, end - 1), rest))
    }

    /// The tracks with these ordinal numbers, for a tracklist whose positions are not numbers. They are
    /// counted over all sides of a release, or on every disc if all discs have the same songs.
    pub(super) fn count_tracks(&self, numbers: &[usize]) -> Option<Vec<Span>> {
        let mut discs: Vec<(&[PositionPart], Vec<usize>)> = Vec::new();
        for (index, position) in self.tracks() {
            let disc = position.disc()?;
            match discs.iter_mut().find(|(other, _)| *other == disc) {
                Some((_, indexes)) => indexes.push(index),
                None => discs.push((disc, vec![index])),
            }
        }
        let songs = |indexes: &[usize]| -> Vec<String> {
            indexes
                .iter()
                .map(|&index| names::fold(self.entries[index].title))
                .collect()
        };
        let (_, first) = discs.first()?;
        let first = songs(first);
        let is_known = first.iter().all(|song| !song.is_empty());
        let is_same = discs.iter().all(|(_, indexes)| songs(indexes) == first);
        if discs.len() > 1 && !(is_known && is_same) {
            return None;
        }
        let index = |indexes: &[usize], number: usize| indexes.get(number.checked_sub(1)?).copied();
        discs
            .iter()
            .flat_map(|(_, indexes)| {
                numbers
                    .iter()
                    .map(move |&number| index(indexes, number).map(|index| (index, index)))
            })
            .collect()
    }
}
