//! Reads the roles from a wording, with one grammar for Discogs' comma lists with brackets, Genius labels and
//! the tasks of MusicBrainz relations.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;

use crate::domain::credits::Role;
use crate::domain::names;
use crate::domain::roles::supervision;
use crate::domain::roles::words::{self, WordMeaning};

/// A role and its wording in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleWording<'a> {
    /// The source's words for this one role, without the rest of the list.
    pub text: &'a str,
    /// The role; [`Role::Other`] if the words are unknown.
    pub role: Role,
}

/// The roles that a wording lists, in order: Discogs' role (`Written-By, Producer [Additional]`) or a Genius
/// label (`Mixed & Mastered By`). A blank wording has no roles.
///
/// Commas and the like separate roles only outside brackets. A bracket qualifies the words before it; an
/// unclosed bracket ends with the wording. The grammar follows the roles in the dumps of
/// <https://data.discogs.com>.
#[must_use]
pub fn roles_from_wording(wording: &str) -> Vec<RoleWording<'_>> {
    CACHE.with_borrow_mut(|cache| {
        if let Some(roles) = cache.get(wording) {
            return items(wording)
                .zip(roles)
                .map(|(text, role)| RoleWording { text, role: *role })
                .collect();
        }
        let read: Vec<RoleWording<'_>> = items(wording)
            .map(|text| RoleWording {
                text,
                role: role_of(text),
            })
            .collect();
        if wording.len() > LONGEST_CACHED {
            return read;
        }
        if cache.len() == MAX_CACHED {
            cache.clear();
        }
        let roles = read.iter().map(|wording| wording.role).collect();
        cache.insert(wording.to_owned(), roles);
        read
    })
}

thread_local! {
    /// The roles of recent wordings: a dump repeats the same few thousand of them millions of times.
    static CACHE: RefCell<HashMap<String, Vec<Role>>> = RefCell::default();
}

const MAX_CACHED: usize = 8_192;
/// Bytes of a wording. Longer ones are rare, and would take much memory.
const LONGEST_CACHED: usize = 1_024;

/// The kind of producer that the words beside "producer" state: of several kinds the weakest claim.
/// Additional vocal production is additional production.
#[must_use]
pub(super) fn role_of_producer<'a>(qualifiers: impl Iterator<Item = &'a str>) -> Role {
    let (mut role, mut is_vocal) = (Role::Producer, false);
    for text in qualifiers {
        let meanings = meanings(text);
        let has = |meaning| meanings.contains(&Some(meaning));
        if is_other_job(text) || items(text).any(is_management) {
            return Role::Other;
        }
        role = meanings
            .iter()
            .filter_map(|meaning| kind(*meaning))
            .fold(role, Role::max);
        let is_about_vocals = |meaning: &Option<WordMeaning>| {
            matches!(
                meaning,
                Some(
                    WordMeaning::Vocal | WordMeaning::Filler | WordMeaning::Production | WordMeaning::Kind(_)
                )
            )
        };
        is_vocal |= has(WordMeaning::Vocal) && meanings.iter().all(is_about_vocals);
    }
    if is_vocal && role != Role::AdditionalProducer {
        role.max(Role::VocalProducer)
    } else {
        role
    }
}

/// The words of a wording about production that no rule knows. It is empty for other wordings.
#[must_use]
pub fn unknown_words(wording: &str) -> Vec<String> {
    let words = words(wording);
    let is_production = |word: &String| words::meaning(word) == Some(WordMeaning::Production);
    if !words.iter().any(is_production) {
        return Vec::new();
    }
    let unknown = words.into_iter().filter(|word| known_meaning(word).is_none());
    unknown.collect()
}

/// How certain the reading of one wording is, from 0 to 1: lower if no rule knows a word beside "producer".
/// It is a prior, as the figures of [`crate::domain::confidence`] are.
#[must_use]
pub fn certainty(wording: &str) -> f32 {
    // Words without a bracket make a producer only if all of them are known.
    if head(wording).len() == wording.len() || unknown_words(wording).is_empty() {
        1.0
    } else {
        0.8
    }
}

/// Whether a text lists only other work in the studio than producing.
fn is_other_job(text: &str) -> bool {
    let is_job = |item| {
        let meanings = meanings(item);
        meanings.contains(&Some(WordMeaning::StudioJob)) && !meanings.contains(&Some(WordMeaning::Production))
    };
    items(text).next().is_some() && items(text).all(is_job)
}

