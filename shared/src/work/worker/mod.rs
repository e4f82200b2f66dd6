//! Handles batches of messages. Each message is handled separately, so that one that fails, panics or cannot
//! be parsed does not affect the others. A function's handler does the work; the worker carries out its
//! outcome.
//!
//! ```text
//! received ─► done ────► deleted; follow-up messages were written with the data
//!    ▲   ├──► retry ───► invisible for a while, then received again (an attempt; the last one is a discard)
//!    │   ├──► snooze ──► a row in outgoing_messages until its time (no attempt); deleted ─► sent by sweep ┐
//!    │   └──► discard ─► dead letters, with an issue; deleted                                             │
//!    └────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod context;
mod handling;
mod outcomes;
mod settling;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

pub use context::Worker;

/// The time at the end of an invocation that is reserved for reporting unfinished messages.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
const _: () = assert!(settling::TIME_TO_SETTLE.as_millis() < TIME_TO_REPORT.as_millis());
/// The time of an invocation, for an emulator that does not state when it ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

/// The deadline for the messages of an invocation that ends at `end`.
#[must_use]
pub fn deadline(end: SystemTime) -> Instant {
    let left = end.duration_since(SystemTime::now()).unwrap_or(UNSTATED_TIME);
    Instant::now() + left.saturating_sub(TIME_TO_REPORT)
}
