//! Detects performances by their place and date ("Live at the Rainbow", "Wembley Stadium, July 1986").

use super::lexicon;
use super::words::{Word, as_year};

/// Whether a clause names a live performance: "Live at the Rainbow" or "Summer Tour Live in Rome", but
/// neither "Live Forever", "Live on" nor "Angels Live in My Town".
pub(super) fn is_live(clause: &[Word]) -> bool {
    let Some(at) = clause.iter().position(|word| word.folded == "live") else {
        return false;
    };
    let (before, rest) = (&clause[..at], &clause[at + 1..]);
    let is_occasion = |word: &Word| {
        let word = word.folded.as_str();
        lexicon::is_technical(word) || lexicon::is_hall(word) || lexicon::is_venue(word)
    };
    let follows_sentence = before
        .last()
        .is_some_and(|last| lexicon::makes_sentence(&last.folded));
    let is_noun = before.is_empty() || !follows_sentence && before.iter().any(is_occasion);
    is_noun && leads_to_occasion(rest)
}

fn leads_to_occasion(rest: &[Word]) -> bool {
    let [next, rest @ ..] = rest else {
        return false;
    };
    let next = next.folded.as_str();
    let is_with_ensemble = || rest.last().is_some_and(|last| lexicon::is_ensemble(&last.folded));
    lexicon::precedes_place(next) && rest.first().is_some_and(may_be_place)
        || matches!(next, "with" | "and") && is_with_ensemble()
        || lexicon::is_performance(next)
        || as_year(next).is_some()
}

/// Whether a segment names a live performance by its place and date: "Live Paris 1986", "Live Bercy, July
/// 98".
pub(super) fn is_dated_live(words: &[Word]) -> bool {
    let [live, rest @ ..] = words else {
        return false;
    };
    let place = lexicon::without_numbers(rest);
    let is_month_or_year = |word: &Word| {
        let word = word.folded.as_str();
        as_year(word).is_some() || lexicon::is_date_word(word) && !lexicon::is_number(word)
    };
    let is_place = |word: &Word| {
        let word = word.folded.as_str();
        !lexicon::makes_sentence(word)
            && !matches!(word, "forever" | "free" | "fast" | "die" | "wire" | "like")
    };
    live.folded == "live" && rest[place.len()..].iter().any(is_month_or_year) && place.iter().all(is_place)
}

/// Whether a word behind "at" or "in" may begin the name of a place.
pub(super) fn may_be_place(word: &Word) -> bool {
    let word = word.folded.as_str();
    !lexicon::makes_sentence(word) || matches!(word, "the" | "a" | "an")
}

/// Whether a segment without a year may name the place of a performance: "At Wembley", "Royal Albert Hall".
pub(super) fn is_place(words: &[Word]) -> bool {
    words.len() > 1
        && !has_year(words)
        && (begins_with_at(words) || words.iter().any(|word| lexicon::is_hall(&word.folded)))
}

/// Whether a segment names the place and the year of a performance: "Isle of Wight Festival, August 1970".
pub(super) fn is_dated_place(words: &[Word]) -> bool {
    let is_venue = |word: &Word| lexicon::is_hall(&word.folded) || lexicon::is_venue(&word.folded);
    words.len() > 1 && has_year(words) && (begins_with_at(words) || words.iter().any(is_venue))
}

fn begins_with_at(words: &[Word]) -> bool {
    matches!(words, [at, place, ..] if at.folded == "at" && may_be_place(place))
}

fn has_year(words: &[Word]) -> bool {
    words.iter().any(|word| as_year(&word.folded).is_some())
}
