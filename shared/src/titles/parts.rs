//! What one segment of a title is by itself: a version of the song, artists it features, a date, the mark of another piece, or part of
//! its name. Judging a segment by its neighbours stays out.

use super::lexicon::{self, FEATURING};
use super::segments::{Mark, Segment};
use super::version::{self, Reading};
use super::words::{Word, clauses, words};

/// What a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Which version of the song.
    Version(Reading<'a>),
    /// More about the version before it.
    Belongs,
    /// Artists beside the main one, or who made it: no part of the name.
    Credit,
    /// The name once more, in another language.
    Translation,
    /// A part number, an interlude and the like: part of the name wherever it stands.
    Piece,
    /// A date, or numbers that may be one.
    Date,
    /// Part of the name.
    Name,
}

/// What a segment is by itself; `is_head`: whether it is the first.
pub(super) fn part_of<'a>(segment: &Segment<'a>, is_head: bool) -> Part<'a> {
    if is_head && segment.mark == Mark::Text {
        return Part::Name;
    }
    let words = words(segment.text);
    if is_credit(segment, &words) {
        return Part::Credit;
    }
    if !words.is_empty() && words.iter().all(|word| lexicon::is_of_a_date(&word.folded)) {
        return Part::Date;
    }
    if is_piece(&words) && !version::is_from_something(segment.text, &words) {
        return Part::Piece;
    }
    if let Some(reading) = version::read(segment, &words) {
        return Part::Version(reading);
    }
    let features = words
        .iter()
        .skip(1)
        .any(|word| FEATURING.contains(&word.folded.as_str()));
    if features && segment.mark == Mark::Bracket {
        Part::Credit
    } else {
        Part::Name
    }
}

fn is_credit(segment: &Segment, words: &[Word]) -> bool {
    let text = segment.text;
    if segment.mark == Mark::Bracket && text.starts_with(['&', '+', '＆']) {
        return true;
    }
    let [first, second, ..] = words else {
        return false;
    };
    let is_lower = text.starts_with(char::is_lowercase);
    let is_named = || !text[second.start..].starts_with(char::is_lowercase);
    match first.folded.as_str() {
        "feat" | "ft" | "featuring" | "prod" | "starring" => true,
        "produced" | "mixed" => second.folded == "by",
        "duet" => second.folded == "with",
        "f" | "w" => text[first.end..].starts_with('/'),
        // "(with the Band)" and "(With The Band)", but not "(With the Lights Out)".
        "with" if second.folded == "the" => segment.mark != Mark::Text && (is_lower || is_named()),
        "with" => segment.mark != Mark::Text && !lexicon::makes_a_sentence(&second.folded),
        "con" | "com" | "avec" | "mit" | "med" | "met" => {
            segment.mark == Mark::Bracket && is_lower && is_named()
        }
        "при" => matches!(second.folded.as_str(), "уч" | "участии"),
        _ => false,
    }
}

/// Part numbers, and clauses that end in a word like "interlude".
fn is_piece(words: &[Word]) -> bool {
    let names_a_piece = |clause: &[Word]| match clause {
        [part, number, ..] if lexicon::is_part(&part.folded) => is_ordinal(&number.folded),
        _ => lexicon::without_numbers(clause)
            .last()
            .is_some_and(|last| lexicon::is_piece(&last.folded)),
    };
    clauses(words).any(names_a_piece) || matches!(words, [numeral] if lexicon::is_roman(&numeral.folded))
}

fn is_ordinal(word: &str) -> bool {
    lexicon::is_number(word) || lexicon::is_roman(word) || matches!(word, "one" | "two" | "three")
}
