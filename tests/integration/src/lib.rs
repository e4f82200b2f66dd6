//! The harness of the tests: a database of each test's own, the functions on it, and stand-ins for everything
//! that they talk to. The tests are in `tests/`.
//!
//! Tests wait for conditions and locks, never for a time: see [`waiting`] and [`failpoints`]. Random choices
//! have a printed seed: see [`random`].
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use shared::curation::Decision;

mod database;
pub mod deliveries;
pub mod dumps;
pub mod failpoints;
mod machine;
pub mod program;
pub mod random;
pub mod records;
pub mod refusals;
pub mod rows;
pub mod scene;
pub mod sources;
pub mod sqs;
pub mod tap;
pub mod upstream;
mod upstream_records;
pub mod waiting;

pub use database::{Database, database, empty_database, make_key, pool, settings};
/// A decision for the tests: who made it and why.
pub const DECISION: Decision<'static> = Decision {
    by: "ann",
    reason: "a test",
};

pub use machine::{EVERY_SOURCE, FAST, Machine, bootstrap};
