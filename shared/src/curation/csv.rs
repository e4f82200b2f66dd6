//! Reads a CSV file of manual credits and checks each line by itself, without the database.
//!
//! A line has `track` (our id, a Spotify id or link, or an ISRC), `producer` (a name) or `producer_id` (our
//! id, an MBID or `new`) or both, `role` and `note`. The first line of the file names its columns, in any
//! order.

use csv::{ReaderBuilder, StringRecord, Trim};
use serde::Serialize;

use crate::domain::credits::Role;
use crate::domain::ids::{ArtistMbid, Isrc, ProducerId, RequestedItem, SpotifyTrackId, TrackId};
use crate::domain::names;

const COLUMNS: &[&str] = &["track", "producer", "producer_id", "role", "note"];
const LONGEST_FIELD: usize = 1000;

/// A track as a line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TrackName {
    /// Our id.
    Own(TrackId),
    /// A Spotify id.
    Spotify(SpotifyTrackId),
    /// An ISRC, which stands for every track that has it.
    Isrc(Isrc),
}

/// A producer's id as a line gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProducerKey {
    /// Our id.
    Own(ProducerId),
    /// A MusicBrainz id.
    Mbid(ArtistMbid),
    /// Another producer than those of the same name.
    New,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CreditLine {
    /// Its number in the file.
    pub(super) number: u64,
    pub(super) track: TrackName,
    pub(super) producer: Option<String>,
    pub(super) producer_id: Option<ProducerKey>,
    pub(super) raw_role: String,
    pub(super) role: Role,
    pub(super) note: Option<String>,
}

/// An error in a line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineError {
    /// The number of the line, from 1.
    pub line: u64,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// The lines of a file that can be read, and the errors in the others. Empty lines are skipped.
pub(super) fn read(bytes: &[u8]) -> (Vec<CreditLine>, Vec<LineError>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    let columns = match reader.headers().map(columns) {
        Ok(Ok(columns)) => columns,
        Ok(Err(message)) => return (lines, vec![LineError { line: 1, message }]),
        Err(error) => {
            return (
                lines,
                vec![LineError {
                    line: 1,
                    message: csv_message(&error),
                }],
            );
        }
    };
    let mut counter = LineCounter {
        bytes,
        end: 0,
        number: 1,
    };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let number = counter.line_at(record.position());
                match line(number, &columns, &record) {
                    Ok(line) => lines.push(line),
                    Err(message) => errors.push(LineError {
                        line: number,
                        message,
                    }),
                }
            }
            Err(error) => {
                let number = counter.line_at(error.position());
                let message = csv_message(&error);
                errors.push(LineError {
                    line: number,
                    message,
                });
                break;
            }
        }
    }
    (lines, errors)
}

/// Counts lines as an editor does. The reader's own count is too low after empty lines and Windows line
/// endings.
struct LineCounter<'a> {
    bytes: &'a [u8],
    end: usize,
    number: u64,
}

impl LineCounter<'_> {
    /// The number of the line where a record starts. Records must be given in order.
    fn line_at(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, |position| position.byte() as usize);
        let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let ends = self.bytes.get(start..).unwrap_or_default();
        let end = start + ends.iter().take_while(is_end).count();
        let passed = self.bytes.get(self.end..end).unwrap_or_default();
        self.number += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.end = end.max(self.end);
        self.number
    }
}

fn csv_message(error: &csv::Error) -> String {
    if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        "the line is not UTF-8: save the file as CSV in UTF-8".to_owned()
    } else {
        error.to_string()
    }
}

fn columns(header: &StringRecord) -> Result<Vec<&'static str>, String> {
    let known = COLUMNS.join(",");
    let mut columns = Vec::new();
    for name in header {
        let column = COLUMNS
            .iter()
            .find(|column| column.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                format!("\"{name}\" is not a column: the first line must be {known}, separated by commas")
            })?;
        if columns.contains(column) {
            return Err(format!("the column {column} appears twice"));
        }
        columns.push(*column);
    }
    for needed in ["track", "role"] {
        if !columns.contains(&needed) {
            return Err(format!(
                "the column {needed} is missing: the first line must be {known}"
            ));
        }
    }
    if !columns.contains(&"producer") && !columns.contains(&"producer_id") {
        return Err(format!(
            "the column producer is missing: the first line must be {known}"
        ));
    }
    Ok(columns)
}

fn line(number: u64, columns: &[&str], record: &StringRecord) -> Result<CreditLine, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "it has {} fields instead of {}: quote a text that has a comma",
            record.len(),
            columns.len()
        ));
    }
    let field = |name: &str| {
        let place = columns.iter().position(|column| *column == name);
        place
            .and_then(|place| record.get(place))
            .filter(|text| !text.is_empty())
    };
    if record
        .iter()
        .any(|text| text.contains('\0') || text.chars().count() > LONGEST_FIELD)
    {
        return Err(format!(
            "each field must be a text of at most {LONGEST_FIELD} characters"
        ));
    }
    let producer = field("producer").filter(|name| names::is_visible(name));
    let producer_id = field("producer_id").map(producer_key).transpose()?;
    if producer.is_none() && matches!(producer_id, None | Some(ProducerKey::New)) {
        return Err("it names no producer".to_owned());
    }
    let raw_role = field("role").ok_or_else(|| format!("it has no role: {}", roles()))?;
    Ok(CreditLine {
        number,
        track: track(field("track").ok_or("it names no track")?)?,
        producer: producer.map(ToOwned::to_owned),
        producer_id,
        raw_role: raw_role.to_owned(),
        role: role(raw_role)?,
        note: field("note").map(ToOwned::to_owned),
    })
}

