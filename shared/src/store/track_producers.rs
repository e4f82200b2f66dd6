//! x
pub(super) const STATEMENTS: &[&str] = &[];
