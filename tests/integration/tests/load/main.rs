//! Loads of Discogs dumps, which the tests create in the real format.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod asked_to_stop;
mod bad_input;
mod cases;
mod damaged;
mod dump;
mod filled_gaps;
mod full_disk;
mod isrcs;
mod locked;
mod mistaken;
mod names;
mod online;
mod piped;
mod pressings;
mod rebuild;
mod removal;
mod stopped;
mod supervisors;
mod updates;