/// Whether these words name the direction of a production, which is management.
fn is_management(item: &str) -> bool {
    let meanings = meanings(item);
    [WordMeaning::Production, WordMeaning::Direction]
        .into_iter()
        .all(|meaning| meanings.contains(&Some(meaning)))
}

/// The items of a list that are not blank.
fn items(wording: &str) -> impl Iterator<Item = &str> {
    let mut list = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in wording.char_indices() {
        let len = match c {
            '[' | '(' => {
                depth += 1;
                0
            }
            ']' | ')' => {
                depth = depth.saturating_sub(1);
                0
            }
            _ if depth > 0 => 0,
            ',' | ';' | '/' => 1,
            ' ' => joint_bytes(&wording[at..]),
            _ => 0,
        };
        if len > 0 && at >= start {
            list.push(&wording[start..at]);
            start = at + len;
        }
    }
    list.push(&wording[start..]);
    list.into_iter().map(str::trim).filter(|item| !item.is_empty())
}

/// The length of the word for "and" that the text begins with, with the spaces around it; 0 if there is none.
fn joint_bytes(text: &str) -> usize {
    let mut words = text[1..].splitn(2, ' ');
    match (words.next(), words.next()) {
        (Some(word), Some(_)) if JOINTS.contains(&word.to_lowercase().as_str()) => word.len() + 2,
        _ => 0,
    }
}

/// The words that join the roles of a list.
const JOINTS: &[&str] = &["&", "+", "and", "und", "et", "y", "e", "och", "og", "и"];

/// The text before the first bracket.
fn head(text: &str) -> &str {
    text.find(['[', '('])
        .map_or(text, |bracket| &text[..bracket])
        .trim_end()
}

fn role_of(text: &str) -> Role {
    let head = head(text);
    let bracket = text[head.len()..].replace(['[', ']', '(', ')'], " ");
    if let Some(role) = supervision::role_of(&words(head), &words(&bracket)) {
        return role;
    }
    let role = role_of_words(head);
    if role > Role::ExecutiveProducer {
        return role;
    }
    role.max(role_of_producer([bracket.as_str()].into_iter()))
}

/// The role that the words outside brackets name.
fn role_of_words(head: &str) -> Role {
    let meanings = meanings(head);
    if meanings.contains(&Some(WordMeaning::Production)) {
        let is_about_music = meanings.iter().all(|meaning| {
            let is_job = matches!(meaning, Some(WordMeaning::StudioJob | WordMeaning::Direction));
            meaning.is_some() && !is_job
        });
        return if is_about_music {
            role_of_producer([head].into_iter())
        } else {
            Role::Other
        };
    }
    let words = words(head);
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| {
            let meaning = words::meaning(word);
            meaning != Some(WordMeaning::Filler) && (kind(meaning).is_none() || words.len() == 1)
        })
        .collect();
    let last = words.last().copied().unwrap_or_default();
    if matches!(
        words[..],
        [
            ..,
            "vocal" | "string" | "strings" | "horn" | "brass",
            "arranger" | "arrangement" | "arranged"
        ]
    ) {
        return Role::Arranger;
    }
    words::named_role(last).unwrap_or(Role::Other)
}

/// The kind of producer that a word states.
fn kind(meaning: Option<WordMeaning>) -> Option<Role> {
    match meaning {
        Some(WordMeaning::Kind(role)) => Some(role),
        _ => None,
    }
}

/// The meaning of a word beside production. Instruments have sound.
fn known_meaning(word: &str) -> Option<WordMeaning> {
    let is_instrument = || words::named_role(word) == Some(Role::Performer);
    words::meaning(word).or_else(|| is_instrument().then_some(WordMeaning::Sound))
}

/// The meanings of the words of a text, as far as they are known.
fn meanings(text: &str) -> Vec<Option<WordMeaning>> {
    words(text).iter().map(|word| known_meaning(word)).collect()
}

/// The folded words of a text. A hyphen separates words, compounds are divided, and phrases of
/// several words become one.
fn words(text: &str) -> Vec<String> {
    let mut text = format!(" {} ", names::fold(text));
    for (phrase, word) in PHRASES {
        text = text.replace(phrase, word);
    }
    text.split(' ')
        .filter(|word| !word.is_empty())
        .flat_map(words::parts)
        .map(str::to_owned)
        .collect()
}

/// Folded phrases that mean something else than their words, and the words for them.
const PHRASES: &[(&str, &str)] = &[
    (" a and r ", " anr "),
    (" banda sonora ", " soundtrack "),
    (" bande originale ", " soundtrack "),
    (" box set ", " boxset "),
];
