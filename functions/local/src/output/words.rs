//! The words that results are put in: counts, times, roles, names of sources.
//! Sentences of one command alone stay with that command.

use chrono::{DateTime, Local, Utc};
use shared::domain::credits::{Role, Source};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A number with its noun, which takes an s.
pub(crate) fn count(number: i64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// How sure something is, from 0 to 1.
pub(crate) fn confidence(value: f64) -> String {
    format!("{value:.2}")
}

/// A time to come, as a person reads it: the clock, and the date too where it is not today.
pub(crate) fn until(time: DateTime<Utc>) -> String {
    let (then, now) = (time.with_timezone(&Local), Local::now());
    if then.date_naive() == now.date_naive() {
        then.format("%H:%M:%S").to_string()
    } else {
        then.format("%Y-%m-%d %H:%M").to_string()
    }
}

/// A source by its name.
pub(crate) fn source(source: Source) -> &'static str {
    match source {
        Source::Spotify => "Spotify",
        Source::MusicBrainz => "MusicBrainz",
        Source::Discogs => "Discogs",
        Source::Genius => "Genius",
        Source::Instagram => "Instagram",
        Source::Wikidata => "Wikidata",
        Source::Manual => "a person here",
    }
}

/// A role in words: `co-producer`, `additional producer`.
pub(crate) fn role(role: Role) -> String {
    match role {
        Role::CoProducer => "co-producer".to_owned(),
        other => other.as_str().replace('_', " "),
    }
}

/// A text without line breaks and without what steers a terminal or turns round what follows.
pub(crate) fn one_line_of(text: &str) -> String {
    let is_steering =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text
        .chars()
        .map(|c| if is_steering(c) { ' ' } else { c })
        .collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in one line, at most so many columns wide; what is cut off is told by `…`.
pub(super) fn shortened(text: &str, widest: usize) -> String {
    let text = one_line_of(text);
    if text.width() <= widest {
        return text;
    }
    let mut width = 0;
    let kept = text.chars().take_while(|c| {
        width += c.width().unwrap_or(0);
        width < widest
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_steers_nothing() {
        for (text, expected) in [
            ("two\r\nlines", "two lines"),
            ("red \u{1b}[31m", "red [31m"),
            ("turned \u{202e}dnuor", "turned dnuor"),
            ("עברית and 中田", "עברית and 中田"),
        ] {
            assert_eq!(one_line_of(text), expected);
        }
    }

    #[test]
    fn what_is_cut_off_still_fits() {
        for (text, widest, expected) in [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("中田ヤスタカ", 6, "中田…"),
            ("中田ヤスタカ", 12, "中田ヤスタカ"),
        ] {
            let short = shortened(text, widest);
            assert_eq!(short, expected);
            assert!(short.width() <= widest, "{short}");
        }
    }
}
