//! The argument that limits a list.

use clap::builder::RangedI64ValueParser;

/// The numbers of rows that a list may show.
pub(super) fn list_limit() -> RangedI64ValueParser {
    clap::value_parser!(i64).range(1..=1000)
}
