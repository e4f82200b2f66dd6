//! The kinds of Discogs dumps, their tags, and why a dump cannot be read.

use std::io;

/// The kinds of dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DumpKind {
    /// `<releases>`.
    Releases,
    /// `<artists>`.
    Artists,
}

/// A tag that divides a dump.
pub(super) enum DumpTag {
    Root,
    RootEnd,
    Element,
    ElementEnd,
    Other,
}

impl DumpKind {
    pub(super) fn root(self) -> &'static str {
        match self {
            Self::Releases => "releases",
            Self::Artists => "artists",
        }
    }

    /// The beginnings of the root's start and end tag.
    pub(super) fn root_tags(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Releases => (b"<releases", b"</releases"),
            Self::Artists => (b"<artists", b"</artists"),
        }
    }

    /// The beginning of an element's start tag, and its end tag.
    pub(super) fn element_tags(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Releases => (b"<release", b"</release>"),
            Self::Artists => (b"<artist", b"</artist>"),
        }
    }

    /// The tag with which `bytes` begin.
    pub(super) fn tag(self, bytes: &[u8]) -> DumpTag {
        let (element, element_end) = self.element_tags();
        let (root, root_end) = self.root_tags();
        if begins_with_tag(bytes, element) {
            DumpTag::Element
        } else if bytes.starts_with(element_end) {
            DumpTag::ElementEnd
        } else if begins_with_tag(bytes, root) {
            DumpTag::Root
        } else if bytes.starts_with(root_end) {
            DumpTag::RootEnd
        } else {
            DumpTag::Other
        }
    }
}

/// Whether `bytes` begin with a tag whose name ends where `tag` does.
pub(super) fn begins_with_tag(bytes: &[u8], tag: &[u8]) -> bool {
    let after = bytes.strip_prefix(tag).and_then(|rest| rest.first());
    after.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
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
    /// The root element begins again, inside of the first one or behind it.
    #[error(
        "it has a second root element <{root}>: download it again, or, if files were joined, \
         load them one by one"
    )]
    SecondRoot {
        /// The name of the root element.
        root: &'static str,
    },
    /// The file cannot be decompressed.
    #[error("it is damaged: download it again, and check it against the CHECKSUM.txt beside it")]
    Damaged(#[source] io::Error),
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for XmlDumpError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutOff,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Self::Damaged(error),
            _ => Self::Io(error),
        }
    }
}
