//! Detects a list of performers by its shape, since a title is read without the track's artist.

use std::sync::LazyLock;

use super::lexicon::{self, WordSet, set};
use super::parts;
use super::segments::{Delimiter, Segment};
use super::words::words;

/// Whether a segment only lists performers: "(Ann Example & Bob)", "- Ann Example x Bob Example".
///
/// Each name is one to four capitalised words, none of which makes a sentence or denotes a version or a
/// piece. A bracket needs a name of two words, since "(Salt & Pepper)" may be a subtitle. If commas or, after
/// a dash, slashes alone join the names, all need two words: "(London, England)" is a place.
pub(super) fn is_list(segment: &Segment) -> bool {
    let text = segment
        .text
        .replace(" x ", " & ")
        .replace(" X ", " & ")
        .replace('×', "&");
    if !text.contains(['&', '＆', ',', '/', '+']) {
        return false;
    }
    let names: Vec<&str> = text.split(['&', '＆', ',', '/', '+']).map(str::trim).collect();
    let is_long = |name: &&str| name.contains(' ');
    let has_strong_joint = match segment.delimiter {
        Delimiter::Dash => text.contains(['&', '＆']),
        _ => text.contains(['&', '＆', '/', '+']),
    };
    let begins_like_first = |name: &&str| name.split(' ').next() == names[0].split(' ').next();
    let is_long_enough = match segment.delimiter {
        _ if !text.contains(['&', '＆', '+']) && names.iter().skip(1).any(begins_like_first) => false,
        _ if !has_strong_joint => names.iter().all(is_long),
        Delimiter::Dash => true,
        Delimiter::None | Delimiter::Bracket => names.iter().any(is_long),
    };
    is_long_enough && names.into_iter().all(is_performer)
}

/// Whether a text names a work of several pieces, which a list behind it may name.
pub(super) fn names_any_work(text: &str) -> bool {
    words(text)
        .iter()
        .any(|word| names_work(&word.folded) && !lexicon::is_piece(&word.folded))
        || words(text).iter().any(|word| word.folded.starts_with("medley"))
}

fn is_performer(name: &str) -> bool {
    let words = words(name);
    let starts_with_capital = |word: &str| {
        let first = word.trim_start_matches(|c: char| c.is_ascii_punctuation() && c != '$');
        first.starts_with(|c: char| !c.is_lowercase())
            || matches!(
                word,
                "de" | "da" | "la" | "van" | "von" | "der" | "the" | "y" | "el" | "le"
            )
    };
    (1..=4).contains(&words.len())
        && name.split_whitespace().all(starts_with_capital)
        && words.iter().enumerate().all(|(i, word)| {
            let word = word.folded.as_str();
            let is_article = i == 0 && words.len() > 1 && matches!(word, "the" | "a");
            (is_article || !lexicon::makes_sentence(word)) && !is_ordinary(word) && !names_work(word)
        })
        && !words.iter().all(|word| lexicon::is_technical(&word.folded))
}

/// Whether the word is rather part of a phrase than of a person's name: "Easy Come & Easy Go".
fn is_ordinary(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "come, comes, go, goes, run, get, give, keep, say, tell, stay, stays, stop, die, live, easy, \
             another, day, days, night, nights, time, away, back, down, home, again, never, ever, always, \
             forever, more, is, are, im, youre, wont, if, then, into, on, in, with",
        )
    });
    WORDS.contains(word)
}

/// Whether the word denotes a work of several pieces or one of them. Such a title may list its pieces.
pub(super) fn names_work(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "medley, suite, suites, symphony, symphonie, sinfonia, sinfonie, sonata, sonate, concerto, \
             konzert, quartet, quartett, quintet, trio, op, opus, mass, messe, missa, requiem, opera, \
             oratorio, cantata, kantate, medleys, potpourri, megamix, movements, no, nr, bwv, kv, theme, \
             themes, act, scene",
        )
    });
    WORDS.contains(word) || lexicon::is_tempo(word) || lexicon::is_piece(word) || parts::is_part(word)
}