fn track(text: &str) -> Result<TrackName, String> {
    if let Some(id) = own_id(text) {
        return Ok(TrackName::Own(TrackId(id)));
    }
    if let Ok(id) = text.parse() {
        return Ok(TrackName::Spotify(id));
    }
    match text.parse() {
        Ok(RequestedItem::Track(id)) => Ok(TrackName::Spotify(id)),
        Ok(RequestedItem::Isrc(isrc)) => Ok(TrackName::Isrc(isrc)),
        _ => Err(format!(
            "\"{text}\" is not a track: use our id, a Spotify id or link of a track, or an ISRC"
        )),
    }
}

fn producer_key(text: &str) -> Result<ProducerKey, String> {
    if let Some(id) = own_id(text) {
        return Ok(ProducerKey::Own(ProducerId(id)));
    }
    if text.eq_ignore_ascii_case("new") {
        return Ok(ProducerKey::New);
    }
    text.parse()
        .map(ProducerKey::Mbid)
        .map_err(|_| format!("\"{text}\" is not a producer id: use our id, a MusicBrainz id or new"))
}

fn own_id(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| is_number && *id > 0)
}

fn role(text: &str) -> Result<Role, String> {
    let word = text.to_lowercase().replace([' ', '-'], "_");
    word.parse()
        .map_err(|_| format!("\"{text}\" is not a role: {}", roles()))
}

fn roles() -> String {
    let words: Vec<String> = Role::ALL
        .iter()
        .map(|role| role.as_str().replace('_', " "))
        .collect();
    format!("use one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let (_, errors) = read(text.as_bytes());
        errors
            .into_iter()
            .map(|error| format!("{} {}", error.line, error.message))
            .collect()
    }

    #[test]
    fn a_line_can_name_a_track_and_a_producer_in_every_way() {
        let text = "\u{feff}Role,track,producer,producer_id,note\r\n\
            Co-Producer,12,\"Jones, Quincy\",7,\"two\nlines\"\r\n\r\n\
            vocal producer,0123456789abcdefABCDEF,,5b11f4ce-a62d-471e-81fc-a69a8278c7da,\r\n\
            mixer,gb-um7-06-03730, Nobody ,,\r\n\
            producer,12,Ann,New,\r\n";
        let (lines, errors) = read(text.as_bytes());
        assert_eq!(errors, []);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[3].producer_id, Some(ProducerKey::New));
        assert_eq!(lines[0].track, TrackName::Own(TrackId(12)));
        assert_eq!(lines[0].producer.as_deref(), Some("Jones, Quincy"));
        assert_eq!(lines[0].producer_id, Some(ProducerKey::Own(ProducerId(7))));
        assert_eq!(lines[0].role, Role::CoProducer);
        assert_eq!(lines[0].note.as_deref(), Some("two\nlines"));
        assert_eq!(lines[1].number, 5);
        assert!(matches!(lines[1].track, TrackName::Spotify(_)));
        assert!(matches!(lines[1].producer_id, Some(ProducerKey::Mbid(_))));
        assert!(matches!(lines[2].track, TrackName::Isrc(_)));
        assert_eq!(lines[2].producer.as_deref(), Some("Nobody"));
        assert_eq!(lines[2].note, None);
    }

    #[test]
    fn every_error_is_reported_with_its_line() {
        let text = "track,producer,role\n1,A,producer\n1,A\nx,A,producer\n0,A,producer\n\
            1,,producer\n1,A,\n1,A,prodcer\n";
        let found = errors(text);
        for (place, expected) in [
            "3 it has 2 fields",
            "4 \"x\" is not a track",
            "5 \"0\" is not a track",
            "6 it names no producer",
            "7 it has no role",
            "8 \"prodcer\" is not a role: use one of producer, co producer",
        ]
        .iter()
        .enumerate()
        {
            assert!(found[place].starts_with(expected), "{found:?}");
        }
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn a_file_with_other_columns_is_rejected_with_the_expected_ones() {
        for (text, expected) in [
            ("", "1 the column track is missing"),
            (
                "track;producer;role\n",
                "1 \"track;producer;role\" is not a column",
            ),
            ("track,role\n", "1 the column producer is missing"),
            ("track,track,role\n", "1 the column track appears twice"),
            ("1,A,producer\n", "1 \"1\" is not a column"),
        ] {
            let found = errors(text);
            assert!(found[0].starts_with(expected), "{text}: {found:?}");
        }
        let (_, found) = read(b"track,producer,role\n1,Bj\xf6rk,producer\n");
        assert!(found[0].message.contains("UTF-8"), "{found:?}");
        assert_eq!(found[0].line, 2);
    }
}
