//! Cuts an XML dump into its elements, one kind after another under one root, without reading what is in them.
//! A megabyte is held at a time, however long the dump is.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;
/// No element is longer; what seems to be has lost its end.
const LONGEST: usize = 64 << 20;

/// Where the files are and in which order they are given.
const FILES: &str = "the files are on https://data.discogs.com and go in this order: linernotes load discogs RELEASES.xml.gz ARTISTS.xml.gz";

/// Where a tar archive says that it is one.
const TAR_AT: usize = 257;

/// What a dump is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<releases>`.
    Releases,
    /// `<artists>`.
    Artists,
}

impl Kind {
    fn root(self) -> &'static str {
        match self {
            Kind::Releases => "releases",
            Kind::Artists => "artists",
        }
    }

    fn tags(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Kind::Releases => (b"<release", b"</release>"),
            Kind::Artists => (b"<artist", b"</artist>"),
        }
    }
}

/// Why a dump cannot be read further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It is a dump of something else, or none.
    #[error("it is no dump of Discogs' {expected}: {found}")]
    WrongKind {
        /// What it should be.
        expected: &'static str,
        /// What it is instead.
        found: String,
    },
    /// It ends before its root does.
    #[error("it is cut off: download it again, and check it against the CHECKSUM.txt beside it")]
    CutOff,
    /// Its compression is broken.
    #[error("it is damaged; download it again, and check it against the CHECKSUM.txt beside it")]
    Damaged(#[source] io::Error),
    /// An element has no end.
    #[error("an element of more than 64 MB is none")]
    TooLong,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
}

/// Elements that were read together.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    elements: Vec<Range<usize>>,
    /// How many elements began and never ended, or ended without a beginning.
    pub(super) broken: u64,
}

impl Chunk {
    /// The elements, from `<` to `>`.
    pub(super) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        self.elements.iter().map(|range| &self.bytes[range.clone()])
    }
}

/// The elements of a dump.
pub(super) struct Elements<R> {
    reader: R,
    kind: Kind,
    rest: Vec<u8>,
    has_begun: bool,
    failed: Option<io::Error>,
    has_ended: bool,
}

impl<R: Read> Elements<R> {
    /// The elements of what is read.
    pub(super) fn of(reader: R, kind: Kind) -> Self {
        Self {
            reader,
            kind,
            rest: Vec::new(),
            has_begun: false,
            failed: None,
            has_ended: false,
        }
    }

    /// The next elements; None at the end.
    ///
    /// # Errors
    /// Where it cannot be read, is of another kind or is cut off; what could be read was given before.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(unreadable(error));
        }
        if self.has_ended {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let is_end = self.read_more(&mut bytes);
        if !self.has_begun {
            // What was read of a broken file says nothing of what it is.
            let begins_at =
                root(&bytes, self.kind).map_err(|wrong| self.failed.take().map_or(wrong, unreadable))?;
            bytes.drain(..begins_at);
            self.has_begun = true;
        }
        let (elements, broken, end) = cut(&bytes, self.kind);
        if is_end {
            let close = format!("</{}", self.kind.root());
            if memmem::find(&bytes[end..], close.as_bytes()).is_some() {
                self.has_ended = true;
            } else if self.failed.is_none() {
                self.failed = Some(io::ErrorKind::UnexpectedEof.into());
            }
        } else if bytes.len() - end > LONGEST {
            return Err(Error::TooLong);
        }
        self.rest = bytes[end..].to_vec();
        bytes.truncate(end);
        Ok(Some(Chunk {
            bytes,
            elements,
            broken,
        }))
    }

    /// Whether that was all there is.
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

fn unreadable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::CutOff,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Error::Damaged(error),
        _ => Error::Io(error),
    }
}

/// Where the root element's first child may stand.
fn root(bytes: &[u8], kind: Kind) -> Result<usize, Error> {
    let wrong = |found: String| Error::WrongKind {
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
            _ if bytes.get(TAR_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) => {
                return Err(wrong(
                    "it is a tar archive, as MusicBrainz's dumps are: those are loaded with linernotes load musicbrainz".to_owned(),
                ));
            }
            _ => return Err(wrong(format!("it is no XML; {FILES}"))),
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

/// The elements that are there whole, how many are broken, and where what is left begins.
fn cut(bytes: &[u8], kind: Kind) -> (Vec<Range<usize>>, u64, usize) {
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
            // The one before lost its end.
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
        let mut elements = Elements::of(text.as_bytes(), Kind::Releases);
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
    fn elements_are_given_whole_and_the_root_is_none() {
        let text = "<?xml version=\"1.0\"?>\n<!-- a dump -->\n<releases count=\"2\"><release id=\"1\">a</release>\n<release\nid=\"2\"><releases/></release></releases>\n";
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
    fn chunks_end_anywhere() {
        let many: Vec<String> = (0..30_000)
            .map(|id| format!("<release id=\"{id}\">{}</release>", "x".repeat(id % 97)))
            .collect();
        let (found, broken, error) = read(&format!("<releases>{}</releases>", many.join("\n")));
        assert_eq!((found == many, broken, error), (true, 0, None));
    }

    #[test]
    fn an_element_without_an_end_takes_no_other_along() {
        let (found, broken, error) = read(
            "<releases><release id=\"1\"><title>a<release id=\"2\"></release></release><release id=\"3\"></release></releases>",
        );
        assert_eq!(
            found,
            ["<release id=\"2\"></release>", "<release id=\"3\"></release>"]
        );
        assert_eq!((broken, error), (2, None));
    }

    #[test]
    fn what_is_cut_off_or_of_another_kind_is_said() {
        for (text, whole, said) in [
            ("<releases><release id=\"1\"></release>", 1, "cut off"),
            ("<releases><release id=\"1\"></release><release id=", 1, "cut off"),
            (
                "<artists><artist><id>1</id></artist></artists>",
                0,
                "it begins with <artists>",
            ),
            ("{\"id\": 1}\n", 0, "no XML"),
            ("", 0, "empty"),
        ] {
            let (found, _, error) = read(text);
            assert_eq!(found.len(), whole, "{text}");
            assert!(
                error.as_deref().is_some_and(|error| error.contains(said)),
                "{text}: {error:?}"
            );
        }
    }
}
