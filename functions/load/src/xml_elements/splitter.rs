//! Divides the bytes of a dump into its elements, and finds where its root element ends.

use std::ops::Range;

use memchr::memchr;
use memchr::memmem::{Finder, find};

use super::dump_kind::{DumpKind, DumpTag, begins_with_tag};
use super::prolog::markup_length;

/// The longest element in megabytes. Those of real dumps have a few megabytes at most.
const LONGEST_MB: usize = 16;
const LONGEST: usize = LONGEST_MB << 20;
/// Bytes kept of an element that is too long: enough for its id.
const BEGINNING: usize = 4_096;
/// More bytes than a tag needs to be recognised.
const LONGEST_TAG: usize = 16;

/// Why an element of a dump cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementFault {
    NoStartTag,
    NoEndTag,
    TooLong,
}

impl ElementFault {
    pub(crate) fn problem(self) -> String {
        match self {
            Self::NoStartTag => "its start tag is missing".to_owned(),
            Self::NoEndTag => "its end tag is missing".to_owned(),
            Self::TooLong => format!("it is longer than {LONGEST_MB} MB"),
        }
    }
}

/// The bytes of an element, from its `<` to its last `>` unless it has a fault.
pub(super) type SplitElement = (Range<usize>, Option<ElementFault>);

/// Bytes divided into elements.
pub(super) struct SplitBytes {
    pub(super) elements: Vec<SplitElement>,
    /// The offset of the bytes that belong to what follows.
    pub(super) rest: usize,
    pub(super) has_second_root: bool,
}

/// Divides a dump whose root element has begun.
pub(super) struct Splitter {
    kind: DumpKind,
    /// Whether it is inside an element that is too long.
    is_skipping: bool,
    pub(super) has_root_ended: bool,
    /// Number of bytes behind the root element, apart from white space, comments and zeros.
    pub(super) trailing_bytes: usize,
}

impl Splitter {
    pub(super) fn new(kind: DumpKind) -> Self {
        Self {
            kind,
            is_skipping: false,
            has_root_ended: false,
            trailing_bytes: 0,
        }
    }

    /// Divides bytes that begin with the rest of those before. `is_end`: the file ends with them.
    pub(super) fn split(&mut self, bytes: &[u8], is_end: bool) -> SplitBytes {
        let mut scan = Scan::new(self.kind, bytes, is_end);
        if self.is_skipping {
            self.is_skipping = !scan.skip_element();
        }
        let mut has_second_root = false;
        while !self.is_skipping && !self.has_root_ended && !has_second_root {
            match scan.read_tag() {
                ScanStep::Continue => {}
                ScanStep::EndOfBytes => break,
                ScanStep::TooLong => self.is_skipping = true,
                ScanStep::RootEnd => self.has_root_ended = true,
                ScanStep::SecondRoot => has_second_root = true,
            }
        }
        if self.has_root_ended {
            has_second_root = self.read_trailing(&bytes[scan.at..]);
            scan.begin = bytes.len();
        }
        SplitBytes {
            elements: scan.elements,
            rest: scan.begin,
            has_second_root,
        }
    }

    /// Counts bytes behind the root element; true if another root element begins there.
    fn read_trailing(&mut self, bytes: &[u8]) -> bool {
        let is_blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        if self.trailing_bytes > 0 || !is_blank(&bytes[markup_length(bytes)..]) {
            self.trailing_bytes += bytes.len();
        }
        let root = self.kind.root_tags().0;
        find_tag(&Finder::new(root), bytes).is_some()
    }
}

/// What was found at a tag.
enum ScanStep {
    Continue,
    /// What follows can only be read with more bytes.
    EndOfBytes,
    /// An element whose end is not there yet is too long.
    TooLong,
    RootEnd,
    SecondRoot,
}

/// A walk through bytes, tag by tag.
struct Scan<'a> {
    kind: DumpKind,
    bytes: &'a [u8],
    is_end: bool,
    start_tags: Finder<'static>,
    end_tags: Finder<'static>,
    /// The first end tag behind an offset that was asked for, or `usize::MAX` if there is none.
    end_tag: Option<usize>,
    /// The end of the last element.
    begin: usize,
    at: usize,
    elements: Vec<SplitElement>,
}

