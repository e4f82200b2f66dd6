//! Formats values for people: counts, times, roles and names of sources.

use chrono::{DateTime, Local, Utc};
use shared::domain::credits::Role;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The number of columns that everybody's terminal has.
pub(super) const PAGE_WIDTH: usize = 80;

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

/// A length of time in its largest unit: `40 s`, `3 min`, `2 h`, `5 d`.
pub(crate) fn format_age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
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

/// A text in lines of at most 80 columns, all but the first of which begin with `indent`. The first begins
/// there, too, with what the caller writes before it.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    wrapped_lines(text, PAGE_WIDTH.saturating_sub(indent.width())).join(&format!("\n{indent}"))
}

/// A text in lines of at most `max_width` columns, broken between words, and inside words that are longer.
pub(super) fn wrapped_lines(text: &str, max_width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in single_line(text).split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= max_width {
            line.extend([" ", word]);
        } else {
            lines.push(word.to_owned());
        }
        while let Some(rest) = lines.last_mut().and_then(|line| cut(line, max_width)) {
            lines.push(rest);
        }
    }
    lines
}

/// Cuts a line after `max_width` columns and returns the rest, if there is one.
fn cut(line: &mut String, max_width: usize) -> Option<String> {
    let mut width = 0;
    let (end, _) = line.char_indices().find(|(index, c)| {
        width += c.width().unwrap_or(0);
        // A character that is wider than the line stands alone.
        width > max_width && *index > 0
    })?;
    Some(line.split_off(end))
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
    fn a_wrapped_text_is_broken_between_words() {
        for (text, expected) in [
            ("", vec![""]),
            ("one two three", vec!["one two", "three"]),
            ("a unbreakable z", vec!["a", "unbreaka", "ble z"]),
            ("中田ヤスタカ x", vec!["中田ヤス", "タカ x"]),
            ("two\nlines", vec!["two", "lines"]),
        ] {
            assert_eq!(wrapped_lines(text, 8), expected);
        }
        assert_eq!(wrapped_lines("中田", 1), ["中", "田"], "wider than the line");
    }

    #[test]
    fn an_age_has_one_unit() {
        for (seconds, expected) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(format_age(seconds), expected);
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
