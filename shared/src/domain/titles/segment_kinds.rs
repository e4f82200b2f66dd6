//! Classifies one segment of a title by its own words, without its neighbours.

use super::lexicon::{self, FEATURING};
use super::numerals;
use super::parts;
use super::performances;
use super::performers;
use super::segments::{Delimiter, Segment};
use super::version::{self, VersionReading};
use super::words::{Word, clauses, words};

/// The kind of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SegmentKind<'a> {
    /// States a version of the song.
    Version(VersionReading<'a>),
    /// More about the version stated before it.
    VersionDetail,
    /// Featured artists or producers; not part of the name.
    Credit,
    /// A list that has the shape of performers.
    Performers,
    /// Perhaps the place of a performance. With a year it surely is one, otherwise only beside a live
    /// version.
    Place { is_sure: bool },
    /// The name again, in another language.
    Translation,
    /// A part number, an interlude and the like; always part of the name.
    Piece,
    /// A date, or numbers that may be one.
    Date,
    /// Part of the name.
    Name,
}

/// Classifies a segment. `is_first` tells whether it is the first one of the title.
pub(super) fn classify<'a>(segment: &Segment<'a>, is_first: bool) -> SegmentKind<'a> {
    if is_first && segment.delimiter == Delimiter::None {
        return SegmentKind::Name;
    }
    let words = words(segment.text);
    if is_credit(segment, &words) {
        return SegmentKind::Credit;
    }
    if let Some(reading) = version::read_disc_size(segment.text) {
        return SegmentKind::Version(reading);
    }
    if !words.is_empty() && words.iter().all(|word| lexicon::is_date_word(&word.folded)) {
        return SegmentKind::Date;
    }
    if is_piece(&words) && !version::is_from_film(segment.text, &words) {
        return SegmentKind::Piece;
    }
    if let Some(reading) = version::read(segment, &words) {
        return SegmentKind::Version(reading);
    }
    let features = words
        .iter()
        .skip(1)
        .any(|word| FEATURING.contains(&word.folded.as_str()));
    if features && segment.delimiter == Delimiter::Bracket {
        SegmentKind::Credit
    } else if performances::is_place(&words) {
        SegmentKind::Place { is_sure: false }
    } else if performances::is_dated_place(&words) {
        SegmentKind::Place { is_sure: true }
    } else if !is_first && performers::is_list(segment) {
        SegmentKind::Performers
    } else {
        SegmentKind::Name
    }
}

fn is_credit(segment: &Segment, words: &[Word]) -> bool {
    let text = segment.text;
    if segment.delimiter == Delimiter::Bracket && text.starts_with(['&', '+', '＆']) {
        return true;
    }
    let [first, second, ..] = words else {
        return false;
    };
    let is_lower = text.starts_with(char::is_lowercase);
    let is_name_next = || !text[second.start..].starts_with(char::is_lowercase);
    match first.folded.as_str() {
        "feat" | "ft" | "featuring" | "prod" | "starring" => true,
        "produced" | "mixed" => second.folded == "by",
        "duet" => second.folded == "with",
        "f" | "w" => text[first.end..].starts_with('/'),
        // "(with the Band)" and "(With The Band)", but not "(With the Lights Out)".
        "with" if second.folded == "the" => {
            segment.delimiter != Delimiter::None && (is_lower || is_name_next())
        }
        "with" => segment.delimiter != Delimiter::None && !lexicon::makes_sentence(&second.folded),
        "con" | "com" | "avec" | "mit" | "med" | "met" => {
            segment.delimiter == Delimiter::Bracket && is_lower && is_name_next()
        }
        "при" => matches!(second.folded.as_str(), "уч" | "участии"),
        _ => false,
    }
}

/// Part numbers, and clauses that end in a word like "interlude".
fn is_piece(words: &[Word]) -> bool {
    let names_piece = |clause: &[Word]| match clause {
        _ if parts::names_part(clause) => true,
        _ => lexicon::without_numbers(clause)
            .last()
            .is_some_and(|last| lexicon::is_piece(&last.folded)),
    };
    clauses(words).any(names_piece)
        || matches!(words, [numeral] if numerals::roman(&numeral.folded).is_some())
}

/// Divides a segment that states a version and names a piece: "1947 Version: Scene 1", "Part 2, Live".
pub(super) fn divide<'a>(segment: Segment<'a>, divided: &mut Vec<Segment<'a>>) {
    let (text, delimiter) = (segment.text, segment.delimiter);
    let words = words(text);
    match boundary(text, &words) {
        Some(at) if at > 0 && at < words.len() => {
            let end = words[at - 1].end;
            let start = words[at].start;
            divided.extend([&text[..end], &text[start..]].map(|text| Segment { delimiter, text }));
        }
        _ => divided.push(segment),
    }
}

/// The index of the word at which a version ends and a piece begins, or the other way round.
fn boundary(text: &str, words: &[Word]) -> Option<usize> {
    if version::is_from_film(text, words) {
        return None;
    }
    let states_version = |words: &[Word]| {
        let (first, last) = (words.first()?, words.last()?);
        let segment = Segment {
            delimiter: Delimiter::Bracket,
            text: &text[first.start..last.end],
        };
        version::read(&segment, &self::words(segment.text))
    };
    let ends = || {
        clauses(words).scan(0, |at, clause| {
            *at += clause.len();
            Some(*at)
        })
    };
    if parts::names_part(words) {
        let count = words
            .iter()
            .skip(1)
            .take_while(|word| parts::continues_count(&word.folded))
            .count();
        let candidates = [Some(1 + count), ends().next()];
        return candidates
            .into_iter()
            .flatten()
            .find(|&at| states_version(words.get(at..).unwrap_or_default()).is_some());
    }
    let at = ends().find(|&at| {
        let rest = &words[at..];
        parts::names_piece(text, rest)
    })?;
    states_version(&words[..at]).map(|_| at)
}
