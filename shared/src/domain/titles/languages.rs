//! Detects names given in two languages: in two scripts ("봄날 (Spring Day)") or in English and Spanish ("La
//! Copa de la Vida (The Cup of Life)"). One of the two identifies the song. A subtitle in the name's own
//! language is part of the name.

use std::sync::LazyLock;

use super::lexicon::{self, WordSet};
use super::numerals;
use super::parts;
use super::words::{Word, words};

/// Words that identify Spanish. None is a word of English, Italian, French or German: an aria in brackets
/// after its opera's English name is not a translation of that name.
static SPANISH: WordSet = LazyLock::new(|| {
    "el los las y hasta para por yo cuando donde muy mas tus mis eres soy estoy quiero dia \
     noche vida mujer fuego corazon amanecer"
        .split(' ')
        .collect()
});

/// Words that identify English. None of them is a word of Spanish.
static ENGLISH: WordSet = LazyLock::new(|| {
    "the of and you i my your with for it is to be we when where what all one day night \
     tonight love life heart girl dont im"
        .split(' ')
        .collect()
});

/// The half of a name with a translation that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RedundantText {
    /// The name: the bracket has it in Latin letters, as most catalogs do.
    Name,
    /// The bracket.
    Bracket,
}

/// The half to leave out if the bracket translates the name; `None` if it does not.
pub(super) fn find_translation(name: &str, bracket: &str) -> Option<RedundantText> {
    if name.is_ascii() && bracket.is_ascii() && !bracket.contains(' ') {
        return None; // A fast path for most brackets.
    }
    match (script(name), script(bracket)) {
        (Some(TextScript::Other), Some(TextScript::Latin)) if can_translate(bracket) => {
            Some(RedundantText::Name)
        }
        (Some(TextScript::Latin), Some(TextScript::Other)) => Some(RedundantText::Bracket),
        (Some(TextScript::Latin), Some(TextScript::Latin)) => {
            let (name, bracket) = (language(name)?, language(bracket)?);
            (name != bracket).then_some(RedundantText::Bracket)
        }
        _ => None,
    }
}

/// The part of a name in Latin letters that follows Korean words: "Peek-A-Boo" of "피카부 Peek-A-Boo". The whole
/// name if it has no such part.
pub(super) fn latin_half(name: &str) -> &str {
    if name.is_ascii() {
        return name;
    }
    let is_korean = |word: &Word| word.folded.chars().all(is_hangul);
    let words = words(name);
    let korean_count = words.iter().take_while(|word| is_korean(word)).count();
    let Some(first) = words.get(korean_count).filter(|_| korean_count > 0) else {
        return name;
    };
    let latin = &name[first.start..];
    if script(latin) == Some(TextScript::Latin) && can_translate(latin) {
        latin
    } else {
        name
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextScript {
    Latin,
    Other,
}

/// The script of a text; `None` if it mixes several or has no letters.
fn script(text: &str) -> Option<TextScript> {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).map(|c| {
        if is_latin(c) {
            TextScript::Latin
        } else {
            TextScript::Other
        }
    });
    let first = letters.next()?;
    letters.all(|script| script == first).then_some(first)
}

/// Whether a text can translate a name: it has a word of three letters, and no word that denotes a version or
/// a piece.
fn can_translate(text: &str) -> bool {
    let words = words(text);
    words.iter().any(|word| word.folded.chars().count() > 2)
        && !words.iter().any(|word| {
            let word = word.folded.as_str();
            lexicon::is_piece(word)
                || parts::is_part(word)
                || numerals::roman(word).is_some()
                || lexicon::is_number(word)
        })
        && !words.iter().all(|word| lexicon::is_technical(&word.folded))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    Spanish,
}

fn language(text: &str) -> Option<Language> {
    let words = words(text);
    let has = |list: &WordSet| words.iter().any(|word| list.contains(word.folded.as_str()));
    match (has(&ENGLISH), has(&SPANISH)) {
        (true, false) => Some(Language::English),
        (false, true) => Some(Language::Spanish),
        _ => None,
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣')
}
