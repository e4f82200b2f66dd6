//! What one segment of a title is: a version of the song, artists it features, a date, the mark of another piece, or part of its name.
//! Judging a segment by its neighbours stays out.

use unicode_normalization::char::is_combining_mark;

use super::VersionKind;
use super::lexicon::{self, FEATURING, Meaning, Place, UNSPACED};
use super::segments::{Mark, Segment};
use crate::names;

/// What a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Which version of the song.
    Version(Reading<'a>),
    /// More about the version before it.
    Belongs,
    /// Artists beside the main one, or who made it: no part of the name.
    Credit,
    /// A part number, an interlude and the like: part of the name wherever it stands.
    Piece,
    /// A date, or numbers that may be one.
    Date,
    /// Part of the name.
    Name,
}

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

/// A word of a segment and where it stands there.
#[derive(Debug, Clone)]
struct Word {
    folded: String,
    start: usize,
    end: usize,
    /// Whether a comma, a slash or the like stands before it.
    begins_clause: bool,
}

/// What a segment is by itself; `is_head`: whether it is the first.
pub(super) fn part_of<'a>(segment: &Segment<'a>, is_head: bool) -> Part<'a> {
    if is_head && segment.mark == Mark::Text {
        return Part::Name;
    }
    let words = words(segment.text);
    if is_credit(segment, &words) {
        return Part::Credit;
    }
    if !words.is_empty() && words.iter().all(|word| lexicon::is_of_a_date(&word.folded)) {
        return Part::Date;
    }
    if is_piece(&words) && !is_from_something(segment.text, &words) {
        return Part::Piece;
    }
    if let Some(reading) = read(segment, &words) {
        return Part::Version(reading);
    }
    let features = words
        .iter()
        .skip(1)
        .any(|word| FEATURING.contains(&word.folded.as_str()));
    if features && segment.mark == Mark::Bracket {
        Part::Credit
    } else {
        Part::Name
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut start, mut begins_clause) = (None, true);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_inside = c.is_alphanumeric()
            || is_combining_mark(c)
            || matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ');
        if is_inside {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            words.push(Word {
                folded: names::fold(&text[start..at]),
                start,
                end: at,
                begins_clause,
            });
            begins_clause = false;
        }
        match c {
            '@' => {
                words.push(Word {
                    folded: "at".to_owned(),
                    start: at,
                    end: at + 1,
                    begins_clause,
                });
                begins_clause = false;
            }
            '/' | ',' | ':' | ';' | '|' | '(' | ')' | '[' | ']' | '／' | '，' | '：' | '、' => {
                begins_clause = true
            }
            _ => {}
        }
    }
    words
}

fn clauses(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    words.chunk_by(|_, next| !next.begins_clause)
}

fn is_credit(segment: &Segment, words: &[Word]) -> bool {
    let text = segment.text;
    if segment.mark == Mark::Bracket && text.starts_with(['&', '+', '＆']) {
        return true;
    }
    let [first, second, ..] = words else {
        return false;
    };
    let is_lower = text.starts_with(char::is_lowercase);
    let named = || text[second.start..].starts_with(|c: char| !c.is_lowercase());
    match first.folded.as_str() {
        "feat" | "ft" | "featuring" | "prod" | "starring" => true,
        "produced" | "mixed" => second.folded == "by",
        "duet" => second.folded == "with",
        "f" | "w" => text[first.end..].starts_with('/'),
        "with" if second.folded == "the" => segment.mark != Mark::Text && (is_lower || named()),
        "with" => segment.mark != Mark::Text && !lexicon::makes_a_sentence(&second.folded),
        "con" | "com" | "avec" | "mit" | "med" | "met" => {
            segment.mark == Mark::Bracket && is_lower && named()
        }
        "при" => matches!(second.folded.as_str(), "уч" | "участии"),
        _ => false,
    }
}

/// Part numbers, and clauses that end in a word like "interlude".
fn is_piece(words: &[Word]) -> bool {
    clauses(words).any(|clause| match clause {
        [part, number, ..] if lexicon::is_part(&part.folded) => {
            lexicon::is_number(&number.folded)
                || lexicon::is_roman(&number.folded)
                || number.folded == "one"
                || number.folded == "two"
        }
        _ => without_numbers(clause)
            .last()
            .is_some_and(|last| lexicon::is_piece(&last.folded)),
    }) || matches!(words, [numeral] if lexicon::is_roman(&numeral.folded))
}

fn without_numbers(clause: &[Word]) -> &[Word] {
    let len = clause
        .iter()
        .rposition(|word| !lexicon::is_of_a_date(&word.folded))
        .map_or(0, |last| last + 1);
    &clause[..len]
}

