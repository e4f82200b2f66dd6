//! Unifies spellings of one name: part numbers, "n" for "and", a leading "The" before several words, letters
//! that a title hides with asterisks.

use std::borrow::Cow;

use super::parts;

/// A folded name in its standard spelling: "part ii" and "part two" as "pt 2", "rock n roll" as "rock and
/// roll", "the long way" as "long way".
pub(super) fn normalize(folded: &str) -> Cow<'_, str> {
    let words: Vec<&str> = folded.split(' ').collect();
    let unified = parts::unify(&words);
    if unified.is_none() && !folded.contains(" n ") && !folded.starts_with("the ") {
        return Cow::Borrowed(folded); // A fast path for most names.
    }
    let mut words = match &unified {
        Some(unified) => unified.iter().map(String::as_str).collect(),
        None => words,
    };
    for i in 1..words.len() {
        // Only between words: "T.N.T." has it between letters.
        let is_long = |word: Option<&&str>| word.is_some_and(|word| word.len() > 1);
        if words[i] == "n" && is_long(words.get(i - 1)) && is_long(words.get(i + 1)) {
            words[i] = "and";
        }
    }
    // "The Man" may be another song than "Man"; in longer names catalogs often drop the article.
    let article = usize::from(words.len() > 2 && words[0] == "the" && words[1] != "the");
    Cow::Owned(words[article..].join(" "))
}

/// Words that titles censor, the more frequent first. Letters followed by asterisks, in the same total
/// length, stand for the first match.
const HIDDEN: [&str; 22] = [
    "fuck",
    "shit",
    "bitch",
    "nigga",
    "niggas",
    "pussy",
    "fucked",
    "fucking",
    "fuckin",
    "bitches",
    "dick",
    "hoes",
    "ass",
    "fucks",
    "shits",
    "bullshit",
    "motherfucker",
    "motherfuckers",
    "fucker",
    "cunt",
    "nigger",
    "goddamn",
];

/// A name with its censored letters restored: "F**k It" is "Fuck It". Asterisks that hide none of the usual
/// words stay.
pub(super) fn uncensored(name: &str) -> Cow<'_, str> {
    if !name.contains('*') {
        return Cow::Borrowed(name);
    }
    let words = name.split(' ').map(|word| uncensored_word(word).unwrap_or(word));
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

fn uncensored_word(word: &str) -> Option<&'static str> {
    let word = word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '*');
    if !word.contains('*') || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    HIDDEN.into_iter().find(|hidden| {
        hidden.len() == word.len()
            && word
                .bytes()
                .zip(hidden.bytes())
                .all(|(shown, letter)| shown == b'*' || shown.eq_ignore_ascii_case(&letter))
    })
}
