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

    /// The tracks that a position names; several spans if the tracklist has the position several times.
    pub(super) fn spans(&self, name: &Position) -> Vec<Span> {
        let exact = self.runs(|position| position == name, true);
        if !exact.is_empty() {
            return exact;
        }
        let parts = self.runs(|position| position.is_part_of(name), false);
        if !parts.is_empty() {
            return parts;
        }
        if let Some(name) = name.on_double_a().filter(|_| !self.has_side_b()) {
            return self.spans(&name);
        }
        match name.without_disc_word() {
            Some(disc) if disc.is_number() => self.runs(|position| position.is_on_disc(&disc), false),
            Some(name) => self.runs(|position| *position == name, true),
            None => Vec::new(),
        }
    }

    fn has_side_b(&self) -> bool {
        self.tracks().any(|(_, position)| position.is_on_side_b())
    }

    /// The runs of consecutive tracks that match, or each matching track as a run of its own if `single`.
    fn runs(&self, is_match: impl Fn(&Position) -> bool, single: bool) -> Vec<Span> {
        let mut runs: Vec<Span> = Vec::new();
        let mut is_open = false;
        for (index, position) in self.tracks() {
            let matches = is_match(position);
            match runs.last_mut() {
                Some(run) if matches && is_open && !single => run.1 = index,
                _ if matches => runs.push((index, index)),
                _ => {}
            }
            is_open = matches;
        }
        runs
    }

    /// Whether all tracks of a span have different positions.
    pub(super) fn has_distinct_positions(&self, span: Span) -> bool {
        let mut seen = HashSet::new();
        self.positions[span.0..=span.1]
            .iter()
            .flatten()
            .all(|position| seen.insert(position))
    }

    /// The section whose heading `text` begins with, and the rest of the text.
    pub(super) fn section<'t>(&self, text: &'t str) -> Option<(Span, &'t str)> {
        let is_heading = |index: usize| self.entries[index].position.trim().is_empty();
        let headings = (0..self.entries.len()).filter(|&index| is_heading(index));
        let mut named = headings.filter_map(|index| {
            let heading = text::clean(self.entries[index].title);
            let rest = text.strip_prefix(heading.as_str())?;
            let is_whole = !heading.is_empty() && (rest.is_empty() || rest.starts_with(' '));
            is_whole.then(|| (index, rest.trim_start()))
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
