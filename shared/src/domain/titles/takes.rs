//! Detects numbered takes and versions ("Take 12", "v2").

use super::lexicon;
use super::numerals;
use super::parts;
use super::words::{Word, clauses};

/// Whether a segment numbers a version or a take: "v2", "Take 12", "Takes 1-3", "Breakdown, Take 2". "Take
/// Five" after a dash is a song.
pub(super) fn is_numbered(words: &[Word]) -> bool {
    let is_take = |clause: &[Word]| {
        let at = clause.iter().rposition(|word| {
            matches!(
                word.folded.as_str(),
                "take" | "takes" | "tk" | "tks" | "toma" | "tomas" | "prise" | "prises"
            )
        });
        let Some(at) = at else {
            return false;
        };
        let is_sentence = at
            .checked_sub(1)
            .is_some_and(|before| lexicon::makes_sentence(&clause[before].folded));
        let numbers = &clause[at + 1..];
        !is_sentence
            && numbers.first().is_some_and(|number| number.folded != "five")
            && numbers
                .first()
                .is_some_and(|number| numerals::cardinal(&number.folded).is_some())
            && numbers
                .iter()
                .all(|word| parts::continues_count(&word.folded) || lexicon::is_technical(&word.folded))
    };
    let is_numbered = |word: &Word| {
        let number = word
            .folded
            .strip_prefix("ver")
            .or_else(|| word.folded.strip_prefix('v'));
        number.is_some_and(|number| numerals::digits(number).is_some())
    };
    clauses(words).any(is_take)
        || words.first().is_some_and(is_numbered)
            && words
                .iter()
                .skip(1)
                .all(|word| lexicon::is_technical(&word.folded))
}
