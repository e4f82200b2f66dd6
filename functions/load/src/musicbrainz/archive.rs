//! Reads a MusicBrainz dump: a tar archive whose member `mbdump/release` or `mbdump/artist` has a JSON
//! document per line.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use tokio::sync::mpsc::Sender;

use crate::counts::MalformedRecord;
use crate::musicbrainz::line_id::line_id;
use crate::progress::RecordChunk;

/// The most lines of a chunk.
const MAX_LINES: usize = 200;
/// A chunk ends after the line that exceeds this number of bytes.
const MAX_BYTES: usize = 1 << 20;
/// The longest line in megabytes; a longer one has lost its end.
const LONGEST_MB: u64 = 256;
const LONGEST: u64 = LONGEST_MB << 20;
/// Bytes kept of a line that is too long: enough for its id, if that comes first.
const BEGINNING: usize = 1 << 16;
/// Bytes read at a time.
const BUFFER: usize = 1 << 18;
/// The version of the lines' format that is understood.
const SCHEMA: &str = "1";
/// Where to download the dumps and how to load them.
const FILES: &str = "download the files from https://data.metabrainz.org/pub/musicbrainz/data/json-dumps/ \
                     and load them in this order: linernotes load musicbrainz release.tar.xz artist.tar.xz";

/// Why a dump cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonDumpError {
    /// The file is another kind of dump, or no dump.
    #[error("it is not a MusicBrainz dump of {entity}s: {found}")]
    WrongKind {
        /// The expected entity.
        entity: &'static str,
        /// What the file is instead, and what to do.
        found: String,
    },
    /// The lines have another format.
    #[error(
        "its lines have format {found} (JSON_DUMPS_SCHEMA_NUMBER), but only format {SCHEMA} can be read: \
         a newer version of linernotes may read it"
    )]
    Schema {
        /// The format's version.
        found: String,
    },
    /// The file ends too early.
    #[error("it is cut off: download it again, and check it against the SHA256SUMS beside it")]
    CutOff,
    /// The file cannot be decompressed.
    #[error("it is damaged: download it again, and check it against the SHA256SUMS beside it")]
    Damaged(#[source] io::Error),
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
}

/// Why reading ended early.
enum ReadingStop {
    /// The file cannot be read further.
    Failed(JsonDumpError),
    /// The receiver is gone.
    NoReceiver,
}

impl From<JsonDumpError> for ReadingStop {
    fn from(error: JsonDumpError) -> Self {
        Self::Failed(error)
    }
}

/// A line of a dump.
pub(crate) struct DumpLine {
    /// Its number among those that are not empty, from 1.
    pub(crate) number: u64,
    pub(crate) text: Vec<u8>,
}

/// Sends the lines of a dump in chunks.
pub(crate) struct ArchiveReader {
    entity: &'static str,
    read: Arc<AtomicU64>,
    sender: Sender<Result<RecordChunk<DumpLine>, JsonDumpError>>,
    schema: Option<String>,
    dump_date: Option<NaiveDate>,
}

impl ArchiveReader {
    pub(crate) fn new(
        entity: &'static str,
        read: Arc<AtomicU64>,
        sender: Sender<Result<RecordChunk<DumpLine>, JsonDumpError>>,
    ) -> Self {
        Self {
            entity,
            read,
            sender,
            schema: None,
            dump_date: None,
        }
    }

    /// Reads to the end, or sends the error that stopped it.
    pub(crate) fn run(mut self, reader: Box<dyn Read + Send>) {
        if let Err(ReadingStop::Failed(error)) = self.read_archive(reader) {
            // It is fine if the receiver is gone.
            let _ = self.sender.blocking_send(Err(error));
        }
    }

    fn read_archive(&mut self, reader: Box<dyn Read + Send>) -> Result<(), ReadingStop> {
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let found = match reader.fill_buf().map_err(unreadable)?.first() {
            None => Some("it is empty: download it again".to_owned()),
            Some(b'<') => {
                Some("it is XML, as Discogs dumps are: load those with linernotes load discogs".to_owned())
            }
            Some(b'{' | b'[') => Some(format!("it is JSON outside of a tar archive; {FILES}")),
            Some(_) => None,
        };
        if let Some(found) = found {
            return Err(self.wrong_kind(found).into());
        }
        let mut archive = tar::Archive::new(reader);
        let (mut is_first, mut is_found) = (true, false);
        for entry in archive.entries().map_err(unreadable)? {
            let mut entry = match entry {
                // The tar crate reports a file that is not an archive as an error of this kind.
                Err(error) if is_first && error.kind() == io::ErrorKind::Other => {
                    let found = format!("it is not a tar archive; {FILES}");
                    return Err(self.wrong_kind(found).into());
                }
                entry => entry.map_err(unreadable)?,
            };
            is_first = false;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
            match name.as_str() {
                "JSON_DUMPS_SCHEMA_NUMBER" => self.schema = Some(read_text(&mut entry)?),
                "TIMESTAMP" => {
                    let timestamp = read_text(&mut entry)?;
                    let day = timestamp.get(..10).unwrap_or_default();
                    self.dump_date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok();
                }
                member if member.strip_prefix("mbdump/") == Some(self.entity) => {
                    self.check_schema()?;
                    self.read_member(&mut entry)?;
                    is_found = true;
                }
                member if member.starts_with("mbdump/") && !member.ends_with('/') => {
                    let found = format!("its archive has {member}; {FILES}");
                    return Err(self.wrong_kind(found).into());
                }
                _ => {}
            }
        }
        if !is_found {
            let found = format!("its archive has no mbdump/{}; {FILES}", self.entity);
            return Err(self.wrong_kind(found).into());
        }
        Ok(())
    }

