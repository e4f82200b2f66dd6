//! The lines of a file with credits of one's own, read and checked by themselves. What they name is looked up in
//! [`super::own_credits`].
//!
//! A line has `track` (our id, a Spotify id or link, or an ISRC), `producer` (a name) or `producer_id` (our id or an
//! MBID) or both, `role` and `note`. The first line of the file names its columns, in any order.

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::domain::credits::Role;
use crate::domain::ids::{ArtistMbid, Isrc, ProducerId, RequestedItem, SpotifyTrackId, TrackId};
use crate::domain::names;

const COLUMNS: &[&str] = &["track", "producer", "producer_id", "role", "note"];
const LONGEST: usize = 1000;

/// How a line names a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TrackName {
    /// By our id.
    Own(TrackId),
    /// By Spotify's.
    Spotify(SpotifyTrackId),
    /// By ISRC: every track that has it.
    Isrc(Isrc),
}

/// How a line names a producer by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProducerNumber {
    /// Ours.
    Own(ProducerId),
    /// MusicBrainz's.
    Mbid(ArtistMbid),
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in the file.
    pub(super) number: u64,
    pub(super) track: TrackName,
    pub(super) producer: Option<String>,
    pub(super) producer_id: Option<ProducerNumber>,
    pub(super) raw_role: String,
    pub(super) role: Role,
    pub(super) note: Option<String>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) number: u64,
    pub(super) what: String,
}

/// Every line of a file and everything that is wrong with them. Empty lines are none.
pub(super) fn read(bytes: &[u8]) -> (Vec<Line>, Vec<Mistake>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    let columns = match reader.headers().map(columns) {
        Ok(Ok(columns)) => columns,
        Ok(Err(what)) => return (lines, vec![Mistake { number: 1, what }]),
        Err(error) => {
            return (
                lines,
                vec![Mistake {
                    number: 1,
                    what: unreadable(&error),
                }],
            );
        }
    };
    let mut count = Count {
        bytes,
        end: 0,
        number: 1,
    };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let number = count.line_at(record.position());
                match line(number, &columns, &record) {
                    Ok(line) => lines.push(line),
                    Err(what) => mistakes.push(Mistake { number, what }),
                }
            }
            Err(error) => {
                let number = count.line_at(error.position());
                let what = unreadable(&error);
                mistakes.push(Mistake { number, what });
                break;
            }
        }
    }
    (lines, mistakes)
}

/// Counts lines as an editor does; the reader's own count lags behind where lines end as Windows ends them, or are empty.
struct Count<'a> {
    bytes: &'a [u8],
    end: usize,
    number: u64,
}

impl Count<'_> {
    /// The number of the line where a record begins. Records come in their order.
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

fn unreadable(error: &csv::Error) -> String {
    if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        "this is not UTF-8: save the file as CSV in UTF-8".to_owned()
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
            .ok_or_else(|| format!("\"{name}\" is no column: the first line is {known}, with commas"))?;
        if columns.contains(column) {
            return Err(format!("the column {column} stands there twice"));
        }
        columns.push(*column);
    }
    for needed in ["track", "role"] {
        if !columns.contains(&needed) {
            return Err(format!(
                "the column {needed} is missing: the first line is {known}"
            ));
        }
    }
    if !columns.contains(&"producer") && !columns.contains(&"producer_id") {
        return Err(format!(
            "the column producer is missing: the first line is {known}"
        ));
    }
    Ok(columns)
}

fn line(number: u64, columns: &[&str], record: &StringRecord) -> Result<Line, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "it has {} fields, not {}: put a text with a comma in quotes",
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
        .any(|text| text.contains('\0') || text.chars().count() > LONGEST)
    {
        return Err(format!("a field is no text of at most {LONGEST} characters"));
    }
    let (producer, producer_id) = (
        field("producer").filter(|name| names::is_visible(name)),
        field("producer_id"),
    );
    if producer.is_none() && producer_id.is_none() {
        return Err("it names no producer".to_owned());
    }
    let raw_role = field("role").ok_or_else(|| format!("it has no role: {}", roles()))?;
    Ok(Line {
        number,
        track: track(field("track").ok_or("it names no track")?)?,
        producer: producer.map(ToOwned::to_owned),
        producer_id: producer_id.map(producer_number).transpose()?,
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
            "\"{text}\" is no track: give our id, a Spotify id or link of a track, or an ISRC"
        )),
    }
}

