//! A tracklist in which positions are looked up. What a range is made of stays out.

use std::collections::HashSet;

use super::positions::{Part, Position};
use super::{Entry, Span, clean};
use crate::names;

/// The tracks that a range of numbers may count, so that a slip of the pen costs nothing.
pub(super) const MOST: usize = 10_000;

/// The entries of a tracklist that a range may name.
#[derive(Clone)]
pub(super) struct Tracklist<'a> {
    entries: &'a [Entry<'a>],
    /// None for headings, and for what stands outside the section that is looked at.
    positions: Vec<Option<Position>>,
}

impl<'a> Tracklist<'a> {
    pub(super) fn of(entries: &'a [Entry<'a>]) -> Self {
        let positions = entries
            .iter()
            .map(|entry| {
                let is_track = !entry.position.trim().is_empty();
                is_track.then(|| Position::of(entry.position))
            })
            .collect();
        Self { entries, positions }
    }

    /// The same without what stands outside a section.
    pub(super) fn within(&self, section: Span) -> Self {
        let mut list = self.clone();
        for (place, position) in list.positions.iter_mut().enumerate() {
            if !(section.0..=section.1).contains(&place) {
                *position = None;
            }
        }
        list
    }

    /// The places of its tracks.
    pub(super) fn places(&self) -> Vec<usize> {
        self.tracks().map(|(place, _)| place).collect()
    }

    pub(super) fn last(&self) -> Option<usize> {
        self.positions.iter().rposition(Option::is_some)
    }

    fn tracks(&self) -> impl Iterator<Item = (usize, &Position)> {
        self.positions
            .iter()
            .enumerate()
            .filter_map(|(place, position)| Some((place, position.as_ref()?)))
    }

    /// Where a position stands; several spans where the tracklist has it several times.
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

    /// The runs of tracks of which something is true; each track its own run where they are `single`.
    fn runs(&self, is_meant: impl Fn(&Position) -> bool, single: bool) -> Vec<Span> {
        let mut runs: Vec<Span> = Vec::new();
        let mut is_open = false;
        for (place, position) in self.tracks() {
            let is_one = is_meant(position);
            match runs.last_mut() {
                Some(run) if is_one && is_open && !single => run.1 = place,
                _ if is_one => runs.push((place, place)),
                _ => {}
            }
            is_open = is_one;
        }
        runs
    }

    /// Whether no two tracks of a span have one position.
    pub(super) fn is_plain(&self, span: Span) -> bool {
        let mut seen = HashSet::new();
        self.positions[span.0..=span.1]
            .iter()
            .flatten()
            .all(|position| seen.insert(position))
    }

    /// The section whose heading a text begins with, and the rest of the text.
    pub(super) fn section<'t>(&self, text: &'t str) -> Option<(Span, &'t str)> {
        let is_heading = |place: usize| self.entries[place].position.trim().is_empty();
        let headings = (0..self.entries.len()).filter(|&place| is_heading(place));
        let mut named = headings.filter_map(|place| {
            let heading = clean(self.entries[place].title);
            let rest = text.strip_prefix(heading.as_str())?;
            let is_whole = !heading.is_empty() && (rest.is_empty() || rest.starts_with(' '));
            is_whole.then(|| (place, rest.trim_start()))
        });
        let (heading, rest) = named.next()?;
        let end = (heading + 1..self.entries.len())
            .find(|&place| is_heading(place))
            .unwrap_or(self.entries.len());
        // Two headings of one name, or one with nothing below it, are no answer.
        (named.next().is_none() && end > heading + 1).then_some(((heading + 1, end - 1), rest))
    }

    /// The tracks that numbers mean where no position is a number: on the sides of one release, or on every disc where all
    /// have the same songs.
    pub(super) fn counted(&self, numbers: &[usize]) -> Option<Vec<Span>> {
        let mut discs: Vec<(&[Part], Vec<usize>)> = Vec::new();
        for (place, position) in self.tracks() {
            let disc = position.disc()?;
            match discs.iter_mut().find(|(known, _)| *known == disc) {
                Some((_, places)) => places.push(place),
                None => discs.push((disc, vec![place])),
            }
        }
        let songs = |places: &[usize]| -> Vec<String> {
            places
                .iter()
                .map(|&place| names::fold(self.entries[place].title))
                .collect()
        };
        let (_, first) = discs.first()?;
        let first = songs(first);
        let is_known = first.iter().all(|song| !song.is_empty());
        let is_same = discs.iter().all(|(_, places)| songs(places) == first);
        if discs.len() > 1 && !(is_known && is_same) {
            return None;
        }
        let place = |places: &[usize], number: usize| places.get(number.checked_sub(1)?).copied();
        discs
            .iter()
            .flat_map(|(_, places)| {
                numbers
                    .iter()
                    .map(move |&number| place(places, number).map(|place| (place, place)))
            })
            .collect()
    }
}