/// Reads a segment as a version, where it tells one.
fn read<'a>(segment: &Segment<'a>, words: &[Word]) -> Option<Reading<'a>> {
    let text = segment.text;
    let mut kinds = Vec::new();
    let mut is_version = false;
    for clause in clauses(words) {
        let found = find(clause);
        is_version |= tells_version(clause, &found);
        kinds.extend(found.iter().map(|found| found.kind));
    }
    if segment.mark == Mark::Dash && words.iter().skip(1).any(|word| word.folded == "vs") {
        (is_version, kinds) = (true, vec![VersionKind::Remix]);
    }
    if is_from_something(text, words) {
        is_version = true;
        kinds.push(VersionKind::Other);
    }
    let folded = names::fold(text);
    let unspaced = UNSPACED
        .iter()
        .filter(|(term, _)| folded.contains(term))
        .map(|(_, kind)| *kind);
    kinds.extend(unspaced.inspect(|_| is_version = true));
    if folded.ends_with('版') {
        is_version = true;
        kinds.push(VersionKind::Other);
    }
    let kind = kinds
        .into_iter()
        .min_by_key(|kind| super::change(*kind))
        .filter(|_| is_version)?;
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
        for term in lexicon::terms_at(&clause[at].folded) {
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
    clause
        .iter()
        .all(|word| lexicon::is_technical(&word.folded))
}

fn tells_version(clause: &[Word], found: &[Found]) -> bool {
    let end = without_numbers(clause).len();
    let is_technical = is_technical(clause);
    let is_sentence = is_sentence(clause);
    let is_last = |found: &Found| {
        let before = found
            .at
            .checked_sub(1)
            .map(|before| clause[before].folded.as_str());
        let is_noun =
            found.kind == VersionKind::Other || !before.is_some_and(lexicon::makes_a_sentence);
        found.at + found.len >= end && is_noun
    };
    let is_first = |found: &Found| {
        found.at == 0
            && clause
                .get(found.len)
                .is_some_and(|next| next.folded != "of")
    };
    found.iter().any(|found| match found.place {
        Place::Anywhere => true,
        Place::Last => is_technical || (is_last(found) && !is_sentence),
        Place::First => is_first(found),
        Place::Alone => is_technical,
        Place::Beside => false,
    }) || (found.len() > 1 && is_technical)
        || is_live_somewhere(clause)
}

/// "The Way I Live" is no live version, "Garage Gigs Live" is.
fn is_sentence(clause: &[Word]) -> bool {
    clause.last().is_some_and(|last| last.folded == "live")
        && clause.iter().any(|word| {
            matches!(
                word.folded.as_str(),
                "i" | "you"
                    | "we"
                    | "they"
                    | "to"
                    | "how"
                    | "where"
                    | "let"
                    | "us"
                    | "people"
                    | "or"
                    | "can"
                    | "will"
            )
        })
}

/// "Live at the Rainbow", but neither "Live Forever" nor "Live on".
fn is_live_somewhere(clause: &[Word]) -> bool {
    let [live, next, rest @ ..] = clause else {
        return false;
    };
    if live.folded != "live" {
        return false;
    }
    match next.folded.as_str() {
        "at" | "from" | "in" | "on" | "im" | "aus" | "auf" | "bei" | "au" | "aux" | "en"
        | "desde" | "dal" | "dalla" | "fra" | "uit" => rest.first().is_some_and(|place| {
            !matches!(
                place.folded.as_str(),
                "me" | "my" | "you" | "your" | "us" | "it" | "love" | "without"
            )
        }),
        "with" | "and" => rest.last().is_some_and(|last| {
            matches!(
                last.folded.as_str(),
                "orchestra" | "symphony" | "philharmonic" | "band" | "choir" | "unplugged"
            )
        }),
        next => matches!(
            next,
            "bbc"
                | "mtv"
                | "tour"
                | "recording"
                | "session"
                | "sessions"
                | "performance"
                | "video"
                | "take"
                | "medley"
                | "version"
                | "ver"
        ),
    }
}

/// From a film or a game: `From "Inception"`, `Theme from "Free Willy"`.
fn is_from_something(text: &str, words: &[Word]) -> bool {
    let at = words.iter().take(4).position(|word| {
        matches!(
            word.folded.as_str(),
            "from" | "de" | "aus" | "da" | "dal" | "del"
        )
    });
    let is_quoted = text.contains(['"', '“', '”', '„', '«', '「', '『']);
    at.is_some_and(|at| {
        is_quoted
            && (at == 0
                || matches!(
                    words[0].folded.as_str(),
                    "theme" | "music" | "song" | "tema" | "love"
                ))
    })
}

/// The first year named.
fn year(words: &[Word]) -> Option<i16> {
    let years = words
        .iter()
        .filter(|word| word.folded.len() == 4)
        .filter_map(|word| word.folded.parse().ok());
    years.into_iter().find(|year| (1900..2100).contains(year))
}

