//! Reads the numbers by which titles count pieces: digits, Roman numerals, and words of several languages.

use std::sync::LazyLock;

use foldhash::HashMap;

/// How a number is written in words, folded.
struct NumberWords {
    value: u16,
    cardinals: &'static str,
    ordinals: &'static str,
}

const fn number(value: u16, cardinals: &'static str, ordinals: &'static str) -> NumberWords {
    NumberWords {
        value,
        cardinals,
        ordinals,
    }
}

const NUMBERS: [NumberWords; 20] = [
    number(
        1,
        "one eins uno una une um один",
        "first erste erster erstes premier premiere primo prima primero primera primeiro primeira первый \
         первая первое",
    ),
    number(
        2,
        "two zwei deux dos due dois два",
        "second zweite zweiter zweites deuxieme secondo seconda segundo segunda второй вторая второе",
    ),
    number(
        3,
        "three drei trois tres tre три",
        "third dritte dritter drittes troisieme terzo terza tercero tercera terceiro terceira третий третья \
         третье",
    ),
    number(
        4,
        "four vier quatre cuatro quattro quatro четыре",
        "fourth vierte vierter viertes quatrieme cuarto cuarta quarto quarta четвертый четвертая четвертое",
    ),
    number(
        5,
        "five funf cinq cinco cinque пять",
        "fifth funfte funfter funftes cinquieme quinto quinta пятый пятая пятое",
    ),
    number(
        6,
        "six sechs seis sei шесть",
        "sixth sechste sechster sechstes sixieme sexto sexta sesto sesta шестой шестая",
    ),
    number(
        7,
        "seven sieben sept siete sette sete семь",
        "seventh siebte siebter septieme septimo settimo",
    ),
    number(
        8,
        "eight acht huit ocho otto oito восемь",
        "eighth achte achter huitieme octavo ottavo oitavo",
    ),
    number(
        9,
        "nine neun neuf nueve nove девять",
        "ninth neunte neunter neuvieme noveno nono",
    ),
    number(
        10,
        "ten zehn dix diez dieci dez десять",
        "tenth zehnte zehnter dixieme decimo",
    ),
    number(11, "eleven elf onze once undici", "eleventh"),
    number(12, "twelve zwolf douze doce dodici doze", "twelfth"),
    number(13, "thirteen dreizehn treize trece tredici", "thirteenth"),
    number(14, "fourteen vierzehn quatorze catorce", "fourteenth"),
    number(15, "fifteen funfzehn quinze quince quindici", "fifteenth"),
    number(16, "sixteen sechzehn seize dieciseis sedici", "sixteenth"),
    number(17, "seventeen siebzehn diecisiete", "seventeenth"),
    number(18, "eighteen achtzehn dieciocho", "eighteenth"),
    number(19, "nineteen neunzehn diecinueve", "nineteenth"),
    number(20, "twenty zwanzig vingt veinte venti vinte", "twentieth"),
];

static CARDINALS: LazyLock<HashMap<&str, u16>> = LazyLock::new(|| by_word(|number| number.cardinals));
static ORDINALS: LazyLock<HashMap<&str, u16>> = LazyLock::new(|| by_word(|number| number.ordinals));

fn by_word(words: impl Fn(&NumberWords) -> &'static str) -> HashMap<&'static str, u16> {
    NUMBERS
        .iter()
        .flat_map(|number| words(number).split(' ').map(|word| (word, number.value)))
        .collect()
}

/// The value of a folded word that counts: "2", "02", "ii", "two", "zwei".
pub(super) fn cardinal(word: &str) -> Option<u16> {
    digits(word)
        .or_else(|| roman(word))
        .or_else(|| CARDINALS.get(word).copied())
}

/// The value of a folded word that states a place in a row: "2nd", "second", "zweiter".
pub(super) fn ordinal(word: &str) -> Option<u16> {
    let ending = word.trim_start_matches(|c: char| c.is_ascii_digit());
    if ending.len() < word.len() && matches!(ending, "st" | "nd" | "rd" | "th" | "er" | "ere" | "e" | "eme") {
        return digits(&word[..word.len() - ending.len()]);
    }
    ORDINALS.get(word).copied()
}

/// The value of at most three digits.
pub(super) fn digits(word: &str) -> Option<u16> {
    let is_number = (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().ok()).flatten()
}

/// The value of a Roman numeral below fifty. Larger ones are words too often ("mix", "di").
pub(super) fn roman(word: &str) -> Option<u16> {
    let (tens, rest) = match word {
        _ if word.is_empty() || word.len() > 7 => return None,
        _ if word.starts_with("xl") => (4, &word[2..]),
        _ => {
            let rest = word.trim_start_matches('x');
            // The last x may belong to "ix", which begins with an i.
            (word.len() - rest.len(), rest)
        }
    };
    const UNITS: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let unit = UNITS.iter().position(|unit| *unit == rest)?;
    (tens <= 4)
        .then(|| u16::try_from(tens * 10 + unit).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_form() {
        for (word, value) in [
            ("1", 1),
            ("012", 12),
            ("i", 1),
            ("iv", 4),
            ("ix", 9),
            ("xiv", 14),
            ("xix", 19),
            ("xxx", 30),
            ("xlii", 42),
            ("twelve", 12),
            ("funf", 5),
            ("tre", 3),
        ] {
            assert_eq!(cardinal(word), Some(value), "{word}");
        }
        for (word, value) in [("1st", 1), ("22nd", 22), ("1er", 1), ("zweiter", 2), ("primo", 1)] {
            assert_eq!(ordinal(word), Some(value), "{word}");
        }
        for word in ["", "mix", "iiii", "vx", "1999", "civil", "first", "d", "ixi"] {
            assert_eq!(cardinal(word), None, "{word}");
        }
        for word in ["1", "one", "th", "2004", "the"] {
            assert_eq!(ordinal(word), None, "{word}");
        }
    }

    #[test]
    fn every_word_is_folded() {
        for word in CARDINALS.keys().chain(ORDINALS.keys()) {
            assert_eq!(crate::domain::names::fold(word), *word);
        }
    }
}
