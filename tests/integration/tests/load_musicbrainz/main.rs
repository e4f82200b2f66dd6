//! Loads of MusicBrainz dumps, which the tests create in the real format.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod artists;
mod bad_input;
mod beside_others;
mod groups;
mod online;
mod program;
mod stopped;
