//! From a dump of MusicBrainz's to what its lines say: a tar archive whose member `mbdump/release` or `mbdump/artist` has a
//! JSON document per line, read on one thread and parsed on another. No more than some lines are held; where they go stays out.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use chrono::NaiveDate;
use memchr::memmem;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Chunks that wait between two steps.
const WAITING: usize = 1;
/// What a chunk has at most: lines, and bytes before the last of them.
const LINES: usize = 200;
const BYTES: usize = 1 << 20;
/// No line is longer; what is has no end.
const LONGEST: u64 = 256 << 20;
const BUFFER: usize = 1 << 18;
/// The form of the lines that is read here.
const SCHEMA: &str = "1";
/// Where the files are and in which order they are given.
const FILES: &str = "the files are in https://data.metabrainz.org/pub/musicbrainz/data/json-dumps/ and go in this order: linernotes load musicbrainz release.tar.xz artist.tar.xz";

/// Why a dump cannot be read, or not further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It is a dump of something else, or none.
    #[error("it is no dump of MusicBrainz's {entity}s: {found}")]
    WrongKind {
        /// What its lines should be.
        entity: &'static str,
        /// What it is instead.
        found: String,
    },
    /// Its lines have another form.
    #[error(
        "its lines are of the form {found} (JSON_DUMPS_SCHEMA_NUMBER), and only form {SCHEMA} can be read: a later version of linernotes may read it"
    )]
    Schema {
        /// The form.
        found: String,
    },
    /// It ends before it should.
    #[error("it is cut off: download it again, and check it against the SHA256SUMS beside it")]
    CutOff,
    /// Its compression is broken.
    #[error("it is damaged; download it again, and check it against the SHA256SUMS beside it")]
    Damaged(#[source] io::Error),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
}

/// Lines that were read together.
#[derive(Debug, Default)]
pub(super) struct Chunk<T> {
    pub(super) lines: Vec<T>,
    /// How many were too long to be any.
    pub(super) too_long: u64,
    /// How much of the file has been read.
    pub(super) position_bytes: u64,
    /// The day that the dump says it was made.
    pub(super) dump_date: Option<NaiveDate>,
}

pub(super) type Chunks<T> = Receiver<Result<Chunk<T>, Error>>;

