//! How the name of a position is compared: `B. 3` is `B3`, and `01` is `1`.
//! Where a position stands is in `lists`.

/// A position's name: runs of letters and of digits, and the marks between numbers, which tell `1-11` from `11-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Position {
    parts: Vec<Part>,
}

/// What a name is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Letters(String),
    Number(String),
    /// A dash, a dot or the like between two numbers.
    Mark(char),
}

impl Position {
    pub(super) fn of(name: &str) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        let mut mark = None;
        for c in name.chars().flat_map(char::to_lowercase) {
            let is_after_number = matches!(parts.last(), Some(Part::Number(_)));
            match parts.last_mut() {
                Some(Part::Number(digits)) if c.is_ascii_digit() && mark.is_none() => digits.push(c),
                Some(Part::Letters(letters)) if c.is_alphabetic() && mark.is_none() => letters.push(c),
                _ if c.is_ascii_digit() => {
                    parts.extend(mark.filter(|_| is_after_number).map(Part::Mark));
                    parts.push(Part::Number(c.to_string()));
                    mark = None;
                }
                _ if c.is_alphabetic() => {
                    parts.push(Part::Letters(c.to_string()));
                    mark = None;
                }
                _ => mark = mark.filter(|mark| *mark != ' ').or(Some(c)),
            }
        }
        for part in &mut parts {
            if let Part::Number(digits) = part {
                let number = digits.trim_start_matches('0');
                *digits = if number.is_empty() { "0" } else { number }.to_owned();
            }
        }
        if let [Part::Letters(word), side, ..] = &parts[..]
            && word == "side"
            && matches!(side, Part::Letters(_) | Part::Number(_))
        {
            parts.remove(0);
        }
        Self { parts }
    }

    /// Whether it is nothing but a number.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.parts[..], [Part::Number(_)])
    }

    /// Whether this names a part of what `whole` names: `CD1-3` of `CD1`, `11b` and `11.2` of `11`, `A2` of `A`.
    /// A number alone is no disc: `1-3` is no part of `1`.
    pub(super) fn is_part_of(&self, whole: &Self) -> bool {
        let Some([next, ..]) = self.parts.strip_prefix(&whole.parts[..]) else {
            return false;
        };
        let is_disc = whole.is_number() && *next == Part::Mark('-');
        !(whole.parts.is_empty() || is_disc)
    }

    /// The disc that a position stands on, as far as its name says: nothing for the sides of records, which follow each other.
    /// None where it names a part of a track, or in a way that nobody counts by.
    pub(super) fn disc(&self) -> Option<&[Part]> {
        match &self.parts[..] {
            [Part::Letters(side)] | [Part::Letters(side), Part::Number(_)] if is_side(side) => Some(&[]),
            [Part::Letters(_), Part::Number(_)] => Some(&self.parts[..1]),
            [
                Part::Letters(_),
                Part::Number(_),
                Part::Mark('-' | '.'),
                Part::Number(_),
            ] => Some(&self.parts[..2]),
            [Part::Number(_), Part::Mark('-'), Part::Number(_)] => Some(&self.parts[..1]),
            _ => None,
        }
    }

    /// This name with its last number replaced by the one number of `to`: what "7" means in "A1-7".
    pub(super) fn with_end_of(&self, to: &str) -> Option<Self> {
        let end = Self::of(to);
        match (&self.parts[..], &end.parts[..]) {
            ([before @ .., Part::Number(_)], [number @ Part::Number(_)]) if !before.is_empty() => {
                Some(Self {
                    parts: [before, std::slice::from_ref(number)].concat(),
                })
            }
            _ => None,
        }
    }

    /// The same on a record whose second side is called AA.
    pub(super) fn on_double_a(&self) -> Option<Self> {
        match &self.parts[..] {
            [Part::Letters(side), rest @ ..] if side == "b" => {
                let mut parts = vec![Part::Letters("aa".to_owned())];
                parts.extend_from_slice(rest);
                Some(Self { parts })
            }
            _ => None,
        }
    }

    /// The same where discs have numbers alone: `1-3` for `CD1-3`.
    pub(super) fn without_disc_word(&self) -> Option<Self> {
        match &self.parts[..] {
            [Part::Letters(word), rest @ ..] if matches!(word.as_str(), "cd" | "disc" | "disk") => {
                Some(Self { parts: rest.to_vec() })
            }
            _ => None,
        }
    }

    /// Whether this stands on the disc that `disc` numbers: `1-3` on `1`.
    pub(super) fn is_on_disc(&self, disc: &Self) -> bool {
        disc.is_number()
            && matches!(
                self.parts.strip_prefix(&disc.parts[..]),
                Some([Part::Mark('-'), ..])
            )
    }

    /// Whether it stands on side B of a record.
    pub(super) fn is_on_side_b(&self) -> bool {
        matches!(&self.parts[..], [Part::Letters(side), ..] if side == "b")
    }
}

/// A to Z, and AA to AZ behind them.
fn is_side(letters: &str) -> bool {
    letters.chars().count() == 1 || letters.len() == 2 && letters.starts_with('a')
}
