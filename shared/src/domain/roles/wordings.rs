//! Reads the roles from a wording, with one grammar for Discogs' comma lists with brackets, Genius labels and
//! the tasks of MusicBrainz relations.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;

use crate::domain::credits::Role;
use crate::domain::names;

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

/// The kind of producer that the words beside "producer" state: of several kinds the weakest claim.
#[must_use]
pub(super) fn role_of_producer<'a>(qualifiers: impl Iterator<Item = &'a str>) -> Role {
    qualifiers
        .map(|text| {
            let words = words(text);
            let of_qualifiers = words.iter().filter_map(|word| role_from_qualifier(word)).max();
            let is_about_vocals = |word: &String| {
                is_vocal(word)
                    || is_filler(word)
                    || is_production_word(word)
                    || role_from_qualifier(word).is_some()
            };
            let is_vocal = words.iter().any(|word| is_vocal(word)) && words.iter().all(is_about_vocals);
            let vocal = is_vocal.then_some(Role::VocalProducer);
            of_qualifiers.max(vocal).unwrap_or(Role::Producer)
        })
        .fold(Role::Producer, Role::max)
}

/// The items of a list that are not blank.
fn items(wording: &str) -> impl Iterator<Item = &str> {
    let mut list = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in wording.char_indices() {
        let rest = &wording[at..];
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
            ' ' => [" & ", " + ", " and "]
                .iter()
                .find(|joint| rest.starts_with(**joint))
                .map_or(0, |joint| joint.len()),
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

/// The text before the first bracket.
fn head(text: &str) -> &str {
    text.find(['[', '('])
        .map_or(text, |bracket| &text[..bracket])
        .trim_end()
}

fn role_of(text: &str) -> Role {
    let head = head(text);
    match role_of_words(&words(head)) {
        Role::Producer => role_of_producer([&text[head.len()..]].into_iter()),
        role if role < Role::Remixer => role.max(role_of_producer([&text[head.len()..]].into_iter())),
        role => role,
    }
}

/// The role that the words outside brackets name.
fn role_of_words(words: &[String]) -> Role {
    if words.iter().any(|word| is_production_word(word)) {
        let is_about_music = words.iter().all(|word| {
            is_production_word(word)
                || is_filler(word)
                || is_vocal(word)
                || role_from_qualifier(word).is_some_and(|role| role != Role::Other)
        });
        let text = words.join(" ");
        return if is_about_music {
            role_of_producer([text.as_str()].into_iter())
        } else {
            Role::Other
        };
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !is_filler(word) && (role_from_qualifier(word).is_none() || words.len() == 1))
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
    ROLES
        .iter()
        .find(|(_, names)| names.split(", ").any(|name| name == last))
        .map_or(Role::Other, |(role, _)| *role)
}

/// The last words of role names other than production, folded.
const ROLES: &[(Role, &str)] = &[
    (Role::Remixer, "remix, remixed, remixer, remixing, remixes"),
    (Role::Mixer, "mix, mixed, mixer, mixing"),
    (
        Role::Engineer,
        "engineer, engineers, engineered, engineering, recorded, recording, mastered, mastering, remastered, \
         remastering, cut, edited, editor",
    ),
    (
        Role::Arranger,
        "arranged, arranger, arrangement, arrangements, orchestrated, orchestrator, orchestration",
    ),
    (Role::Programmer, "programmed, programmer, programming"),
    (
        Role::Writer,
        "written, writer, writers, songwriter, songwriters, composed, composer, composers, music, lyrics, \
         lyricist, words, text, libretto",
    ),
    (
        Role::Performer,
        "performer, performed, vocals, vocal, voice, vocalist, singer, choir, chorus, rap, featuring, \
         conductor, orchestra, musician, instruments, guitar, guitars, guitarist, bass, bassist, drums, \
         drum, drummer, percussion, keyboards, keyboard, piano, organ, synthesizer, synth, violin, viola, \
         cello, contrabass, saxophone, trumpet, trombone, horn, tuba, flute, clarinet, oboe, harp, \
         harmonica, banjo, mandolin, strings, turntables, scratches, congas, handclaps",
    ),
];

fn is_production_word(word: &str) -> bool {
    matches!(
        word,
        "producer"
            | "producers"
            | "produced"
            | "production"
            | "productions"
            | "coproducer"
            | "coproducers"
            | "coproduced"
            | "coproduction"
    )
}

/// Whether a word may stand beside a role and does not change it.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "by" | "the"
            | "a"
            | "and"
            | "of"
            | "for"
            | "music"
            | "musical"
            | "record"
            | "song"
            | "track"
            | "tracks"
            | "album"
            | "main"
            | "lead"
            | "original"
            | "uncredited"
            | "backing"
            | "background"
    )
}

fn is_vocal(word: &str) -> bool {
    matches!(word, "vocal" | "vocals" | "voice" | "voices")
}

/// The role that a word makes of "producer": a kind of producer, or [`Role::Other`] if it is not about music.
fn role_from_qualifier(word: &str) -> Option<Role> {
    Some(match word {
        "co" | "coproducer" | "coproducers" | "coproduced" | "coproduction" => Role::CoProducer,
        "add" | "addl" => Role::AdditionalProducer,
        // "Addiotional", "Addtional"
        _ if word.starts_with("add") && word.ends_with("nal") => Role::AdditionalProducer,
        "assistant" | "assistants" | "assistance" | "assisted" | "asst" => Role::AssistantProducer,
        "associate" | "assoc" => Role::AssociateProducer,
        "executive" | "exec" => Role::ExecutiveProducer,
        "artwork" | "compilation" | "compiled" | "coordination" | "coordinator" | "coordinated"
        | "design" | "dvd" | "event" | "film" | "management" | "manager" | "movie" | "packaging"
        | "photo" | "photography" | "post" | "postproduction" | "reissue" | "reissued" | "television"
        | "tour" | "tv" | "video" | "videos" | "visual" | "visuals" => Role::Other,
        _ => return None,
    })
}

/// The folded words of a text; a hyphen separates words.
fn words(text: &str) -> Vec<String> {
    names::fold(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
