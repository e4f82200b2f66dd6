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
        if let [PositionPart::Letters(word), side, ..] = &parts[..]
            && word == "side"
            && matches!(side, PositionPart::Letters(_) | PositionPart::Number(_))
        {
            parts.remove(0);
        }
        Self { parts }
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

    /// This name with its last number replaced by the number `to`: the meaning of "7" in "A1-7".
    pub(super) fn with_number_of(&self, to: &str) -> Option<Self> {
        let end = Self::of(to);
        match (&self.parts[..], &end.parts[..]) {
            ([before @ .., PositionPart::Number(_)], [number @ PositionPart::Number(_)])
                if !before.is_empty() =>
            {
                Some(Self {
                    parts: [before, std::slice::from_ref(number)].concat(),
                })
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
            [PositionPart::Letters(word), rest @ ..] if matches!(word.as_str(), "cd" | "disc" | "disk") => {
                Some(Self { parts: rest.to_vec() })
            }
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

/// Whether the letters name a side: A to Z, then AA to AZ.
fn is_side(letters: &str) -> bool {
    letters.chars().count() == 1 || letters.len() == 2 && letters.starts_with('a')
}
