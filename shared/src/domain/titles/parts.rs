//! Reads what counts the pieces of a work: "Part 2", "Pts. 1-5", "Act I", "Zweiter Satz", "No. 3", and the
//! numeral that begins "II. Andante". One piece has one spelling in keys.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::lexicon;
use super::numerals;
use super::words::{Word, clauses, words};

/// The folded words for one kind of piece; the first is its spelling in keys.
const PART_WORDS: [&str; 11] = [
    "pt part parts pts teil teile parte partes parti partie parties часть части ч deel osa czesc",
    "vol vols volume volumes volumen tomo tome том",
    "chapter chapters ch chap kapitel chapitre capitulo capitolo глава rozdzial hoofdstuk",
    "episode episodes episodio folge эпизод",
    "movement movements mvt mvmt mov mouvement movimento movimiento satz sats",
    "act acts acte akt atto acto ato aufzug действие акт",
    "scene scenes szene auftritt scena escena cena явление сцена",
    "tableau tableaux bild quadro cuadro картина",
    "variation variations var vars variazione variazioni variacion variaciones variacao вариация",
    "book livre buch libro livro",
    "canto canti",
];

/// The folded words for "number". They count pieces only before digits: "No One" is a name.
const NUMBER_WORDS: &str = "no nr num numero nummer number n";

static PARTS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let spellings = PART_WORDS.iter().flat_map(|list| {
        let canonical = list.split(' ').next().unwrap_or_default();
        list.split(' ').map(move |word| (word, canonical))
    });
    spellings.collect()
});

/// Whether a folded word stands before the number of a piece.
pub(super) fn is_part(word: &str) -> bool {
    PARTS.contains_key(word)
}

/// Whether a clause begins with a numbered piece: "Part 2", "Act II", "Second Movement".
pub(super) fn names_part(clause: &[Word]) -> bool {
    let [first, second, ..] = clause else {
        return false;
    };
    let (first, second) = (first.folded.as_str(), second.folded.as_str());
    is_part(first)
        && (lexicon::is_number(second)
            || numerals::cardinal(second).is_some()
            || numerals::ordinal(second).is_some())
        || numerals::ordinal(first).is_some() && is_part(second)
}

/// Whether words behind a version name a piece of the work, not more of the version: "Scene 1: The Fair",
/// "No. 3", "II. Andante", "Allegro con brio", but not "July 1986" or "1. Mai 1990".
pub(super) fn names_piece(text: &str, words: &[Word]) -> bool {
    let [first, rest @ ..] = words else {
        return false;
    };
    let is_number_word = NUMBER_WORDS.split(' ').any(|word| word == first.folded);
    let is_counted = || {
        rest.first().is_some_and(|number| {
            let number = number.folded.as_str();
            numerals::digits(number).is_some() || number.len() > 1 && numerals::roman(number).is_some()
        })
    };
    names_part(clauses(words).next().unwrap_or_default())
        || is_number_word && is_counted()
        || begins_with_numeral(text, first, rest)
        || lexicon::is_tempo(&first.folded)
}

/// Whether a word behind a part number may count further parts: "2", "and", "to".
pub(super) fn continues_count(word: &str) -> bool {
    lexicon::is_number(word)
        || numerals::cardinal(word).is_some()
        || numerals::ordinal(word).is_some()
        || matches!(
            word,
            "and" | "und" | "et" | "to" | "through" | "bis" | "of" | "von"
        )
}

/// Whether a numeral begins the name of a piece: "II. Andante", "3) Scherzo", "IV Finale".
fn begins_with_numeral(text: &str, numeral: &Word, rest: &[Word]) -> bool {
    let folded = numeral.folded.as_str();
    let Some(next) = rest.first() else {
        return numerals::roman(folded).is_some();
    };
    let between = &text[numeral.end..next.start];
    let is_marked = between.starts_with(['.', ')', ':']) && between.ends_with(char::is_whitespace);
    if numerals::roman(folded).is_some() {
        return is_marked || folded.len() > 1 && !lexicon::counts_years(&next.folded);
    }
    numerals::digits(folded).is_some()
        && is_marked
        && !lexicon::is_date_word(&next.folded)
        && !lexicon::is_foreign_month(&next.folded)
}

