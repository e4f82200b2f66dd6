//! Reads the version that a segment states: its kind, its year and the person whose version it is.

use super::lexicon::{self, FEATURING};
use super::makers;
use super::performances;
use super::segments::{Delimiter, Segment};
use super::takes;
use super::terms::{self, TermMeaning, TermPlace, UNSPACED};
use super::version_kinds::VersionKind;
use super::words::{Word, as_year, clauses, text_of, words, year};
use crate::domain::names;

/// The version that a segment states. `kind` is `None` if the segment only adds detail to another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VersionReading<'a> {
    pub(super) kind: Option<VersionKind>,
    pub(super) label: &'a str,
    pub(super) by: Option<String>,
    pub(super) year: Option<i16>,
}

impl<'a> VersionReading<'a> {
    /// A segment that adds detail to a version stated elsewhere.
    pub(super) fn of_detail(text: &'a str) -> Self {
        VersionReading {
            kind: None,
            label: text,
            by: None,
            year: year(&words(text)),
        }
    }
}

/// Reads a segment as a version; `None` if it states none.
pub(super) fn read<'a>(segment: &Segment<'a>, words: &[Word]) -> Option<VersionReading<'a>> {
    let text = segment.text;
    let mut kinds = Vec::new();
    let mut is_version = false;
    for clause in clauses(words) {
        let found = find_terms(clause);
        is_version |= states_version(clause, &found);
        kinds.extend(found.iter().map(|found| found.kind));
    }
    if !is_version {
        kinds.clear();
    }
    kinds.extend(performances::is_dated_live(words).then_some(VersionKind::Live));
    let is_versus =
        segment.delimiter == Delimiter::Dash && words.iter().skip(1).any(|word| word.folded == "vs");
    kinds.extend(is_versus.then_some(VersionKind::Remix));
    kinds.extend(is_from_film(text, words).then_some(VersionKind::Other));
    kinds.extend(unspaced_kinds(text));
    if is_version && kinds.is_empty() {
        let is_live = clauses(words).any(performances::is_live);
        kinds.push(if is_live {
            VersionKind::Live
        } else {
            VersionKind::Other
        });
    }
    if takes::is_numbered(words) {
        kinds.push(VersionKind::Other);
    }
    let kind = kinds.into_iter().min_by_key(|kind| kind.rank())?;
    Some(VersionReading {
        kind: Some(kind),
        label: text,
        by: by(text, words, kind),
        year: year(words),
    })
}

/// The kinds that a text states in scripts without spaces.
fn unspaced_kinds(text: &str) -> Vec<VersionKind> {
    let folded = names::fold(text);
    if folded.is_ascii() {
        return Vec::new();
    }
    let terms = UNSPACED.iter().filter(|(term, _)| folded.contains(term));
    let edition = folded.ends_with('版').then_some(VersionKind::Other);
    terms.map(|(_, kind)| *kind).chain(edition).collect()
}

/// A term found in a clause: the index of its first word, its number of words, its place and kind.
struct TermMatch {
    at: usize,
    len: usize,
    place: TermPlace,
    kind: VersionKind,
}

fn find_terms(clause: &[Word]) -> Vec<TermMatch> {
    let has_name = !makers::is_technical(clause);
    let has_style = clause.iter().any(|word| lexicon::is_style(&word.folded));
    let kind_of = |meaning| match meaning {
        TermMeaning::Kind(kind) => kind,
        TermMeaning::Mix if has_name || has_style => VersionKind::Remix,
        TermMeaning::Mix => VersionKind::Other,
        TermMeaning::Edit if has_name => VersionKind::Remix,
        TermMeaning::Edit => VersionKind::RadioEdit,
    };
    let mut found = Vec::new();
    for at in 0..clause.len() {
        for term in terms::terms_at(&clause[at].folded) {
            let len = term.words.len();
            let matches = clause
                .get(at..at + len)
                .is_some_and(|words| words.iter().map(|word| &word.folded).eq(&term.words));
            if matches {
                found.push(TermMatch {
                    at,
                    len,
                    place: term.place,
                    kind: kind_of(term.meaning),
                });
            }
        }
    }
    found
}

fn states_version(clause: &[Word], found: &[TermMatch]) -> bool {
    let end = lexicon::without_numbers(clause).len();
    let is_technical = makers::is_technical(clause);
    let is_sentence = is_sentence(clause);
    let has_two = found.len() > 1;
    let can_be_version = |found: &TermMatch| {
        let before = found
            .at
            .checked_sub(1)
            .map(|before| clause[before].folded.as_str());
        !is_sentence && (found.kind == VersionKind::Other || !before.is_some_and(lexicon::makes_sentence))
    };
    let is_last = |found: &TermMatch| {
        let end_of_term = found.at + found.len;
        is_technical
            || end_of_term >= end
            || is_performed(found.kind) && leads_to_place(&clause[end_of_term..])
    };
    let is_first =
        |found: &TermMatch| found.at == 0 && clause.get(found.len).is_some_and(|next| next.folded != "of");
    let is_in_place = |found: &TermMatch| match found.place {
        TermPlace::Anywhere => true,
        TermPlace::Last => is_last(found) && can_be_version(found),
        TermPlace::First => is_first(found),
        TermPlace::Alone => is_technical,
        TermPlace::Beside => is_technical && has_two && !is_sentence,
    };
    found.iter().any(is_in_place) || performances::is_live(clause) || makers::names_recording(clause)
}

