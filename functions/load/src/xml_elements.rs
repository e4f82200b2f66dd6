//! Splits an XML dump of Discogs into the elements under its root, without parsing them. It holds about a
//! megabyte at a time, or one element if that is longer, however long the dump is.

mod dump_kind;
mod prolog;
mod splitter;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub(crate) use self::dump_kind::{DumpKind, XmlDumpError};
use self::prolog::find_root;
pub(crate) use self::splitter::ElementFault;
use self::splitter::{SplitElement, Splitter};
use crate::input::is_trailing;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Elements that were read together.
#[derive(Debug)]
pub(crate) struct ElementChunk {
    bytes: Vec<u8>,
    elements: Vec<SplitElement>,
    /// The number of the first element in the file, from 1.
    pub(crate) first_number: u64,
    /// What is odd about the file, in its last chunk.
    pub(crate) note: Option<String>,
}

impl ElementChunk {
    /// The elements, each from its `<` to its last `>`. Of one with a fault, a part may be missing.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (&[u8], Option<ElementFault>)> {
        let elements = self.elements.iter();
        elements.map(|(range, fault)| (&self.bytes[range.clone()], *fault))
    }
}

/// Reads the elements of a dump, chunk by chunk.
pub(crate) struct XmlElements<R> {
    reader: R,
    kind: DumpKind,
    splitter: Splitter,
    rest: Vec<u8>,
    has_begun: bool,
    next_number: u64,
    failed: Option<XmlDumpError>,
    has_ended: bool,
}

impl<R: Read> XmlElements<R> {
    pub(crate) fn new(reader: R, kind: DumpKind) -> Self {
        Self {
            reader,
            kind,
            splitter: Splitter::new(kind),
            rest: Vec::new(),
            has_begun: false,
            next_number: 1,
            failed: None,
            has_ended: false,
        }
    }

    /// The next elements; `None` at the end.
    ///
    /// # Errors
    /// Fails if the file cannot be read, is of another kind, is cut off, or has a second root. Everything
    /// before that was returned already.
    pub(crate) fn next(&mut self) -> Result<Option<ElementChunk>, XmlDumpError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.has_ended {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let (is_end, failure) = self.read_more(&mut bytes);
        if !self.has_begun {
            // A read error explains a missing root better than the bytes that were read before it.
            let content = match find_root(&bytes, self.kind) {
                Ok(content) => content,
                Err(wrong) => return Err(failure.map_or(wrong, XmlDumpError::from)),
            };
            bytes.drain(..content);
            self.has_begun = true;
        }
        let split = self.splitter.split(&bytes, is_end);
        let mut note = None;
        if split.has_second_root {
            let root = self.kind.root();
            self.failed = Some(XmlDumpError::SecondRoot { root });
        } else if is_end {
            note = self.end(failure);
        }
        self.has_ended = is_end || self.failed.is_some();
        if split.elements.is_empty()
            && let Some(error) = self.failed.take()
        {
            return Err(error);
        }
        self.rest = bytes[split.rest..].to_vec();
        bytes.truncate(split.elements.last().map_or(0, |(range, _)| range.end));
        let first_number = self.next_number;
        self.next_number += split.elements.len() as u64;
        Ok(Some(ElementChunk {
            bytes,
            elements: split.elements,
            first_number,
            note,
        }))
    }

    /// Decides whether the file is whole. `failure`: why it could not be read further. Returns what is odd
    /// about it.
    fn end(&mut self, failure: Option<io::Error>) -> Option<String> {
        let has_root_ended = self.splitter.has_root_ended;
        match failure {
            Some(error) if has_root_ended && is_trailing(&error) => return Some(error.to_string()),
            Some(error) => self.failed = Some(error.into()),
            None if !has_root_ended => self.failed = Some(XmlDumpError::CutOff),
            None => {}
        }
        let trailing_bytes = self.splitter.trailing_bytes;
        let root = self.kind.root();
        (trailing_bytes > 0).then(|| format!("{trailing_bytes} bytes behind its end </{root}> were ignored"))
    }

    /// Reads up to [`CHUNK`] bytes more. Returns whether the file has ended, and why it cannot be read
    /// further.
    fn read_more(&mut self, bytes: &mut Vec<u8>) -> (bool, Option<io::Error>) {
        let mut more = self.reader.by_ref().take(CHUNK as u64);
        match more.read_to_end(bytes) {
            Ok(read) => (read < CHUNK, None),
            Err(error) => (true, Some(error)),
        }
    }
}
