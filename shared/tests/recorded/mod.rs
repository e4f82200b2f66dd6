//! The recorded responses of one source, outside the project: reading one, and what there is. What they must
//! say stands with each source's tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The folder of a source in the one that LINERNOTES_RECORDED names; without that the test fails.
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

/// Fails where a file is there that is not known, or the other way round.
pub(crate) fn assert_known<'a>(source: &str, known: impl IntoIterator<Item = &'a str>) {
    let folder = folder(source);
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.expect("a file").file_name().display().to_string())
        .collect();
    let known: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    assert_eq!(there, known);
}
