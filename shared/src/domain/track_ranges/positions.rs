//! Parses the names of positions so that spellings compare equal: `B. 3` is `B3`, and `01` is `1`.

/// A position's name: runs of letters and of digits, and the marks between numbers, which distinguish `1-11`
/// from `11-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Position {
    parts: Vec<PositionPart>,
}

/// A part of a position's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum PositionPart {
    Letters(String),
    Number(String),
    /// A dash, a dot or the like between two numbers.
    Mark(char),
}

impl Position {
    pub(super) fn of(name: &str) -> Self {
        let mut parts: Vec<PositionPart> = Vec::new();
        let mut mark = None;
        for c in name.chars().flat_map(char::to_lowercase) {
            let is_after_number = matches!(parts.last(), Some(PositionPart::Number(_)));
            match parts.last_mut() {
                Some(PositionPart::Number(digits)) if c.is_ascii_digit() && mark.is_none() => digits.push(c),
                Some(PositionPart::Letters(letters)) if c.is_alphabetic() && mark.is_none() => {
                    letters.push(c)
                }
                _ if c.is_ascii_digit() => {
                    parts.extend(mark.filter(|_| is_after_number).map(PositionPart::Mark));
                    parts.push(PositionPart::Number(c.to_string()));
                    mark = None;
                }
                _ if c.is_alphabetic() => {
                    parts.push(PositionPart::Letters(c.to_string()));
                    mark = None;
                }
                _ => mark = mark.filter(|mark| *mark != ' ').or(Some(c)),
            }
        }
        for part in &mut parts {
            if let PositionPart::Number(digits) = part {
                let number = digits.trim_start_matches('0');
                *digits = if number.is_empty() { "0" } else { number }.to_owned();
            }
        }
        Self {
            parts: with_one_word(parts),
        }
    }

