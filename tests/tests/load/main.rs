//! Dumps of Discogs, made here in the real format, and what a load makes of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bad_input;
mod dump;
mod isrcs;
mod online;
mod pressings;
mod stopped;
mod updates;
