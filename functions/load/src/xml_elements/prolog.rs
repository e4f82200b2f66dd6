//! Finds the root element of a dump, and says what a file is that has another one.

use memchr::memmem;

use super::dump_kind::{DumpKind, XmlDumpError};

/// Where to download the dumps and how to load them.
const FILES: &str = "download the files from https://data.discogs.com and load them in this order: \
                     linernotes load discogs RELEASES.xml.gz ARTISTS.xml.gz";

/// Offset of the magic number in a tar archive.
const TAR_MAGIC_OFFSET: usize = 257;

/// Offset of the end of the root element's name, after which its first child may begin.
pub(super) fn find_root(bytes: &[u8], kind: DumpKind) -> Result<usize, XmlDumpError> {
    let wrong = |found: String| XmlDumpError::WrongKind {
        expected: kind.root(),
        found,
    };
    let byte_order_mark = bytes.strip_prefix(b"\xef\xbb\xbf").map_or(0, |_| 3);
    let at = byte_order_mark + markup_length(&bytes[byte_order_mark..]);
    match bytes.get(at) {
        Some(b'<') => {}
        None => return Err(wrong("it is empty: download it again".to_owned())),
        Some(_) => {
            let magic = bytes.get(TAR_MAGIC_OFFSET..);
            return Err(wrong(if magic.is_some_and(|magic| magic.starts_with(b"ustar")) {
                "it is a tar archive, as MusicBrainz dumps are: load those with linernotes load musicbrainz"
                    .to_owned()
            } else {
                format!("it is not XML; {FILES}")
            }));
        }
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

/// Length of the white space, comments and processing instructions with which `bytes` begin.
pub(super) fn markup_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = bytes[at..].trim_ascii_start();
        at = bytes.len() - rest.len();
        let end = match rest {
            [b'<', b'?', ..] => memmem::find(rest, b"?>").map(|end| end + 2),
            [b'<', b'!', b'-', b'-', ..] => memmem::find(rest, b"-->").map(|end| end + 3),
            _ => None,
        };
        let Some(end) = end else { return at };
        at += end;
    }
}