fn producer_number(text: &str) -> Result<ProducerNumber, String> {
    if let Some(id) = own_id(text) {
        return Ok(ProducerNumber::Own(ProducerId(id)));
    }
    text.parse()
        .map(ProducerNumber::Mbid)
        .map_err(|_| format!("\"{text}\" is no producer's id: give ours, or one of MusicBrainz"))
}

fn own_id(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| is_number && *id > 0)
}

fn role(text: &str) -> Result<Role, String> {
    let word = text.to_lowercase().replace([' ', '-'], "_");
    word.parse()
        .map_err(|_| format!("\"{text}\" is no role: {}", roles()))
}

fn roles() -> String {
    let words: Vec<String> = Role::ALL
        .iter()
        .map(|role| role.as_str().replace('_', " "))
        .collect();
    format!("give one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let (_, mistakes) = read(text.as_bytes());
        mistakes
            .into_iter()
            .map(|mistake| format!("{} {}", mistake.number, mistake.what))
            .collect()
    }

    #[test]
    fn a_line_names_a_track_and_a_producer_in_every_way() {
        let text = "\u{feff}Role,track,producer,producer_id,note\r\n\
            Co-Producer,12,\"Jones, Quincy\",7,\"two\nlines\"\r\n\r\n\
            vocal producer,0123456789abcdefABCDEF,,5b11f4ce-a62d-471e-81fc-a69a8278c7da,\r\n\
            mixer,gb-um7-06-03730, Nobody ,,\r\n";
        let (lines, mistakes) = read(text.as_bytes());
        assert_eq!(mistakes, []);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].track, TrackName::Own(TrackId(12)));
        assert_eq!(lines[0].producer.as_deref(), Some("Jones, Quincy"));
        assert_eq!(lines[0].producer_id, Some(ProducerNumber::Own(ProducerId(7))));
        assert_eq!(lines[0].role, Role::CoProducer);
        assert_eq!(lines[0].note.as_deref(), Some("two\nlines"));
        assert_eq!(lines[1].number, 5);
        assert!(matches!(lines[1].track, TrackName::Spotify(_)));
        assert!(matches!(lines[1].producer_id, Some(ProducerNumber::Mbid(_))));
        assert!(matches!(lines[2].track, TrackName::Isrc(_)));
        assert_eq!(lines[2].producer.as_deref(), Some("Nobody"));
        assert_eq!(lines[2].note, None);
    }

    #[test]
    fn everything_wrong_is_said_with_its_line() {
        let text = "track,producer,role\n1,A,producer\n1,A\nx,A,producer\n0,A,producer\n1,,producer\n1,A,\n1,A,prodcer\n";
        let found = mistakes(text);
        for (place, expected) in [
            "3 it has 2 fields",
            "4 \"x\" is no track",
            "5 \"0\" is no track",
            "6 it names no producer",
            "7 it has no role",
            "8 \"prodcer\" is no role: give one of producer, co producer",
        ]
        .iter()
        .enumerate()
        {
            assert!(found[place].starts_with(expected), "{found:?}");
        }
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn a_file_of_another_shape_is_told_what_shape_it_should_have() {
        for (text, expected) in [
            ("", "1 the column track is missing"),
            ("track;producer;role\n", "1 \"track;producer;role\" is no column"),
            ("track,role\n", "1 the column producer is missing"),
            ("track,track,role\n", "1 the column track stands there twice"),
            ("1,A,producer\n", "1 \"1\" is no column"),
        ] {
            let found = mistakes(text);
            assert!(found[0].starts_with(expected), "{text}: {found:?}");
        }
        let (_, found) = read(b"track,producer,role\n1,Bj\xf6rk,producer\n");
        assert!(found[0].what.contains("UTF-8"), "{found:?}");
        assert_eq!(found[0].number, 2);
    }
}