/// Whether "live" is a verb: "The Way I Live" is not a live version, "Garage Gigs Live" is.
fn is_sentence(clause: &[Word]) -> bool {
    clause.last().is_some_and(|last| last.folded == "live")
        && clause.iter().any(|word| lexicon::makes_live_a_verb(&word.folded))
}

/// Whether "at Wembley" behind a version of this kind tells more of it.
fn is_performed(kind: VersionKind) -> bool {
    matches!(
        kind,
        VersionKind::Live | VersionKind::Demo | VersionKind::Session | VersionKind::Other
    )
}

/// Whether words begin with a preposition and a place: "at the Rainbow", "in Paris".
fn leads_to_place(words: &[Word]) -> bool {
    let [at, place, ..] = words else {
        return false;
    };
    lexicon::precedes_place(&at.folded) && performances::may_be_place(place)
}

/// Reads the size of a record as a version: `12"`, `7 inch`, `12''`.
pub(super) fn read_disc_size(text: &str) -> Option<VersionReading<'_>> {
    let sign = ["12", "10", "7"]
        .iter()
        .find_map(|size| text.strip_prefix(size))?;
    let sign = sign.trim_start_matches([' ', '-']).to_lowercase();
    let is_size = matches!(
        sign.as_str(),
        "\"" | "''"
            | "’’"
            | "”"
            | "“"
            | "″"
            | "in"
            | "in."
            | "inch"
            | "inches"
            | "zoll"
            | "pulgadas"
            | "pouces"
    );
    is_size.then(|| VersionReading {
        kind: Some(VersionKind::Other),
        ..VersionReading::of_detail(text)
    })
}

/// Whether a segment names the film or game the song is from: `From "Inception"`, `Theme from "Free Willy"`.
pub(super) fn is_from_film(text: &str, words: &[Word]) -> bool {
    let is_from = |word: &Word| matches!(word.folded.as_str(), "from" | "de" | "aus" | "da" | "dal" | "del");
    let is_quoted = text.contains(['"', '“', '”', '„', '«', '「', '『']);
    is_quoted
        && match words {
            [from, ..] if is_from(from) => true,
            [theme, rest @ ..] => {
                matches!(
                    theme.folded.as_str(),
                    "theme" | "music" | "song" | "tema" | "love"
                ) && rest.iter().take(3).any(is_from)
            }
            [] => false,
        }
}

/// The person whose version it is: "Tiësto's Big Room Remix", "Kasbo Remix", "remixed by Kasbo".
fn by(text: &str, words: &[Word], kind: VersionKind) -> Option<String> {
    let noun = words
        .iter()
        .position(|word| lexicon::is_owned_version(&word.folded))?;
    let (before, after) = (&words[..noun], &words[noun + 1..]);
    if let [by, rest @ ..] = after
        && by.folded == "by"
        && kind == VersionKind::Remix
    {
        let is_feature = |word: &Word| FEATURING.contains(&word.folded.as_str());
        return text_of(
            text,
            &rest[..rest.iter().position(is_feature).unwrap_or(rest.len())],
        );
    }
    if let Some((owner, end)) = before
        .iter()
        .find_map(|word| Some((word, end_of_owner(text, word)?)))
    {
        let is_person = !matches!(
            owner.folded.as_str(),
            "directors" | "collectors" | "childrens" | "lovers" | "singers"
        );
        return is_person.then(|| text[words[0].start..end].to_owned());
    }
    if kind != VersionKind::Remix {
        return None;
    }
    let len = before
        .iter()
        .rposition(|word| !lexicon::is_technical(&word.folded))
        .map_or(0, |last| last + 1);
    let is_detail = |word: &&Word| {
        let word = word.folded.as_str();
        as_year(word).is_some() || matches!(word, "7" | "12" | "official" | "original" | "extended" | "live")
    };
    let start = before.iter().take_while(is_detail).count();
    text_of(text, before.get(start..len)?)
}

/// The end of a possessive without its "'s", as a byte index.
fn end_of_owner(text: &str, word: &Word) -> Option<usize> {
    let owner = text[word.start..word.end]
        .strip_suffix(['s', 'S'])?
        .strip_suffix(['\'', '’', '´', '`'])?;
    (!owner.is_empty()).then_some(word.start + owner.len())
}
