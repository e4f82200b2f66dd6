//! Splits an XML dump of Discogs into the elements under its root, without parsing them. It holds about a
//! megabyte at a time, however long the dump is.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;
/// The longest element in bytes; one that seems longer has lost its end tag.
const LONGEST: usize = 64 << 20;

/// Where to download the dumps and how to load them.
const FILES: &str = "download the files from https://data.discogs.com and load them in this order: \
                     linernotes load discogs RELEASES.xml.gz ARTISTS.xml.gz";

/// Offset of the magic number in a tar archive.
const TAR_MAGIC_OFFSET: usize = 257;

/// The kinds of dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DumpKind {
    /// `<releases>`.
    Releases,
    /// `<artists>`.
    Artists,
}

impl DumpKind {
    fn root(self) -> &'static str {
        match self {
            Self::Releases => "releases",
            Self::Artists => "artists",
        }
    }

    fn tags(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Releases => (b"<release", b"</release>"),
            Self::Artists => (b"<artist", b"</artist>"),
        }
    }
}

/// Why a dump cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum XmlDumpError {
    /// The file is another kind of dump, or no dump.
    #[error("it is not a Discogs dump of {expected}: {found}")]
    WrongKind {
        /// The expected root element.
        expected: &'static str,
        /// What the file is instead, and what to do.
        found: String,
    },
    /// The file ends before its root element does.
    #[error("it is cut off: download it again, and check it against the CHECKSUM.txt beside it")]
    CutOff,
    /// The file cannot be decompressed.
    #[error("it is damaged: download it again, and check it against the CHECKSUM.txt beside it")]
    Damaged(#[source] io::Error),
    /// An element has no end tag.
    #[error("an element is longer than 64 MB, so its end tag must be missing: download it again")]
    TooLong,
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
}

/// Elements that were read together.
#[derive(Debug, Default)]
pub(crate) struct ElementChunk {
    bytes: Vec<u8>,
    elements: Vec<Range<usize>>,
    /// Number of elements that lack their start or end tag.
    pub(crate) broken: u64,
}

impl ElementChunk {
    /// The complete elements, each from its `<` to its last `>`.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        self.elements.iter().map(|range| &self.bytes[range.clone()])
    }
}

/// Reads the elements of a dump, chunk by chunk.
pub(crate) struct XmlElements<R> {
    reader: R,
    kind: DumpKind,
    rest: Vec<u8>,
    has_begun: bool,
    failed: Option<io::Error>,
    has_ended: bool,
}

impl<R: Read> XmlElements<R> {
    pub(crate) fn new(reader: R, kind: DumpKind) -> Self {
        Self {
            reader,
            kind,
            rest: Vec::new(),
            has_begun: false,
            failed: None,
            has_ended: false,
        }
    }

    /// The next elements; `None` at the end.
    ///
    /// # Errors
    /// Fails if the file cannot be read, is of another kind, or is cut off. Everything before that was
    /// returned already.
    pub(crate) fn next(&mut self) -> Result<Option<ElementChunk>, XmlDumpError> {
        if let Some(error) = self.failed.take() {
            return Err(unreadable(error));
        }
        if self.has_ended {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let is_end = self.read_more(&mut bytes);
        if !self.has_begun {
            // A read error explains a missing root better than the bytes that were read before it.
            let content_start =
                find_root(&bytes, self.kind).map_err(|wrong| self.failed.take().map_or(wrong, unreadable))?;
            bytes.drain(..content_start);
            self.has_begun = true;
        }
        let (elements, broken, end) = split(&bytes, self.kind);
        if is_end {
            let close = format!("</{}", self.kind.root());
            if memmem::find(&bytes[end..], close.as_bytes()).is_some() {
                self.has_ended = true;
            } else if self.failed.is_none() {
                self.failed = Some(io::ErrorKind::UnexpectedEof.into());
            }
        } else if bytes.len() - end > LONGEST {
            return Err(XmlDumpError::TooLong);
        }
        self.rest = bytes[end..].to_vec();
        bytes.truncate(end);
        Ok(Some(ElementChunk {
            bytes,
            elements,
            broken,
        }))
    }

    /// Reads up to [`CHUNK`] bytes more; true at the end of the file.
    fn read_more(&mut self, bytes: &mut Vec<u8>) -> bool {
        let mut more = self.reader.by_ref().take(CHUNK as u64);
        match more.read_to_end(bytes) {
            Ok(read) => read < CHUNK,
            Err(error) => {
                self.failed = Some(error);
                true
            }
        }
    }
}

fn unreadable(error: io::Error) -> XmlDumpError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => XmlDumpError::CutOff,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => XmlDumpError::Damaged(error),
        _ => XmlDumpError::Io(error),
    }
}

