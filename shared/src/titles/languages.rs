//! Names told twice: in two scripts ("봄날 (Spring Day)") or in English and Spanish ("La Copa de la Vida (The Cup of Life)"). One telling
//! is enough to know the song by. What is no translation, a subtitle in the name's own language, is part of the name and none of its business.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::lexicon;
use super::words::{Word, words};

/// Words by which Spanish is told. None is a word of English, and none is one of Italian, French or German: an aria in brackets behind its
/// opera's English name is no translation of it.
static SPANISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "el los las y hasta para por yo cuando donde muy mas tus mis eres soy estoy quiero dia noche vida mujer fuego corazon amanecer"
        .split(' ')
        .collect()
});

/// Words by which English is told: none of them is a word of Spanish.
static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "the of and you i my your with for it is to be we when where what all one day night tonight love life heart girl dont im"
        .split(' ')
        .collect()
});

/// Which of a name and the bracket behind it says nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Double {
    /// The name: the bracket has it in Latin letters, which is how most catalogs have it.
    Name,
    /// The bracket.
    Bracket,
}

/// Whether a bracket is its name once more.
pub(super) fn translation(name: &str, bracket: &str) -> Option<Double> {
    if name.is_ascii() && bracket.is_ascii() && !bracket.contains(' ') {
        return None; // most brackets, quickly
    }
    match (script(name), script(bracket)) {
        (Some(Script::Other), Some(Script::Latin)) if is_telling(bracket) => Some(Double::Name),
        (Some(Script::Latin), Some(Script::Other)) => Some(Double::Bracket),
        (Some(Script::Latin), Some(Script::Latin)) => {
            let (name, bracket) = (language(name)?, language(bracket)?);
            (name != bracket).then_some(Double::Bracket)
        }
        _ => None,
    }
}

/// What follows the Korean words of a name in Latin letters: "Peek-A-Boo" of "피카부 Peek-A-Boo". The name itself where it has no such words.
pub(super) fn in_latin(name: &str) -> &str {
    if name.is_ascii() {
        return name;
    }
    let is_korean = |word: &Word| word.folded.chars().all(is_hangul);
    let all = words(name);
    let korean = all.iter().take_while(|word| is_korean(word)).count();
    let Some(first) = all.get(korean).filter(|_| korean > 0) else {
        return name;
    };
    let latin = &name[first.start..];
    if script(latin) == Some(Script::Latin) && is_telling(latin) {
        latin
    } else {
        name
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Other,
}

/// The script of a text that is in one.
fn script(text: &str) -> Option<Script> {
    let mut letters = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .map(|c| if is_latin(c) { Script::Latin } else { Script::Other });
    let first = letters.next()?;
    letters.all(|script| script == first).then_some(first)
}

/// Whether a text can be a name's translation: it has a word of three letters, and none that tells of a version or a piece.
fn is_telling(text: &str) -> bool {
    let words = words(text);
    words.iter().any(|word| word.folded.chars().count() > 2)
        && !words.iter().any(|word| {
            let word = word.folded.as_str();
            lexicon::is_piece(word)
                || lexicon::is_part(word)
                || lexicon::is_roman(word)
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
    let has = |list: &HashSet<&str>| words.iter().any(|word| list.contains(word.folded.as_str()));
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