/// Folded words with the numbers of pieces in one spelling: "part ii" as "pt 2", "parts i v" and "pt 1
/// through 5" as "pt 1 to 5", "part 1 of 2" as "pt 1". `None` if there is none.
pub(super) fn unify(words: &[&str]) -> Option<Vec<String>> {
    if !words.iter().any(|word| is_part(word)) {
        return None;
    }
    let mut unified = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        if let (Some(value), Some(part)) = (
            numerals::ordinal(word),
            words.get(at + 1).and_then(|next| PARTS.get(next)),
        ) {
            unified.extend([(*part).to_owned(), value.to_string()]);
            at += 2;
            continue;
        }
        // "The Part I Play" has no part number.
        let is_pronoun = words.get(at + 1) == Some(&"i")
            && at
                .checked_sub(1)
                .is_some_and(|before| lexicon::makes_sentence(words[before]))
            && at + 2 < words.len();
        let counted = PARTS
            .get(word)
            .filter(|_| !is_pronoun)
            .and_then(|part| Some((*part, read_numbers(part, &words[at + 1..])?)));
        if let Some((part, (numbers, len))) = counted {
            unified.extend([part.to_owned(), spell(&numbers)]);
            at += 1 + len;
        } else {
            unified.push(word.to_owned());
            at += 1;
        }
    }
    Some(unified)
}

/// The numbers behind the word `part`, ascending, and how many words state them.
fn read_numbers(part: &str, words: &[&str]) -> Option<(Vec<u16>, usize)> {
    let (first, mut at) = read_number(words).or_else(|| Some((numerals::ordinal(words.first()?)?, 1)))?;
    let mut groups = vec![vec![first]];
    let mut last = first;
    loop {
        let rest = &words[at..];
        let is_part = |word: &&str| PARTS.get(*word).is_some_and(|other| *other == part);
        let (joint, is_new_group) = match rest {
            ["of" | "von" | "de" | "di" | "sur" | "из", total, ..]
                if numerals::cardinal(total).is_some_and(|total| total >= last) =>
            {
                at += 2;
                break;
            }
            ["to" | "through" | "thru" | "bis" | "a" | "al", ..] => (1, false),
            ["and" | "und" | "et" | "y" | "e" | "и", next, ..] => (1 + usize::from(is_part(next)), true),
            [next, ..] if is_part(next) => (1, true),
            _ => (0, false),
        };
        match read_number(rest.get(joint..).unwrap_or_default()) {
            Some((number, len)) if number > last && number < 100 => {
                if is_new_group {
                    groups.push(Vec::new());
                }
                if let Some(group) = groups.last_mut() {
                    group.push(number);
                }
                (last, at) = (number, at + joint + len);
            }
            _ => break,
        }
    }
    let numbers = groups.into_iter().flat_map(|group| match group[..] {
        [from, to] => (from..=to).collect(),
        _ => group,
    });
    Some((numbers.collect(), at))
}

/// The number that words begin with, and how many words it takes: "21" and "twenty one".
fn read_number(words: &[&str]) -> Option<(u16, usize)> {
    let number = numerals::cardinal(words.first()?)?;
    let unit = words.get(1).filter(|_| words[0] == "twenty");
    match unit.and_then(|unit| numerals::cardinal(unit)) {
        Some(unit) if unit < 10 => Some((number + unit, 2)),
        _ => Some((number, 1)),
    }
}

fn spell(numbers: &[u16]) -> String {
    match numbers {
        [first, .., last] if usize::from(last - first) + 1 == numbers.len() => format!("{first} to {last}"),
        _ => numbers
            .iter()
            .map(u16::to_string)
            .collect::<Vec<_>>()
            .join(" and "),
    }
}

/// Whether a text begins with a numbered piece, as [`names_piece`] says.
pub(super) fn is_piece_text(text: &str) -> bool {
    names_piece(text, &words(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_folded() {
        for word in PARTS.keys().copied().chain(NUMBER_WORDS.split(' ')) {
            assert_eq!(crate::domain::names::fold(word), word);
        }
    }
}
