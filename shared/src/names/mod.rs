//! Names as they are searched and compared: case, accents, punctuation and spacing do not tell two names apart, letters of every script do.
//! Who somebody is stays out: two people may share a name, and one may have many.

mod characters;
mod identity;
#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use identity::{discogs_number, display, source_identity, split_joint, unlinked_key};

use characters::{SPECIAL, is_accent, is_invisible, is_plain, is_separator, is_silent};

/// The form of a name that is searched: compatibility forms unified, lower case, Latin, Greek and Cyrillic letters without their marks
/// (except й, which is a letter of its own), `&` as `and`, apostrophes left out, one space for everything else that is no letter or digit.
///
/// Marks of other scripts stay, because there they tell words apart (ガ is not カ). A name without any letter or digit keeps its symbols,
/// so only a blank name is empty. Folding twice is folding once. The database's `fold_name` folds queries the same way.
#[must_use]
pub fn fold(name: &str) -> String {
    let folded = if name.is_ascii() {
        fold_ascii(name)
    } else {
        fold_letters(name)
    };
    if folded.is_empty() {
        fold_symbols(name)
    } else {
        folded
    }
}

/// The folded name without its spaces: "Metro Boomin" and "MetroBoomin" have one key.
#[must_use]
pub fn key(name: &str) -> String {
    fold(name).replace(' ', "")
}

/// Whether two names are spelled alike: equal keys, a leading "the" being optional where it is not all that distinguishes them
/// ("The Neptunes" and "Neptunes", but not "The The" and "The"). A blank name is like no other.
#[must_use]
pub fn is_same_name(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    let compact = |name: &str| name.replace(' ', "");
    !a.is_empty()
        && !b.is_empty()
        && (compact(&a) == compact(&b) || compact(without_article(&a)) == compact(without_article(&b)))
}

/// Whether a text shows as anything: not one of zero-width characters, blanks and marks of direction alone, which is nobody's name.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    !text.chars().all(is_invisible)
}

fn without_article(folded: &str) -> &str {
    folded
        .strip_prefix("the ")
        .filter(|rest| *rest != "the")
        .unwrap_or(folded)
}

/// A folded name without its spaces, except between digits: "lock jaw" is "lockjaw", but "1 12" is not "11 2".
pub(crate) fn compact(folded: &str) -> String {
    let mut compact = String::with_capacity(folded.len());
    let is_number = |c: char| {
        if c.is_ascii() {
            c.is_ascii_digit()
        } else {
            c.is_numeric()
        }
    };
    for word in folded.split(' ') {
        if word.starts_with(is_number) && compact.ends_with(is_number) {
            compact.push(' ');
        }
        compact.push_str(word);
    }
    compact
}

/// What the character before decides about a mark that follows.
enum Before {
    Nothing,
    /// A letter whose marks are accents.
    Plain(char),
    /// A letter whose marks carry meaning.
    Marked,
}

/// What `fold_letters` makes of the names that most are, in one go.
fn fold_ascii(name: &str) -> String {
    let mut folded: Vec<u8> = Vec::with_capacity(name.len() + 1);
    let mut is_between = true;
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                if is_between && !folded.is_empty() {
                    folded.push(b' ');
                }
                folded.push(byte.to_ascii_lowercase());
                is_between = false;
            }
            b'\'' | b'`' => {}
            b'&' => {
                if !folded.is_empty() {
                    folded.push(b' ');
                }
                folded.extend_from_slice(b"and");
                is_between = true;
            }
            _ => is_between = true,
        }
    }
    String::from_utf8(folded).unwrap_or_default()
}

fn fold_letters(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut before = Before::Nothing;
    // The acute accent as an apostrophe: decomposed, it would be a space with a mark.
    let decomposed: String = name.chars().filter(|&c| c != '\u{b4}').nfkd().collect();
    let ordered = if decomposed.contains(is_silent) {
        // What a silent character kept apart comes into order.
        decomposed.chars().filter(|&c| !is_silent(c)).nfd().collect()
    } else {
        decomposed
    };
    for c in ordered.chars().flat_map(char::to_lowercase) {
        if is_accent(c) || is_combining_mark(c) {
            match before {
                Before::Plain('и') if c == '\u{306}' => {
                    folded.push(c);
                    before = Before::Plain('й');
                }
                Before::Marked => folded.push(c),
                // A letter of its own, as some scripts write it, but never an accent without its letter.
                Before::Nothing if !is_accent(c) => {
                    start_word(&mut folded);
                    folded.push(c);
                    before = Before::Marked;
                }
                Before::Plain(_) | Before::Nothing => {}
            }
        } else if is_separator(c) {
            if c == '&' {
                start_word(&mut folded);
                folded.push_str("and");
            }
            before = Before::Nothing;
        } else {
            if matches!(before, Before::Nothing) {
                start_word(&mut folded);
            }
            push_plain(&mut folded, c);
            before = if is_plain(c) {
                Before::Plain(c)
            } else {
                Before::Marked
            };
        }
    }
    if folded.is_ascii() {
        return folded;
    }
    folded.nfc().collect()
}

fn start_word(folded: &mut String) {
    if !folded.is_empty() {
        folded.push(' ');
    }
}

fn fold_symbols(name: &str) -> String {
    let lower: String = name.nfkc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push_plain(folded: &mut String, c: char) {
    match c {
        _ if c.is_ascii() => folded.push(c),
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        _ => {
            let replaced = SPECIAL
                .iter()
                .flat_map(|(from, to)| from.chars().zip(to.chars()))
                .find(|(from, _)| *from == c);
            folded.push(replaced.map_or(c, |(_, to)| to));
        }
    }
}