    fn wrong_kind(&self, found: String) -> JsonDumpError {
        JsonDumpError::WrongKind {
            entity: self.entity,
            found,
        }
    }

    fn check_schema(&self) -> Result<(), JsonDumpError> {
        match self.schema.as_deref() {
            Some(SCHEMA) => Ok(()),
            Some(found) => Err(JsonDumpError::Schema {
                found: found.to_owned(),
            }),
            None => Err(self.wrong_kind(format!(
                "its archive has no JSON_DUMPS_SCHEMA_NUMBER before mbdump/{}",
                self.entity
            ))),
        }
    }

    fn read_member<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), ReadingStop> {
        // An empty chunk says that the file is such a dump.
        self.send(Vec::new())?;
        let size = entry.size();
        let mut reader = BufReader::with_capacity(BUFFER, entry);
        let (mut lines, mut bytes, mut length, mut number) = (Vec::new(), 0, 0, 0);
        loop {
            let (text, read) = read_line(&mut reader).map_err(unreadable)?;
            length += read;
            let is_end = read == 0;
            if !text.is_empty() {
                number += 1;
                bytes += text.len();
                lines.push(if read >= LONGEST {
                    let problem = format!("it is longer than {LONGEST_MB} MB");
                    Err(MalformedRecord::new(number, line_id(&text), &problem))
                } else {
                    Ok(DumpLine { number, text })
                });
            }
            if is_end || lines.len() == MAX_LINES || bytes > MAX_BYTES {
                // The last line of a truncated member may be incomplete.
                if is_end && length < size {
                    lines.pop();
                }
                self.send(std::mem::take(&mut lines))?;
                bytes = 0;
            }
            if is_end {
                break;
            }
        }
        // The tar crate does not report a member that ends with the file.
        if length < size {
            return Err(JsonDumpError::CutOff.into());
        }
        Ok(())
    }

    fn send(&self, lines: Vec<Result<DumpLine, MalformedRecord>>) -> Result<(), ReadingStop> {
        let chunk = RecordChunk {
            records: lines,
            note: None,
            position_bytes: self.read.load(Ordering::Relaxed),
            dump_date: self.dump_date,
        };
        let sent = self.sender.blocking_send(Ok(chunk));
        sent.map_err(|_| ReadingStop::NoReceiver)
    }
}

/// The next line without its end, and the bytes read. Of a line that is too long, only the beginning.
fn read_line(reader: &mut impl BufRead) -> io::Result<(Vec<u8>, u64)> {
    let mut line = Vec::new();
    let mut read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? as u64;
    if read == LONGEST && line.last() != Some(&b'\n') {
        read += reader.skip_until(b'\n')? as u64;
        line.truncate(BEGINNING);
        line.shrink_to_fit();
    }
    while line.last().is_some_and(u8::is_ascii_whitespace) {
        line.pop();
    }
    Ok((line, read))
}

fn read_text(entry: &mut impl Read) -> Result<String, JsonDumpError> {
    let mut text = String::new();
    let mut beginning = entry.take(1_000);
    beginning.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text.trim().to_owned())
}

/// The tar crate reports a header or member that ends too early as an error of kind `Other`.
fn unreadable(error: io::Error) -> JsonDumpError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => JsonDumpError::CutOff,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => JsonDumpError::Damaged(error),
        _ => JsonDumpError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_at_a_line_feed_and_the_last_one_at_the_end_of_the_member() {
        let mut reader = b"one\r\n\ntwo".as_slice();
        let mut lines = Vec::new();
        loop {
            let (text, read) = read_line(&mut reader).expect("memory");
            if read == 0 {
                break;
            }
            lines.push((text, read));
        }
        let expected: [(&[u8], u64); 3] = [(b"one", 5), (b"", 1), (b"two", 3)];
        assert_eq!(lines, expected.map(|(text, read)| (text.to_vec(), read)));
    }
}
