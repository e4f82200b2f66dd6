//! Identifies people in sources that give no id, by their name without variants of spelling.

#[cfg(test)]
mod tests;

use super::folding::{compact, fold, without_article};

/// A name without Discogs' number, its mark for a name variation, and its inverted order ("Persuader, The
/// (2)").
fn display(name: &str) -> String {
    let (name, _) = split_number(name);
    let name = match name.trim_end_matches('*').trim_end() {
        "" => name,
        name => name,
    };
    match name.rsplit_once(',') {
        Some((rest, article)) if article.trim().eq_ignore_ascii_case("the") && !rest.trim().is_empty() => {
            format!("{} {}", article.trim(), rest.trim())
        }
        _ => name.to_owned(),
    }
}

/// The number by which Discogs distinguishes namesakes: 2 of "Dave Stewart (2)". It is part of the identity,
/// not of the name.
fn discogs_number(name: &str) -> Option<u16> {
    split_number(name).1
}

/// The identity of a producer whom a source names without an id. It is equal for spellings of one name: any
/// case, accents, marks and spaces, "&", "and" or a comma between joint names, with or without a leading
/// "the", a "the" behind "and" or a nickname in quotes between other names, "Jr." or "Junior".
///
/// It differs for names in different scripts, for different Discogs numbers, and for initials ("M.I.A.",
/// "MIA") and a word of the same letters ("Mia"). It is empty only for a blank name.
#[must_use]
pub fn unlinked_key(name: &str) -> String {
    let shown = display(name);
    let key = initials(&shown)
        .or_else(|| around_letter(&shown))
        .unwrap_or_else(|| {
            let folded = fold(&without_nickname(&shown).replace(" + ", " & "));
            let plain = without_joints(without_article(&folded));
            compact(&with_short_generation(&plain))
        });
    match discogs_number(name) {
        Some(number) => format!("{key} ({number})"),
        None => key,
    }
}

/// The key of a name that consists of initials: two to four letters with dots between them, or capitals
/// without dots. Longer capitals are a word too often.
fn initials(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split(['.', ' ']).filter(|part| !part.is_empty()).collect();
    let letters: Vec<char> = parts.concat().chars().collect();
    let is_capitals = || matches!(parts[..], [word] if word.chars().all(char::is_uppercase));
    let is_initials = (2..=4).contains(&letters.len())
        && letters.iter().all(|letter| letter.is_alphabetic())
        && (name.contains('.') && parts.len() == letters.len() || is_capitals());
    is_initials.then(|| key_of_parts(letters.iter().map(char::to_string)))
}

/// The key of a name with a letter between two words that dots join, so that "will.i.am" is not "William".
fn around_letter(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.trim().split(['.', ' ', '-']).collect();
    let [first, letter, last] = parts[..] else {
        return None;
    };
    let is_word = |part: &str| part.chars().all(char::is_alphabetic) && part.chars().count() > 1;
    let is_joined =
        letter.chars().count() == 1 && !name.contains([' ', '-']) || letter.eq_ignore_ascii_case("i");
    (is_joined && is_word(first) && is_word(last) && letter.chars().all(char::is_alphabetic))
        .then(|| key_of_parts(parts.iter().map(ToString::to_string)))
}

/// Parts of a name, folded. No other key has dots between letters.
fn key_of_parts(parts: impl Iterator<Item = String>) -> String {
    parts.map(|part| fold(&part)).collect::<Vec<_>>().join(".")
}

/// A folded name without the words that join names, and the articles behind them: "monsters and the
/// strangerz" as "monsters strangerz".
fn without_joints(folded: &str) -> String {
    let words: Vec<&str> = folded.split(' ').collect();
    let is_joint = |at: usize| {
        at > 0 && at + 1 < words.len() && matches!(words[at], "and" | "und" | "et") && words[at - 1] != "the"
    };
    let is_article = |at: usize| at > 0 && at + 1 < words.len() && words[at] == "the" && is_joint(at - 1);
    let rest = (0..words.len()).filter(|&at| !is_joint(at) && !is_article(at));
    rest.map(|at| words[at]).collect::<Vec<_>>().join(" ")
}

