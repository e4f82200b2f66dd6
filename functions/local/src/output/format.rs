//! Formats values for people: counts, times, roles and names of sources.

use chrono::{DateTime, Local, Utc};
use shared::domain::credits::{Role, Source};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A number with its noun; the plural takes an s.
pub(crate) fn count(number: i64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A confidence from 0 to 1, with two decimals.
pub(crate) fn format_confidence(value: f64) -> String {
    format!("{value:.2}")
}

/// A time in the local time zone: the clock time, with the date unless it is today.
pub(crate) fn format_time(time: DateTime<Utc>) -> String {
    let (then, now) = (time.with_timezone(&Local), Local::now());
    if then.date_naive() == now.date_naive() {
        then.format("%H:%M:%S").to_string()
    } else {
        then.format("%Y-%m-%d %H:%M").to_string()
    }
}

/// The name of a source.
pub(crate) fn source_name(source: Source) -> &'static str {
    match source {
        Source::Spotify => "Spotify",
        Source::MusicBrainz => "MusicBrainz",
        Source::Discogs => "Discogs",
        Source::Genius => "Genius",
        Source::Instagram => "Instagram",
        Source::Wikidata => "Wikidata",
        Source::Manual => "a manual entry",
    }
}

/// A role as people write it: `co-producer`, `additional producer`.
pub(crate) fn role_name(role: Role) -> String {
    match role {
        Role::CoProducer => "co-producer".to_owned(),
        other => other.as_str().replace('_', " "),
    }
}

/// A text without line breaks, terminal control characters and characters that change the writing direction.
pub(crate) fn single_line(text: &str) -> String {
    let is_control =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text
        .chars()
        .map(|c| if is_control(c) { ' ' } else { c })
        .collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in one line of at most `max_width` columns; `…` marks where it was cut off.
pub(super) fn shortened(text: &str, max_width: usize) -> String {
    let text = single_line(text);
    if text.width() <= max_width {
        return text;
    }
    let mut width = 0;
    let kept = text.chars().take_while(|c| {
        width += c.width().unwrap_or(0);
        width < max_width
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_removed() {
        for (text, expected) in [
            ("two\r\nlines", "two lines"),
            ("red \u{1b}[31m", "red [31m"),
            ("turned \u{202e}dnuor", "turned dnuor"),
            ("עברית and 中田", "עברית and 中田"),
        ] {
            assert_eq!(single_line(text), expected);
        }
    }

    #[test]
    fn a_shortened_text_fits() {
        for (text, max_width, expected) in [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("中田ヤスタカ", 6, "中田…"),
            ("中田ヤスタカ", 12, "中田ヤスタカ"),
        ] {
            let short = shortened(text, max_width);
            assert_eq!(short, expected);
            assert!(short.width() <= max_width, "{short}");
        }
    }
}
