//! Reads the lines of a MusicBrainz dump on one thread and parses them on another. Only a few chunks are held
//! at a time.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;

use memchr::memmem;
use shared::platform::http::Error;
use tokio::sync::mpsc::{Receiver, channel};

use crate::counts::{MalformedRecord, problem};
use crate::musicbrainz::archive::{ArchiveReader, DumpLine, JsonDumpError};
use crate::musicbrainz::line_id::line_id;
use crate::progress::RecordChunk;

/// Chunks that may wait between two steps.
const CHANNEL_CAPACITY: usize = 1;

/// The parsed chunks of a dump in order.
pub(crate) type LineChunks<T> = Receiver<Result<RecordChunk<T>, JsonDumpError>>;

/// Reads a dump of an entity (`release` or `artist`). The first chunk is empty and comes as soon as the file
/// is known to be such a dump. `read` counts the bytes read from the file.
pub(crate) fn read_lines<T: Send + 'static>(
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    entity: &'static str,
    parse: fn(&[u8]) -> Result<T, Error>,
) -> LineChunks<T> {
    let (to_parser, mut from_reader) = channel(CHANNEL_CAPACITY);
    let (sender, receiver) = channel(CHANNEL_CAPACITY);
    thread::spawn(move || ArchiveReader::new(entity, read, to_parser).run(reader));
    thread::spawn(move || {
        while let Some(chunk) = from_reader.blocking_recv() {
            let parsed = chunk.map(|chunk: RecordChunk<DumpLine>| RecordChunk {
                records: chunk
                    .records
                    .into_iter()
                    .map(|line| line.and_then(|line| parse_line(&line, parse)))
                    .collect(),
                note: chunk.note,
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

fn parse_line<T>(line: &DumpLine, parse: fn(&[u8]) -> Result<T, Error>) -> Result<T, MalformedRecord> {
    let text = without_nul(&line.text);
    parse(&text).map_err(|error| MalformedRecord::new(line.number, line_id(&text), &problem(error)))
}

/// The line without escaped NUL characters, which Postgres cannot store.
fn without_nul(line: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = b"\\u0000";
    let is_escape = |at: &usize| {
        let backslashes = line[..*at].iter().rev().take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 0
    };
    let mut kept = Vec::new();
    let mut begin = 0;
    for at in memmem::find_iter(line, NUL).filter(is_escape) {
        kept.extend_from_slice(&line[begin..at]);
        begin = at + NUL.len();
    }
    if begin == 0 {
        return Cow::Borrowed(line);
    }
    kept.extend_from_slice(&line[begin..]);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_escapes_are_removed_and_escaped_backslashes_stay() {
        for (line, kept) in [
            (r#"{"a": "b"}"#, r#"{"a": "b"}"#),
            (r#"{"a": "\u0000b\u0000"}"#, r#"{"a": "b"}"#),
            (r#"{"a": "\\u0000"}"#, r#"{"a": "\\u0000"}"#),
            (r#"{"a": "\\\u0000"}"#, r#"{"a": "\\"}"#),
        ] {
            assert_eq!(without_nul(line.as_bytes()), kept.as_bytes(), "{line}");
        }
    }
}