impl<'a> Scan<'a> {
    fn new(kind: DumpKind, bytes: &'a [u8], is_end: bool) -> Self {
        let (start_tag, end_tag) = kind.element_tags();
        Self {
            kind,
            bytes,
            is_end,
            start_tags: Finder::new(start_tag),
            end_tags: Finder::new(end_tag),
            end_tag: None,
            begin: 0,
            at: 0,
            elements: Vec::new(),
        }
    }

    /// Moves behind the end of an element that is too long; false if it does not end here.
    fn skip_element(&mut self) -> bool {
        let end = self.end_tag_from(0);
        self.begin = end.map_or(self.tail(), |end| end + self.end_tags.needle().len());
        self.at = self.begin;
        end.is_some()
    }

    fn read_tag(&mut self) -> ScanStep {
        let tag = memchr(b'<', &self.bytes[self.at..]).map(|offset| self.at + offset);
        let Some(tag) = tag.filter(|tag| self.is_end || self.bytes.len() - tag >= LONGEST_TAG) else {
            if self.bytes.len() - self.begin > LONGEST {
                self.begin = self.tail();
            }
            return ScanStep::EndOfBytes;
        };
        let rest = &self.bytes[tag..];
        match self.kind.tag(rest) {
            DumpTag::Element => return self.read_element(tag),
            DumpTag::ElementEnd => {
                let end = tag + self.end_tags.needle().len();
                self.add(self.begin..end, Some(ElementFault::NoStartTag));
            }
            DumpTag::Root => return ScanStep::SecondRoot,
            DumpTag::RootEnd => {
                let rest = rest[self.kind.root_tags().1.len()..].trim_ascii_start();
                let rest = rest.strip_prefix(b">").unwrap_or(rest);
                self.at = self.bytes.len() - rest.len();
                return ScanStep::RootEnd;
            }
            DumpTag::Other => self.at = tag + 1,
        }
        ScanStep::Continue
    }

    fn read_element(&mut self, begin: usize) -> ScanStep {
        let end_tag = self.end_tag_from(begin);
        if let Some(end) = self.fault_end(begin, end_tag) {
            self.add(begin..end, Some(ElementFault::NoEndTag));
            return ScanStep::Continue;
        }
        if let Some(end_tag) = end_tag {
            self.add(begin..end_tag + self.end_tags.needle().len(), None);
            return ScanStep::Continue;
        }
        self.begin = begin;
        if self.bytes.len() - begin <= LONGEST {
            return ScanStep::EndOfBytes;
        }
        self.add(begin..begin + BEGINNING, Some(ElementFault::TooLong));
        self.begin = self.tail();
        ScanStep::TooLong
    }

    /// Where an element ends that has no end tag: at the next element, or at the end of the root.
    fn fault_end(&self, begin: usize, end_tag: Option<usize>) -> Option<usize> {
        let inside = begin + 1..end_tag.unwrap_or(self.bytes.len());
        let next = find_tag(&self.start_tags, &self.bytes[inside.clone()]).map(|at| inside.start + at);
        if next.is_none() && end_tag.is_some() {
            return None;
        }
        let until = next.unwrap_or(inside.end);
        let root_end = find(&self.bytes[begin..until], self.kind.root_tags().1);
        root_end.map(|at| begin + at).or(next)
    }

    fn end_tag_from(&mut self, from: usize) -> Option<usize> {
        let known = self.end_tag.filter(|end| *end >= from);
        let end = known.unwrap_or_else(|| {
            let found = self.end_tags.find(&self.bytes[from..]);
            found.map_or(usize::MAX, |at| from + at)
        });
        self.end_tag = Some(end);
        (end != usize::MAX).then_some(end)
    }

    fn add(&mut self, range: Range<usize>, fault: Option<ElementFault>) {
        self.begin = range.end;
        self.at = range.end;
        self.elements.push((range, fault));
    }

    /// Where a tag may have begun that the bytes end within.
    fn tail(&self) -> usize {
        self.bytes.len().saturating_sub(LONGEST_TAG)
    }
}

/// The offset of the first tag with the finder's name.
fn find_tag(finder: &Finder<'_>, bytes: &[u8]) -> Option<usize> {
    let mut found = finder.find_iter(bytes);
    found.find(|at| begins_with_tag(&bytes[*at..], finder.needle()))
}
