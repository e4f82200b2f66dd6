//! Dumps of Discogs, made here in the real format, and what a load makes of them.

mod bad_input;
mod dump;
mod online;
mod pressings;
mod stopped;
mod updates;
