//! Detects titles that only name a place on the record ("Intro", "Skit #2", `[untitled]`, "Part 1").

use std::sync::LazyLock;

use super::lexicon::WordSet;
use super::{numerals, parts};

/// Folded words that name a place on a record, in the languages that most catalogs use.
static PLACES: WordSet = LazyLock::new(|| {
    "intro introduction introduccion introduzione introducao introduktion einleitung einfuhrung интро \
     вступление outro аутро оутро interlude interludio interludium zwischenspiel интерлюдия интермедия \
     intermission entracte intermezzo pause skit skits скит sketch prelude preludio praludium preludium \
     vorspiel прелюдия postlude postludio nachspiel overture ouverture obertura overtura abertura увертюра \
     prologue prologo prolog пролог epilogue epilogo epilog эпилог opening ending closing finale reprise \
     untitled untitre unbetitelt medley commentary イントロ アウトロ インタールード プロローグ エピローグ \
     無題 序曲 前奏曲 間奏曲 序章 終章 인트로 아웃트로 인터루드 프롤로그 에필로그 무제"
        .split_whitespace()
        .collect()
});

/// Folded phrases of the same meaning.
const PHRASES: [&str; 22] = [
    "ohne titel",
    "sans titre",
    "sin titulo",
    "senza titolo",
    "sem titulo",
    "bez tytulu",
    "без названия",
    "no title",
    "hidden track",
    "bonus track",
    "ghost track",
    "secret track",
    "main title",
    "main titles",
    "main theme",
    "end title",
    "end titles",
    "end credits",
    "opening titles",
    "opening credits",
    "closing credits",
    "제목 없음",
];

/// Folded words that catalogs write in brackets instead of a title.
const BRACKETED: [&str; 6] = [
    "unknown",
    "silence",
    "data track",
    "no audio",
    "unknown title",
    "blank",
];

/// Folded words that count the tracks or the sides of a record before a number or a letter.
static TRACK_WORDS: WordSet = LazyLock::new(|| {
    "track tracks piste plage titel pista traccia faixa трек дорожка spor トラック 트랙 side seite face lado \
     lato"
        .split_whitespace()
        .collect()
});

/// Folded words that may stand beside a place without naming the piece.
static FILLERS: WordSet = LazyLock::new(|| {
    "the an of and to der die das le la el il album record tape mixtape cd disc lp ep no nr number num n"
        .split_whitespace()
        .collect()
});

/// Every word of the lists above but those in brackets.
static WORDS: WordSet = LazyLock::new(|| {
    let listed = [&PLACES, &TRACK_WORDS, &FILLERS];
    let phrases = PHRASES.iter().flat_map(|phrase| phrase.split(' '));
    listed
        .into_iter()
        .flat_map(|list| list.iter().copied())
        .chain(phrases)
        .collect()
});

/// Whether the folded name of a title, without its versions and guests, only names a place on the record.
pub(super) fn is_place(title: &str, name: &str) -> bool {
    if PHRASES.contains(&name) || is_bracketed(title) && BRACKETED.contains(&name) {
        return true;
    }
    // Most names are told apart by their first word.
    if !name
        .split(' ')
        .all(|word| WORDS.contains(word) || is_count(word) || parts::is_part(word))
    {
        return false;
    }
    let words: Vec<&str> = name.split(' ').collect();
    let named = words.iter().copied().filter(|word| !FILLERS.contains(word));
    let (counts, rest): (Vec<&str>, Vec<&str>) = named.partition(|word| is_count(word));
    match (rest.join(" ").as_str(), counts.len()) {
        ("", 1) => is_bare_number(name),
        ("", _) => false,
        (phrase, 0 | 1) if PHRASES.contains(&phrase) => true,
        (_, 0 | 1) if rest.iter().all(|word| PLACES.contains(word)) => true,
        (word, 1) => TRACK_WORDS.contains(word) || is_part_alone(&words),
        (_, 0) => false,
        _ => is_part_alone(&words),
    }
}

/// Whether a folded word counts: a number, or a letter behind a place ("Interlude B").
fn is_count(word: &str) -> bool {
    numerals::cardinal(word).is_some()
        || numerals::ordinal(word).is_some()
        || word.chars().count() == 1 && !FILLERS.contains(word)
}

/// Whether the name is a part number alone, or a range of them: "Part 1", "Act II", "Parts 1 & 2".
fn is_part_alone(words: &[&str]) -> bool {
    parts::unify(words).is_some_and(|unified| unified.len() == 2 && parts::is_part(&unified[0]))
}

/// Whether a name of one number counts a piece: "II" and "01" do. "7" and "X" are names of songs.
fn is_bare_number(name: &str) -> bool {
    let is_padded = name.len() == 2 && name.starts_with('0') && numerals::digits(name).is_some();
    is_padded || numerals::roman(name).is_some() && !matches!(name, "v" | "x")
}

fn is_bracketed(title: &str) -> bool {
    let title = title.trim();
    title.starts_with(['[', '(', '<']) && title.ends_with([']', ')', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_folded() {
        for word in WORDS.iter().chain(&BRACKETED) {
            assert_eq!(crate::domain::names::fold(word), *word);
        }
    }
}