/// Offset of the end of the root element's name, after which its first child may begin.
fn find_root(bytes: &[u8], kind: DumpKind) -> Result<usize, XmlDumpError> {
    let wrong = |found: String| XmlDumpError::WrongKind {
        expected: kind.root(),
        found,
    };
    let mut at = bytes.strip_prefix(b"\xef\xbb\xbf").map_or(0, |_| 3);
    loop {
        at += bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let rest = &bytes[at..];
        if rest.is_empty() {
            return Err(wrong("it is empty: download it again".to_owned()));
        }
        let after = match rest {
            [b'<', b'?', ..] => memmem::find(rest, b"?>").map(|end| end + 2),
            [b'<', b'!', b'-', b'-', ..] => memmem::find(rest, b"-->").map(|end| end + 3),
            [b'<', ..] => None,
            _ if bytes
                .get(TAR_MAGIC_OFFSET..)
                .is_some_and(|rest| rest.starts_with(b"ustar")) =>
            {
                let found = "it is a tar archive, as MusicBrainz dumps are: \
                             load those with linernotes load musicbrainz";
                return Err(wrong(found.to_owned()));
            }
            _ => return Err(wrong(format!("it is not XML; {FILES}"))),
        };
        let Some(after) = after else { break };
        at += after;
    }
    let name: Vec<u8> = bytes[at + 1..]
        .iter()
        .copied()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .take(40)
        .collect();
    let name = String::from_utf8_lossy(&name).into_owned();
    if name != kind.root() {
        return Err(wrong(format!("it begins with <{name}>; {FILES}")));
    }
    Ok(at + 1 + name.len())
}

/// The complete elements, the number of broken ones, and the offset of the incomplete rest.
fn split(bytes: &[u8], kind: DumpKind) -> (Vec<Range<usize>>, u64, usize) {
    let (open, close) = kind.tags();
    let opens = memmem::Finder::new(open);
    let (mut elements, mut broken, mut at) = (Vec::new(), 0, 0);
    for end in memmem::find_iter(bytes, close).map(|end| end + close.len()) {
        let mut begins = opens.find_iter(&bytes[at..end]).filter(|begin| {
            let after = bytes.get(at + begin + open.len());
            after.is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
        });
        match (begins.next(), begins.last()) {
            (Some(begin), None) => elements.push(at + begin..end),
            // The element before this one lost its end tag.
            (Some(_), Some(begin)) => {
                broken += 1;
                elements.push(at + begin..end);
            }
            (None, _) => broken += 1,
        }
        at = end;
    }
    (elements, broken, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, u64, Option<String>) {
        let mut elements = XmlElements::new(text.as_bytes(), DumpKind::Releases);
        let (mut found, mut broken) = (Vec::new(), 0);
        loop {
            match elements.next() {
                Ok(Some(chunk)) => {
                    broken += chunk.broken;
                    let texts = chunk.elements().map(|bytes| String::from_utf8_lossy(bytes));
                    found.extend(texts.map(|text| text.into_owned()));
                }
                Ok(None) => return (found, broken, None),
                Err(error) => return (found, broken, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn elements_are_complete_and_the_root_is_not_one() {
        let text = "<?xml version=\"1.0\"?>\n<!-- a dump -->\n<releases count=\"2\">\
                    <release id=\"1\">a</release>\n<release\nid=\"2\"><releases/></release></releases>\n";
        let (found, broken, error) = read(text);
        assert_eq!(
            found,
            [
                "<release id=\"1\">a</release>",
                "<release\nid=\"2\"><releases/></release>"
            ]
        );
        assert_eq!((broken, error), (0, None));
    }

    #[test]
    fn an_element_may_span_two_chunks() {
        let many: Vec<String> = (0..30_000)
            .map(|id| format!("<release id=\"{id}\">{}</release>", "x".repeat(id % 97)))
            .collect();
        let (found, broken, error) = read(&format!("<releases>{}</releases>", many.join("\n")));
        assert_eq!((found == many, broken, error), (true, 0, None));
    }

    #[test]
    fn an_element_without_an_end_tag_does_not_spoil_the_next_one() {
        let (found, broken, error) = read(
            "<releases><release id=\"1\"><title>a<release id=\"2\"></release></release>\
             <release id=\"3\"></release></releases>",
        );
        assert_eq!(
            found,
            ["<release id=\"2\"></release>", "<release id=\"3\"></release>"]
        );
        assert_eq!((broken, error), (2, None));
    }

    #[test]
    fn a_truncated_file_or_another_kind_of_file_is_an_error() {
        for (text, whole, message) in [
            ("<releases><release id=\"1\"></release>", 1, "cut off"),
            ("<releases><release id=\"1\"></release><release id=", 1, "cut off"),
            (
                "<artists><artist><id>1</id></artist></artists>",
                0,
                "it begins with <artists>",
            ),
            ("{\"id\": 1}\n", 0, "not XML"),
            ("", 0, "empty"),
        ] {
            let (found, _, error) = read(text);
            assert_eq!(found.len(), whole, "{text}");
            assert!(
                error.as_deref().is_some_and(|error| error.contains(message)),
                "{text}: {error:?}"
            );
        }
    }
}
