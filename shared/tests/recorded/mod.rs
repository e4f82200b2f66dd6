//! Reads and lists the responses of one source recorded outside the project. The tests of each source state
//! the expected results.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The folder of a source inside the folder that LINERNOTES_RECORDED names. Panics if that is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "a setting of these tests, not of the product"
)]
fn folder(source: &str) -> PathBuf {
    let recorded = std::env::var_os("LINERNOTES_RECORDED")
        .expect("LINERNOTES_RECORDED names the folder of recorded responses");
    PathBuf::from(recorded).join(source)
}

/// A recorded response.
pub(crate) fn bytes(source: &str, name: &str) -> Vec<u8> {
    let path = folder(source).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Asserts that the folder has the known files and no others.
pub(crate) fn assert_known<'a>(source: &str, known: impl IntoIterator<Item = &'a str>) {
    let folder = folder(source);
    let files: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.expect("a file").file_name().display().to_string())
        .collect();
    let known: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    assert_eq!(files, known);
}