    /// Whether it is a single number.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.parts[..], [PositionPart::Number(_)])
    }

    /// Whether this names a part of `whole`: `CD1-3` of `CD1`, `11b` and `11.2` of `11`, `A2` of `A`. A
    /// single number is not a disc: `1-3` is not part of `1`.
    pub(super) fn is_part_of(&self, whole: &Self) -> bool {
        let Some([next, ..]) = self.parts.strip_prefix(&whole.parts[..]) else {
            return false;
        };
        let is_disc = whole.is_number() && *next == PositionPart::Mark('-');
        !(whole.parts.is_empty() || is_disc)
    }

    /// The letter of this song on a side whose songs have letters: `c` of `Bc` on `B`.
    pub(super) fn letter_on(&self, side: &Self) -> Option<char> {
        match (&self.parts[..], &side.parts[..]) {
            ([PositionPart::Letters(song)], [PositionPart::Letters(side)]) if side.chars().count() == 1 => {
                let mut letters = song.strip_prefix(side.as_str())?.chars();
                letters.next().filter(|_| letters.next().is_none())
            }
            _ => None,
        }
    }

    /// The part of this name after the name of a side or disc: `3` for `CD1-3` on `CD1`, `b` for `Bb` on `B`.
    pub(super) fn after_section(&self, section: &Self) -> Option<Self> {
        let side = section.with_side_letter();
        let other = [section.on_double_a(), section.without_disc_word()];
        let sections = [Some(section.clone()), side].into_iter().chain(other).flatten();
        sections.into_iter().find_map(|section| {
            if let Some(letter) = self.letter_on(&section) {
                let parts = vec![PositionPart::Letters(letter.to_string())];
                return Some(Self { parts });
            }
            let parts = match self.parts.strip_prefix(&section.parts[..])? {
                [PositionPart::Mark(_), rest @ ..] | rest => rest.to_vec(),
            };
            (!parts.is_empty()).then_some(Self { parts })
        })
    }

    /// Whether it is this letter alone.
    pub(super) fn is_letter(&self, letter: char) -> bool {
        matches!(&self.parts[..], [PositionPart::Letters(letters)] if letters.chars().eq([letter]))
    }

    /// The disc in a position's name. It is empty for the sides of records, which are numbered consecutively.
    /// `None` if the position names a part of a track or has an unknown form.
    pub(super) fn disc(&self) -> Option<&[PositionPart]> {
        match &self.parts[..] {
            [PositionPart::Letters(side)] | [PositionPart::Letters(side), PositionPart::Number(_)]
                if is_side(side) =>
            {
                Some(&[])
            }
            [PositionPart::Letters(_), PositionPart::Number(_)] => Some(&self.parts[..1]),
            [
                PositionPart::Letters(_),
                PositionPart::Number(_),
                PositionPart::Mark('-' | '.'),
                PositionPart::Number(_),
            ] => Some(&self.parts[..2]),
            [
                PositionPart::Number(_),
                PositionPart::Mark('-'),
                PositionPart::Number(_),
            ] => Some(&self.parts[..1]),
            _ => None,
        }
    }

    /// This name with its last number or letter replaced by `to`: the meaning of "7" in "A1-7", of "c" in
    /// "3a-c" and of "d" in "Ba-d".
    pub(super) fn with_ending(&self, to: &str) -> Option<Self> {
        let end = Self::of(to);
        let ([before @ .., last], [end]) = (&self.parts[..], &end.parts[..]) else {
            return None;
        };
        let end = match (last, end) {
            (PositionPart::Number(_), PositionPart::Number(_)) if !before.is_empty() => end.clone(),
            (PositionPart::Letters(from), PositionPart::Letters(to)) if to.chars().count() == 1 => {
                let kept = from.char_indices().last().map_or("", |(at, _)| &from[..at]);
                PositionPart::Letters(format!("{kept}{to}"))
            }
            _ => return None,
        };
        Some(Self {
            parts: [before, &[end]].concat(),
        })
    }

    /// This position with the letter of a side that is numbered: `A3` for "Side 1, 3".
    pub(super) fn with_side_letter(&self) -> Option<Self> {
        match &self.parts[..] {
            [
                PositionPart::Letters(word),
                PositionPart::Number(number),
                rest @ ..,
            ] if word == "side" => {
                let index = number.parse::<u8>().ok()?.checked_sub(1)?;
                let letter = char::from(b'a'.checked_add(index)?);
                let side = PositionPart::Letters(letter.is_ascii_lowercase().then(|| letter.to_string())?);
                let rest = rest.iter().filter(|part| !matches!(part, PositionPart::Mark(_)));
                let parts = [side].into_iter().chain(rest.cloned()).collect();
                Some(Self { parts })
            }
            _ => None,
        }
    }

    /// This position of side B on a record whose second side is called AA.
    pub(super) fn on_double_a(&self) -> Option<Self> {
        match &self.parts[..] {
            [PositionPart::Letters(side), rest @ ..] if side == "b" => {
                let mut parts = vec![PositionPart::Letters("aa".to_owned())];
                parts.extend_from_slice(rest);
                Some(Self { parts })
            }
            _ => None,
        }
    }

    /// This name without the word for a disc: `1-3` for `CD1-3`.
    pub(super) fn without_disc_word(&self) -> Option<Self> {
        match &self.parts[..] {
            [PositionPart::Letters(word), rest @ ..] if word == "cd" => Some(Self { parts: rest.to_vec() }),
            _ => None,
        }
    }

    /// Whether this position is on `disc`: `1-3` on `1`.
    pub(super) fn is_on_disc(&self, disc: &Self) -> bool {
        disc.is_number()
            && matches!(
                self.parts.strip_prefix(&disc.parts[..]),
                Some([PositionPart::Mark('-'), ..])
            )
    }

    /// Whether this position is on side B of a record.
    pub(super) fn is_on_side_b(&self) -> bool {
        matches!(&self.parts[..], [PositionPart::Letters(side), ..] if side == "b")
    }
}

/// The words for a side of a record in the languages in which ranges are written.
pub(super) const SIDE_WORDS: &[&str] = &[
    "side",
    "seite",
    "face",
    "lado",
    "lato",
    "cara",
    "strona",
    "сторона",
];

/// The words for a disc.
pub(super) const DISC_WORDS: &[&str] = &["cd", "disc", "disk", "disque", "disco"];

/// The parts with one word for a disc, one for a side before a number, and none before the letter of a side.
fn with_one_word(mut parts: Vec<PositionPart>) -> Vec<PositionPart> {
    let [PositionPart::Letters(word), next, ..] = &mut parts[..] else {
        return parts;
    };
    let is_side = SIDE_WORDS.contains(&word.as_str());
    if !is_side && !DISC_WORDS.contains(&word.as_str()) {
        return parts;
    }
    if let PositionPart::Letters(letters) = next
        && let Some(number) = number_of(letters)
    {
        *next = PositionPart::Number(number.to_owned());
    }
    match next {
        PositionPart::Letters(_) if is_side => {
            parts.remove(0);
        }
        PositionPart::Number(_) => (if is_side { "side" } else { "cd" }).clone_into(word),
        _ => {}
    }
    parts
}

/// The digit for a small number that is written as a word or in Roman numerals. A single letter is the name
/// of a side.
fn number_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "one" => "1",
        "two" | "ii" => "2",
        "three" | "iii" => "3",
        "four" | "iv" => "4",
        _ => return None,
    })
}

/// Whether the letters name a side: A to Z, then AA to AZ.
fn is_side(letters: &str) -> bool {
    letters.chars().count() == 1 || letters.len() == 2 && letters.starts_with('a')
}
