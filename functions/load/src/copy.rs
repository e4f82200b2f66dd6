//! Encodes rows in the binary format of COPY:
//! <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4>.

use std::io::Cursor;

use chrono::NaiveDate;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Type id of the elements of a `text[]`.
const TEXT: i32 = 25;
/// Type id of the elements of an `integer[]`.
const INTEGER: i32 = 23;

/// Encoded rows of one table.
#[derive(Debug, Default)]
pub(crate) struct CopyRows {
    bytes: Vec<u8>,
    pub(crate) count: u64,
}

impl CopyRows {
    /// Begins a row with this number of columns; one call for each of them must follow.
    pub(crate) fn row(&mut self, columns: i16) -> &mut Self {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(HEADER);
        }
        self.count += 1;
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self
    }

    pub(crate) fn bigint(&mut self, value: impl Into<Option<i64>>) -> &mut Self {
        self.fixed(value.into().map(i64::to_be_bytes))
    }

    pub(crate) fn integer(&mut self, value: impl Into<Option<i32>>) -> &mut Self {
        self.fixed(value.into().map(i32::to_be_bytes))
    }

    pub(crate) fn smallint(&mut self, value: i16) -> &mut Self {
        self.fixed(Some(value.to_be_bytes()))
    }

    pub(crate) fn real(&mut self, value: f32) -> &mut Self {
        self.fixed(Some(value.to_be_bytes()))
    }

    pub(crate) fn date(&mut self, value: Option<NaiveDate>) -> &mut Self {
        const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");
        let days = value.map(|day| day.signed_duration_since(FIRST).num_days());
        self.integer(days.and_then(|days| i32::try_from(days).ok()))
    }

    /// Adds a text or an enum value.
    pub(crate) fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) -> &mut Self {
        match value.into() {
            Some(text) => {
                self.length(text.len());
                self.bytes.extend_from_slice(text.as_bytes());
            }
            None => self.null(),
        }
        self
    }

    pub(crate) fn texts(&mut self, values: Option<&[String]>) -> &mut Self {
        let Some(values) = values else {
            self.null();
            return self;
        };
        let dimensions = usize::from(!values.is_empty());
        let texts: usize = values.iter().map(|text| text.len() + 4).sum();
        self.length(12 + 8 * dimensions + texts);
        for number in [dimensions as i32, 0, TEXT] {
            self.bytes.extend_from_slice(&number.to_be_bytes());
        }
        if !values.is_empty() {
            self.length(values.len());
            self.length(1);
        }
        for text in values {
            self.text(text.as_str());
        }
        self
    }

    pub(crate) fn integers(&mut self, values: &[i32]) -> &mut Self {
        let dimensions = usize::from(!values.is_empty());
        self.length(12 + 8 * dimensions + 8 * values.len());
        for number in [dimensions as i32, 0, INTEGER] {
            self.bytes.extend_from_slice(&number.to_be_bytes());
        }
        if !values.is_empty() {
            self.length(values.len());
            self.length(1);
        }
        for number in values {
            self.integer(*number);
        }
        self
    }

    fn fixed<const N: usize>(&mut self, value: Option<[u8; N]>) -> &mut Self {
        match value {
            Some(bytes) => {
                self.length(N);
                self.bytes.extend_from_slice(&bytes);
            }
            None => self.null(),
        }
        self
    }

    fn length(&mut self, length: usize) {
        // No value of a release comes near two gigabytes.
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// Takes the encoded rows with the trailer of the format; `None` if there are no rows.
    pub(crate) fn finish(&mut self) -> Option<Cursor<Vec<u8>>> {
        if self.bytes.is_empty() {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        Some(Cursor::new(bytes))
    }
}