/// Reads a dump of an entity; the first chunk comes as soon as it is known to be one.
pub(super) fn read<T: Send + 'static>(
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    entity: &'static str,
    parse: fn(&[u8]) -> T,
) -> Chunks<T> {
    let (to_parse, mut parsing) = channel::<Result<Chunk<Vec<u8>>, Error>>(WAITING);
    let (sender, receiver) = channel(WAITING);
    thread::spawn(move || {
        let mut reading = Reading {
            entity,
            read,
            sender: to_parse,
            schema: None,
            dump_date: None,
        };
        if let Err(Stopped::Failed(error)) = reading.archive(reader) {
            // Nobody may be there to hear it.
            let _ = reading.sender.blocking_send(Err(error));
        }
    });
    thread::spawn(move || {
        while let Some(chunk) = parsing.blocking_recv() {
            let parsed = chunk.map(|chunk| Chunk {
                lines: chunk.lines.iter().map(|line| parse(&without_nul(line))).collect(),
                too_long: chunk.too_long,
                position_bytes: chunk.position_bytes,
                dump_date: chunk.dump_date,
            });
            if sender.blocking_send(parsed).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Why reading ended early.
enum Stopped {
    /// It cannot go on.
    Failed(Error),
    /// Nobody listens any more.
    Alone,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

struct Reading {
    entity: &'static str,
    read: Arc<AtomicU64>,
    sender: Sender<Result<Chunk<Vec<u8>>, Error>>,
    schema: Option<String>,
    dump_date: Option<NaiveDate>,
}

impl Reading {
    fn archive(&mut self, reader: Box<dyn Read + Send>) -> Result<(), Stopped> {
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let found = match reader.fill_buf().map_err(broken)?.first() {
            None => Some("it is empty: download it again".to_owned()),
            Some(b'<') => Some(
                "it is XML, as Discogs' dumps are: those are loaded with linernotes load discogs".to_owned(),
            ),
            Some(b'{' | b'[') => Some(format!("it is JSON outside of a tar archive; {FILES}")),
            Some(_) => None,
        };
        if let Some(found) = found {
            return Err(self.wrong(found).into());
        }
        let mut archive = tar::Archive::new(reader);
        let (mut is_first, mut is_found) = (true, false);
        for entry in archive.entries().map_err(broken)? {
            let mut entry = match entry {
                // So the archive's reader says what is wrong by its own lights.
                Err(error) if is_first && error.kind() == io::ErrorKind::Other => {
                    let found = format!("it is no tar archive; {FILES}");
                    return Err(self.wrong(found).into());
                }
                entry => entry.map_err(broken)?,
            };
            is_first = false;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
            match name.as_str() {
                "JSON_DUMPS_SCHEMA_NUMBER" => self.schema = Some(text(&mut entry)?),
                "TIMESTAMP" => {
                    let said = text(&mut entry)?;
                    let day = said.get(..10).unwrap_or_default();
                    self.dump_date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok();
                }
                member if member.strip_prefix("mbdump/") == Some(self.entity) => {
                    self.check_schema()?;
                    self.member(&mut entry)?;
                    is_found = true;
                }
                member if member.starts_with("mbdump/") && !member.ends_with('/') => {
                    let found = format!("its archive has {member}; {FILES}");
                    return Err(self.wrong(found).into());
                }
                _ => {}
            }
        }
        if !is_found {
            let found = format!("its archive has no mbdump/{}; {FILES}", self.entity);
            return Err(self.wrong(found).into());
        }
        Ok(())
    }

    fn wrong(&self, found: String) -> Error {
        Error::WrongKind {
            entity: self.entity,
            found,
        }
    }

    fn check_schema(&self) -> Result<(), Error> {
        match self.schema.as_deref() {
            Some(SCHEMA) => Ok(()),
            Some(found) => Err(Error::Schema {
                found: found.to_owned(),
            }),
            None => Err(self.wrong(format!(
                "its archive has no JSON_DUMPS_SCHEMA_NUMBER before mbdump/{}",
                self.entity
            ))),
        }
    }

    fn member<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), Stopped> {
        // It is a dump, whatever comes.
        self.send(Vec::new(), 0)?;
        let size = entry.size();
        let mut reader = BufReader::with_capacity(BUFFER, entry);
        let (mut lines, mut bytes, mut too_long, mut length) = (Vec::new(), 0, 0, 0);
        loop {
            let (line, read) = line(&mut reader).map_err(broken)?;
            length += read;
            let is_end = read == 0;
            match line {
                Some(line) if !line.is_empty() => {
                    bytes += line.len();
                    lines.push(line);
                }
                Some(_) => {}
                None => too_long += 1,
            }
            if is_end || lines.len() == LINES || bytes > BYTES {
                // The last one may be half of one.
                if is_end && length < size {
                    lines.pop();
                }
                self.send(std::mem::take(&mut lines), std::mem::take(&mut too_long))?;
                bytes = 0;
            }
            if is_end {
                break;
            }
        }
        // The archive's own reader takes the end of the file for the member's.
        if length < size {
            return Err(Error::CutOff.into());
        }
        Ok(())
    }

    fn send(&self, lines: Vec<Vec<u8>>, too_long: u64) -> Result<(), Stopped> {
        let chunk = Chunk {
            lines,
            too_long,
            position_bytes: self.read.load(Ordering::Relaxed),
            dump_date: self.dump_date,
        };
        self.sender.blocking_send(Ok(chunk)).map_err(|_| Stopped::Alone)
    }
}

/// The next line without its end, and how many bytes it took; no line where it is too long.
fn line(reader: &mut impl BufRead) -> io::Result<(Option<Vec<u8>>, u64)> {
    let mut line = Vec::new();
    let mut read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? as u64;
    if read == LONGEST && line.last() != Some(&b'\n') {
        read += reader.skip_until(b'\n')? as u64;
        return Ok((None, read));
    }
    while line.last().is_some_and(u8::is_ascii_whitespace) {
        line.pop();
    }
    Ok((Some(line), read))
}

/// A line without the characters that Postgres cannot store.
fn without_nul(line: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = b"\\u0000";
    let is_escaped = |at: &usize| {
        let backslashes = line[..*at].iter().rev().take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 0
    };
    let mut kept = Vec::new();
    let mut begin = 0;
    for at in memmem::find_iter(line, NUL).filter(is_escaped) {
        kept.extend_from_slice(&line[begin..at]);
        begin = at + NUL.len();
    }
    if begin == 0 {
        return Cow::Borrowed(line);
    }
    kept.extend_from_slice(&line[begin..]);
    Cow::Owned(kept)
}

fn text(entry: &mut impl Read) -> Result<String, Error> {
    let mut text = String::new();
    let mut beginning = entry.take(1_000);
    beginning.read_to_string(&mut text).map_err(broken)?;
    Ok(text.trim().to_owned())
}

/// The archive's reader says of a header or member that ends too soon that something else is wrong.
fn broken(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => Error::CutOff,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Error::Damaged(error),
        _ => Error::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_left_out_and_what_only_looks_like_it_stays() {
        for (line, kept) in [
            (r#"{"a": "b"}"#, r#"{"a": "b"}"#),
            (r#"{"a": "\u0000b\u0000"}"#, r#"{"a": "b"}"#),
            (r#"{"a": "\\u0000"}"#, r#"{"a": "\\u0000"}"#),
            (r#"{"a": "\\\u0000"}"#, r#"{"a": "\\"}"#),
        ] {
            assert_eq!(without_nul(line.as_bytes()), kept.as_bytes(), "{line}");
        }
    }

    #[test]
    fn a_line_ends_where_it_does_and_the_last_one_with_the_member() {
        let mut reader = b"one\r\n\ntwo".as_slice();
        let mut lines = Vec::new();
        loop {
            let (text, read) = line(&mut reader).expect("memory");
            if read == 0 {
                break;
            }
            lines.push((text.expect("a line"), read));
        }
        let expected: [(&[u8], u64); 3] = [(b"one", 5), (b"", 1), (b"two", 3)];
        assert_eq!(lines, expected.map(|(text, read)| (text.to_vec(), read)));
    }
}
