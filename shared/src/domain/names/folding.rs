//! Folds names into the form in which they are searched and compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::characters::{LETTERS, is_accent, is_plain, is_separator, is_silent};

/// The form of a name that is searched: compatibility forms unified, lower case, `&` as `and`, apostrophes
/// left out, one space for everything else that is not a letter or digit. Latin, Greek and Cyrillic letters
/// lose their marks, except й, which is a letter of its own.
///
/// Marks of other scripts stay, because there they distinguish words (ガ is not カ). A name without any letter
/// or digit keeps its symbols, so only a blank name is empty. Folding a folded name does not change it. The
/// database function `fold_name` folds queries in the same way.
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

/// A folded name without a leading "the", unless nothing else distinguishes it ("The The").
pub(super) fn without_article(folded: &str) -> &str {
    folded
        .strip_prefix("the ")
        .filter(|rest| *rest != "the")
        .unwrap_or(folded)
}

/// A folded name without spaces, except between digits: "lock jaw" is "lockjaw", but "1 12" is not "11 2".
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

/// The character before a mark, which decides whether the mark is left out.
enum Preceding {
    Nothing,
    /// A letter whose marks are accents.
    Plain(char),
    /// A letter whose marks carry meaning.
    Marked,
}

/// The same result as `fold_letters` for ASCII names, which most names are, in a single pass.
pub(super) fn fold_ascii(name: &str) -> String {
    let mut folded: Vec<u8> = Vec::with_capacity(name.len() + 1);
    let mut is_word_start = true;
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                if is_word_start && !folded.is_empty() {
                    folded.push(b' ');
                }
                folded.push(byte.to_ascii_lowercase());
                is_word_start = false;
            }
            b'\'' | b'`' => {}
            b'&' => {
                if !folded.is_empty() {
                    folded.push(b' ');
                }
                folded.extend_from_slice(b"and");
                is_word_start = true;
            }
            _ => is_word_start = true,
        }
    }
    String::from_utf8(folded).unwrap_or_default()
}

pub(super) fn fold_letters(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut preceding = Preceding::Nothing;
    // The acute accent stands for an apostrophe here; decomposed, it would be a space with a mark.
    let decomposed: String = name.chars().filter(|&c| c != '\u{b4}').nfkd().collect();
    let ordered = if decomposed.contains(is_silent) {
        // Marks that a silent character separated must be put in order again.
        decomposed.chars().filter(|&c| !is_silent(c)).nfd().collect()
    } else {
        decomposed
    };
    for c in ordered.chars().flat_map(char::to_lowercase) {
        if is_accent(c) || is_combining_mark(c) {
            match preceding {
                Preceding::Plain('и') if c == '\u{306}' => {
                    folded.push(c);
                    preceding = Preceding::Plain('й');
                }
                Preceding::Marked => folded.push(c),
                // Some scripts use a mark as a letter of its own. An accent without its letter is left out.
                Preceding::Nothing if !is_accent(c) => {
                    start_word(&mut folded);
                    folded.push(c);
                    preceding = Preceding::Marked;
                }
                Preceding::Plain(_) | Preceding::Nothing => {}
            }
        } else if is_separator(c) {
            if c == '&' {
                start_word(&mut folded);
                folded.push_str("and");
            }
            preceding = Preceding::Nothing;
        } else {
            if matches!(preceding, Preceding::Nothing) {
                start_word(&mut folded);
            }
            push_plain(&mut folded, c);
            preceding = if is_plain(c) {
                Preceding::Plain(c)
            } else {
                Preceding::Marked
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
            let replaced = LETTERS
                .iter()
                .flat_map(|(from, to)| from.chars().zip(to.chars()))
                .find(|(from, _)| *from == c);
            folded.push(replaced.map_or(c, |(_, to)| to));
        }
    }
}