/// Whose version it is: "Tiësto's Big Room Remix", "Kasbo Remix", "remixed by Kasbo".
fn by(text: &str, words: &[Word], kind: VersionKind) -> Option<String> {
    const NOUNS: [&str; 17] = [
        "remix",
        "rmx",
        "remixed",
        "mix",
        "edit",
        "rework",
        "reworked",
        "refix",
        "dub",
        "vip",
        "flip",
        "bootleg",
        "mashup",
        "remezcla",
        "ремикс",
        "version",
        "ver",
    ];
    let noun = words
        .iter()
        .position(|word| NOUNS.contains(&word.folded.as_str()))?;
    if kind == VersionKind::Remix && words.get(noun + 1).is_some_and(|word| word.folded == "by") {
        let rest = words.get(noun + 2..)?;
        let len = rest
            .iter()
            .position(|word| FEATURING.contains(&word.folded.as_str()))
            .unwrap_or(rest.len());
        return name(text, &rest[..len]);
    }
    let owner = words[..noun]
        .iter()
        .position(|word| is_possessive(&text[word.start..word.end]));
    if let Some(owner) = owner {
        let end = words[owner].end
            - text[..words[owner].end]
                .chars()
                .rev()
                .take(2)
                .map(char::len_utf8)
                .sum::<usize>();
        let is_somebody = !matches!(
            words[owner].folded.as_str(),
            "directors" | "collectors" | "childrens" | "lovers" | "singers"
        );
        return is_somebody.then(|| text[words[0].start..end].to_owned());
    }
    if kind != VersionKind::Remix {
        return None;
    }
    let before = &words[..noun];
    let len = before
        .iter()
        .rposition(|word| !lexicon::is_technical(&word.folded))
        .map_or(0, |last| last + 1);
    let start = before
        .iter()
        .take_while(|word| lexicon::is_number(&word.folded) || word.folded == "official")
        .count();
    name(text, before.get(start..len)?)
}

fn is_possessive(word: &str) -> bool {
    ["'s", "’s", "´s", "`s", "'S", "’S"]
        .iter()
        .any(|ending| word.len() > ending.len() && word.ends_with(ending))
}

fn name(text: &str, words: &[Word]) -> Option<String> {
    let (first, last) = (words.first()?, words.last()?);
    Some(text[first.start..last.end].to_owned())
}

/// Splits off what a text ends in without a bracket or a dash: featured artists, "Remix", "Radio Edit".
pub(super) fn split_tail(text: &str) -> (&str, Option<Reading<'_>>) {
    let words = words(text);
    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    let with_tail = before_featuring(&folded);
    let len = before_version(&folded[..with_tail]);
    let Some(word) = words.get(len) else {
        return (text, None);
    };
    let head = text[..word.start].trim_end();
    let Some(tail) = words[len..with_tail]
        .last()
        .map(|last| &text[word.start..last.end])
    else {
        return (head, None);
    };
    let segment = Segment {
        mark: Mark::Text,
        text: tail,
    };
    (head, read(&segment, &self::words(tail)))
}

/// A folded title without such a tail.
pub(super) fn without_tail(folded: &str) -> String {
    let words: Vec<&str> = folded.split(' ').collect();
    let len = before_version(&words[..before_featuring(&words)]);
    words[..len].join(" ")
}

/// How many words stand before a "feat." that has something on both of its sides.
fn before_featuring(words: &[&str]) -> usize {
    let is_feature = |at: &usize| {
        let is_foot = words[*at] == "ft" && lexicon::is_number(words[*at - 1]);
        FEATURING.contains(&words[*at]) && !is_foot
    };
    (1..words.len().saturating_sub(1))
        .find(is_feature)
        .unwrap_or(words.len())
}

/// How many words stand before the names of versions at the end.
fn before_version(words: &[&str]) -> usize {
    let mut len = words.len();
    while let Some(shorter) = shorten(&words[..len]) {
        len = shorter;
    }
    len
}

fn shorten(words: &[&str]) -> Option<usize> {
    let is_year = |word: &&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let end = if words.last().is_some_and(is_year)
        && words.len() > 1
        && matches!(words[words.len() - 2], "remaster" | "remastered")
    {
        words.len() - 1
    } else {
        words.len()
    };
    let (last, before) = words[..end].split_last()?;
    let len = match *last {
        "remix" | "rmx" | "remaster" | "remastered" => before.len(),
        "version" | "ver" | "mix" | "edit" => {
            let describes = |word: &&str| {
                matches!(
                    *word,
                    "radio"
                        | "acoustic"
                        | "live"
                        | "extended"
                        | "club"
                        | "karaoke"
                        | "original"
                        | "album"
                        | "single"
                        | "demo"
                        | "instrumental"
                )
            };
            before
                .last()
                .is_some_and(describes)
                .then(|| before.len() - 1)?
        }
        _ => return None,
    };
    let previous = words[..len].last()?;
    (!lexicon::makes_a_sentence(previous)).then_some(len)
}