/// The identity of a credited person at a source: the id there, or the name together with the release's main
/// artist, so that equal names are the same person only within one main artist. Discogs' 0 and a blank id
/// count as no id.
#[must_use]
pub fn source_identity(source_artist_id: Option<&str>, main_artist: &str, name: &str) -> String {
    match source_artist_id.map(str::trim) {
        Some(id) if !matches!(id, "" | "0") => id.to_owned(),
        _ => format!("unlinked:{main_artist}:{}", unlinked_key(name)),
    }
}

/// The names in a joint credit ("A & B, C"), if each of them is known and the whole is not; otherwise the
/// whole, since "Stock, Aitken & Waterman" may be one act.
#[must_use]
pub fn split_joint(name: &str, is_known: impl Fn(&str) -> bool) -> Vec<&str> {
    let whole = name.trim();
    let joints = joints(whole);
    if joints.is_empty() || joints.len() > MAX_JOINTS || is_known(whole) {
        return vec![whole];
    }
    // splits[i]: the names that the text from the i-th start on consists of. Filled from the end.
    let starts: Vec<usize> = std::iter::once(0)
        .chain(joints.iter().map(|joint| joint.1))
        .collect();
    let ends: Vec<usize> = joints.iter().map(|joint| joint.0).chain([whole.len()]).collect();
    let mut splits: Vec<Option<Vec<&str>>> = vec![None; starts.len()];
    for from in (0..starts.len()).rev() {
        splits[from] = (from..ends.len())
            .rev()
            .filter(|&to| is_known(whole[starts[from]..ends[to]].trim()))
            .find_map(|to| {
                let rest = match splits.get(to + 1) {
                    Some(rest) => rest.clone()?,
                    None => Vec::new(),
                };
                Some([vec![whole[starts[from]..ends[to]].trim()], rest].concat())
            });
    }
    splits.swap_remove(0).unwrap_or_else(|| vec![whole])
}

/// A text with more joints than this is not a credit.
const MAX_JOINTS: usize = 40;

/// The byte ranges of the words and signs that join names. A comma and the word after it are one joint.
fn joints(name: &str) -> Vec<(usize, usize)> {
    let lower = name.to_ascii_lowercase();
    let mut joints: Vec<(usize, usize)> = Vec::new();
    for joint in [
        ",", "/", " & ", " ＆ ", " + ", " and ", " und ", " et ", " y ", " x ", " vs. ", " vs ",
    ] {
        joints.extend(
            lower
                .match_indices(joint)
                .map(|(at, joint)| (at, at + joint.len())),
        );
    }
    joints.sort_unstable();
    joints.dedup_by(|next, before| {
        let is_one = name
            .get(before.1..next.0)
            .is_none_or(|between| between.trim().is_empty());
        if is_one {
            before.1 = before.1.max(next.1);
        }
        is_one
    });
    joints
}

fn split_number(name: &str) -> (&str, Option<u16>) {
    let name = name.trim();
    let number = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    match number {
        Some((before, digits))
            if !before.trim().is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            match digits.parse() {
                Ok(number) => (before.trim_end(), Some(number)),
                Err(_) => (name, None),
            }
        }
        _ => (name, None),
    }
}

/// The quotation marks around a nickname, with their spaces.
const QUOTES: [(&str, &str); 8] = [
    (" \"", "\" "),
    (" “", "” "),
    (" ”", "” "),
    (" „", "“ "),
    (" «", "» "),
    (" '", "' "),
    (" ‘", "’ "),
    (" ’", "’ "),
];

/// `Lee "Scratch" Perry` as Lee Perry. A quoted first or last name, or a single letter, is part of the name.
fn without_nickname(name: &str) -> String {
    for (open, close) in QUOTES {
        let Some((before, rest)) = name.split_once(open) else {
            continue;
        };
        let Some((nickname, after)) = rest.split_once(close) else {
            continue;
        };
        let has_letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() > 1;
        if has_letters(before) && has_letters(nickname) && has_letters(after) {
            return format!("{before} {after}");
        }
    }
    name.to_owned()
}

/// "Junior" after two names as "jr", and "senior" as "sr".
fn with_short_generation(folded: &str) -> String {
    for (long, short) in [(" junior", " jr"), (" senior", " sr")] {
        if let Some(rest) = folded.strip_suffix(long)
            && rest.contains(' ')
        {
            return format!("{rest}{short}");
        }
    }
    folded.to_owned()
}
