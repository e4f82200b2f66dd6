//! Tests of reading a title: the name of the song, and the version that the title states.

mod guests;
mod keys;
mod pieces;
mod places;
mod properties;
mod suffixes;
mod versions;

use super::{VersionKind, names, read};

fn key(title: &str) -> String {
    read(title).key
}

/// The key for a name that a test writes with spaces.
fn without_spaces(key: &str) -> String {
    names::compact(key)
}

fn kind(title: &str) -> Option<VersionKind> {
    read(title).version.map(|version| version.kind)
}
