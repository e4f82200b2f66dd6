//! Release dates, which sources state to the day, the month or the year.

use chrono::{Datelike as _, NaiveDate};

use crate::domain::text_enums::text_enum;

text_enum! {
    /// How much of a release date is known.
    DatePrecision {
        /// The year.
        Year = "year",
        /// The year and the month.
        Month = "month",
        /// The day.
        Day = "day",
    }
}

/// The first year in which a record is no longer early.
const FIRST_LATE_YEAR: i32 = 1975;

/// A release date with the precision that its source states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReleaseDate {
    /// The first day of the stated period: "2001-05" is 2001-05-01.
    pub date: NaiveDate,
    /// How much of `date` the source states.
    pub precision: DatePrecision,
}

impl ReleaseDate {
    /// Parses "2001", "2001-05" and "2001-05-17"; a month or day of "00" is unknown. `None` for the year 0,
    /// for a date that no calendar has and for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let year = number(parts.next()?, 4).filter(|year| *year > 0)?;
        let month = parts.next().map_or(Some(0), |part| number(part, 2))?;
        let day = parts.next().map_or(Some(0), |part| number(part, 2))?;
        if parts.next().is_some() {
            return None;
        }
        let (month, day, precision) = match (month, day) {
            (0, 0) => (1, 1, DatePrecision::Year),
            (0, _) => return None,
            (month, 0) => (month, 1, DatePrecision::Month),
            (month, day) => (month, day, DatePrecision::Day),
        };
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        Some(Self { date, precision })
    }

    /// Whether a record of this date is early: from the time before 1975, when supervising a recording meant
    /// producing it.
    #[must_use]
    pub fn is_early(self) -> bool {
        self.date.year() < FIRST_LATE_YEAR
    }
}

fn number(part: &str, digits: usize) -> Option<u32> {
    (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_precision_of_its_text() {
        for (text, date, precision) in [
            ("2001", "2001-01-01", DatePrecision::Year),
            ("2001-05", "2001-05-01", DatePrecision::Month),
            ("2001-05-17", "2001-05-17", DatePrecision::Day),
            (" 1983 ", "1983-01-01", DatePrecision::Year),
            ("1999-03-00", "1999-03-01", DatePrecision::Month),
            ("1999-00-00", "1999-01-01", DatePrecision::Year),
            ("2000-02-29", "2000-02-29", DatePrecision::Day),
        ] {
            let read = ReleaseDate::from_text(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (read.date.to_string().as_str(), read.precision),
                (date, precision),
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_before_1975_is_early() {
        for (text, is_early) in [
            ("1974-12-31", true),
            ("1974", true),
            ("1975", false),
            ("2001-05", false),
        ] {
            let date = ReleaseDate::from_text(text);
            assert_eq!(date.map(ReleaseDate::is_early), Some(is_early), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in [
            "",
            "0000",
            "0000-00-00",
            "99",
            "20011",
            "2001-5",
            "2001-13",
            "2001-02-30",
            "2001-00-17",
            "2001-05-17-01",
            "2001-",
            "+201",
            "May 2001",
            "二〇〇一",
            "2001-05-17T00:00:00Z",
        ] {
            assert_eq!(ReleaseDate::from_text(text), None, "{text}");
        }
    }
}
