//! The argument that says why something was decided.

use shared::curation::{self, CurationError};

/// Reads a reason, so that an empty one is refused before a database is opened.
pub(super) fn reason(text: &str) -> Result<String, CurationError> {
    curation::checked_reason(text).map(str::to_owned)
}
