//! Builds queries for the MusicBrainz search server in Lucene syntax, with all text escaped.

use crate::domain::ids::Upc;

/// The allowed difference between durations. Fades and silence differ by less between masters.
const DURATION_TOLERANCE_MS: i32 = 15_000;
/// The longest phrase, in characters. A phrase cut between words still matches the beginning of a title.
const LONGEST_PHRASE: usize = 200;

/// Finds releases by barcode, with every number of leading zeros up to 14 digits, because MusicBrainz stores
/// the barcode as printed.
pub(super) fn releases_by_barcode(upc: &Upc) -> String {
    let digits = upc.as_str();
    let forms: Vec<String> = (digits.len()..=14)
        .map(|width| format!("{digits:0>width$}"))
        .collect();
    format!("barcode:({})", forms.join(" OR "))
}

/// Finds artists by name or alias.
pub(super) fn artists(name: &str) -> String {
    let name = phrase(name);
    format!("artist:{name} OR alias:{name}")
}

/// Finds recordings by artist, title and, if given, approximate duration.
pub(super) fn recordings(artist: &str, title: &str, duration_ms: Option<i32>) -> String {
    let mut query = format!("recording:{} AND artist:{}", phrase(title), phrase(artist));
    if let Some(duration_ms) = duration_ms {
        let (shortest, longest) = (
            duration_ms.saturating_sub(DURATION_TOLERANCE_MS).max(0),
            duration_ms.saturating_add(DURATION_TOLERANCE_MS),
        );
        query.push_str(&format!(" AND dur:[{shortest} TO {longest}]"));
    }
    query
}

/// The text as a quoted phrase. Inside quotes, only the quote and the backslash are special in Lucene.
fn phrase(text: &str) -> String {
    let mut phrase = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        let remaining = LONGEST_PHRASE.saturating_sub(phrase.chars().count() + 1);
        if word.chars().count() > remaining {
            if phrase.is_empty() {
                phrase.extend(word.chars().take(remaining));
            }
            break;
        }
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(word);
    }
    format!("\"{}\"", phrase.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barcode_is_searched_for_with_every_number_of_leading_zeros() {
        for (upc, query) in [
            (
                "602475093060",
                "barcode:(602475093060 OR 0602475093060 OR 00602475093060)",
            ),
            ("4050538176254", "barcode:(4050538176254 OR 04050538176254)"),
            ("14050538176254", "barcode:(14050538176254)"),
        ] {
            assert_eq!(releases_by_barcode(&upc.parse().expect("a barcode")), query);
        }
    }

    #[test]
    fn any_title_becomes_one_phrase() {
        for (title, quoted) in [
            ("Don't Stop (No More)", r#""Don't Stop (No More)""#),
            (r#"The "Quoted" One"#, r#""The \"Quoted\" One""#),
            (r"AC\DC", r#""AC\\DC""#),
            (r#"a" OR artist:*"#, r#""a\" OR artist:*""#),
            ("+-&&||!{}[]^~*?:/", r#""+-&&||!{}[]^~*?:/""#),
            ("two\nlines\u{0}", r#""two lines""#),
            ("  水平線  ", r#""水平線""#),
            ("", r#""""#),
        ] {
            assert_eq!(phrase(title), quoted);
        }
    }

    #[test]
    fn a_long_title_is_cut_between_words() {
        let cut = phrase(&"word ".repeat(1_000));
        assert!(
            cut.len() <= LONGEST_PHRASE + 2 && cut.ends_with(" word\""),
            "{cut}"
        );
        let cut = phrase(&"語".repeat(5_000));
        assert_eq!(cut.chars().filter(|&c| c == '語').count(), LONGEST_PHRASE - 1);
    }

    #[test]
    fn a_known_duration_narrows_the_search() {
        assert_eq!(
            recordings("Some", "One", None),
            r#"recording:"One" AND artist:"Some""#
        );
        assert_eq!(
            recordings("Some", "One", Some(200_000)),
            r#"recording:"One" AND artist:"Some" AND dur:[185000 TO 215000]"#
        );
        assert_eq!(
            recordings("Some", "One", Some(9_000)),
            r#"recording:"One" AND artist:"Some" AND dur:[0 TO 24000]"#
        );
        assert!(recordings("Some", "One", Some(i32::MAX)).ends_with("TO 2147483647]"));
    }
}
