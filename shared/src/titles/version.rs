//! What a segment says of a version: its kind, its year and whose it is. Segments that tell none are none of its business.

use super::VersionKind;
use super::lexicon::{self, FEATURING};
use super::segments::{Mark, Segment};
use super::terms::{self, Meaning, Place, UNSPACED};
use super::words::{Word, as_year, clauses, text_of, words, year};
use crate::names;

/// What a segment says of a version; no kind where it only tells more of another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading<'a> {
    pub(super) kind: Option<VersionKind>,
    pub(super) label: &'a str,
    pub(super) by: Option<String>,
    pub(super) year: Option<i16>,
}

impl<'a> Reading<'a> {
    /// A text that belongs to a version told elsewhere.
    pub(super) fn of_text(text: &'a str) -> Self {
        Reading {
            kind: None,
            label: text,
            by: None,
            year: year(&words(text)),
        }
    }
}

/// Reads a segment as a version, where it tells one.
pub(super) fn read<'a>(segment: &Segment<'a>, words: &[Word]) -> Option<Reading<'a>> {
    let text = segment.text;
    let mut kinds = Vec::new();
    let mut is_version = false;
    for clause in clauses(words) {
        let found = find(clause);
        is_version |= tells_version(clause, &found);
        kinds.extend(found.iter().map(|found| found.kind));
    }
    if !is_version {
        kinds.clear();
    }
    let is_versus = segment.mark == Mark::Dash && words.iter().skip(1).any(|word| word.folded == "vs");
    kinds.extend(is_versus.then_some(VersionKind::Remix));
    kinds.extend(is_from_something(text, words).then_some(VersionKind::Other));
    let folded = names::fold(text);
    kinds.extend(
        UNSPACED
            .iter()
            .filter(|(term, _)| !folded.is_ascii() && folded.contains(term))
            .map(|(_, kind)| *kind),
    );
    kinds.extend(folded.ends_with('版').then_some(VersionKind::Other));
    if is_version && kinds.is_empty() {
        kinds.push(VersionKind::Live); // "live" and a place, found without a term
    }
    let kind = kinds.into_iter().min_by_key(|kind| super::change(*kind))?;
    Some(Reading {
        kind: Some(kind),
        label: text,
        by: by(text, words, kind),
        year: year(words),
    })
}

/// A term in a clause: where it begins, how many words it has, what it says there.
struct Found {
    at: usize,
    len: usize,
    place: Place,
    kind: VersionKind,
}

fn find(clause: &[Word]) -> Vec<Found> {
    let has_name = !is_technical(clause);
    let has_style = clause.iter().any(|word| lexicon::is_style(&word.folded));
    let kind_of = |meaning| match meaning {
        Meaning::Kind(kind) => kind,
        Meaning::Mix if has_name || has_style => VersionKind::Remix,
        Meaning::Mix => VersionKind::Other,
        Meaning::Edit if has_name => VersionKind::Remix,
        Meaning::Edit => VersionKind::RadioEdit,
    };
    let mut found = Vec::new();
    for at in 0..clause.len() {
        for term in terms::terms_at(&clause[at].folded) {
            let len = term.words.len();
            let stands = clause
                .get(at..at + len)
                .is_some_and(|words| words.iter().map(|word| &word.folded).eq(&term.words));
            if stands {
                found.push(Found {
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

/// Whether a clause has nothing but words about versions.
fn is_technical(clause: &[Word]) -> bool {
    clause.iter().all(|word| lexicon::is_technical(&word.folded))
}

fn tells_version(clause: &[Word], found: &[Found]) -> bool {
    let end = lexicon::without_numbers(clause).len();
    let is_technical = is_technical(clause);
    let is_sentence = is_sentence(clause);
    let has_two = found.len() > 1;
    let is_noun = |found: &Found| {
        let before = found
            .at
            .checked_sub(1)
            .map(|before| clause[before].folded.as_str());
        !is_sentence && (found.kind == VersionKind::Other || !before.is_some_and(lexicon::makes_a_sentence))
    };
    let is_last = |found: &Found| is_technical || found.at + found.len >= end;
    let is_first =
        |found: &Found| found.at == 0 && clause.get(found.len).is_some_and(|next| next.folded != "of");
    let stands = |found: &Found| match found.place {
        Place::Anywhere => true,
        Place::Last => is_last(found) && is_noun(found),
        Place::First => is_first(found),
        Place::Alone => is_technical,
        Place::Beside => is_technical && has_two && !is_sentence,
    };
    found.iter().any(stands) || is_live_somewhere(clause)
}

/// "The Way I Live" is no live version, "Garage Gigs Live" is.
fn is_sentence(clause: &[Word]) -> bool {
    clause.last().is_some_and(|last| last.folded == "live")
        && clause.iter().any(|word| lexicon::lives(&word.folded))
}

/// "Live at the Rainbow" and "Live 1986, Denver", but neither "Live Forever" nor "Live on".
fn is_live_somewhere(clause: &[Word]) -> bool {
    let [live, next, rest @ ..] = clause else {
        return false;
    };
    let next = next.folded.as_str();
    let is_somewhere = || {
        rest.first().is_some_and(|place| {
            !lexicon::makes_a_sentence(&place.folded) || matches!(place.folded.as_str(), "the" | "a" | "an")
        })
    };
    let is_with_many = || rest.last().is_some_and(|last| lexicon::is_ensemble(&last.folded));
    live.folded == "live"
        && (lexicon::is_before_a_place(next) && is_somewhere()
            || matches!(next, "with" | "and") && is_with_many()
            || lexicon::is_performance(next)
            || as_year(next).is_some())
}

/// From a film or a game: `From "Inception"`, `Theme from "Free Willy"`.
pub(super) fn is_from_something(text: &str, words: &[Word]) -> bool {
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

/// Whose version it is: "Tiësto's Big Room Remix", "Kasbo Remix", "remixed by Kasbo".
fn by(text: &str, words: &[Word], kind: VersionKind) -> Option<String> {
    let noun = words.iter().position(|word| lexicon::is_owned(&word.folded))?;
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
        let is_somebody = !matches!(
            owner.folded.as_str(),
            "directors" | "collectors" | "childrens" | "lovers" | "singers"
        );
        return is_somebody.then(|| text[words[0].start..end].to_owned());
    }
    if kind != VersionKind::Remix {
        return None;
    }
    let len = before
        .iter()
        .rposition(|word| !lexicon::is_technical(&word.folded))
        .map_or(0, |last| last + 1);
    let says_more = |word: &&Word| {
        let word = word.folded.as_str();
        as_year(word).is_some() || matches!(word, "7" | "12" | "official" | "original" | "extended" | "live")
    };
    let start = before.iter().take_while(says_more).count();
    text_of(text, before.get(start..len)?)
}

/// Where a possessive ends without its "'s".
fn end_of_owner(text: &str, word: &Word) -> Option<usize> {
    let owner = text[word.start..word.end]
        .strip_suffix(['s', 'S'])?
        .strip_suffix(['\'', '’', '´', '`'])?;
    (!owner.is_empty()).then_some(word.start + owner.len())
}
