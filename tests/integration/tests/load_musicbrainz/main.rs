//! Dumps of MusicBrainz, made here in the real format, and what a load makes of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod artists;
mod bad_input;
mod beside_others;
mod groups;
mod online;
mod program;
mod stopped;
