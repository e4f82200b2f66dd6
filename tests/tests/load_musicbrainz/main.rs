//! Dumps of MusicBrainz, made here in the real format, and what a load makes of them.

mod artists;
mod bad_input;
mod groups;
mod online;
mod stopped;
