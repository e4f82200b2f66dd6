//! The store, function by function: a repeated upsert writes nothing, NULL never overwrites a value, and
//! concurrent writes give the same rows as sequential ones.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod album_links;
mod albums;
mod artists;
mod cancellations;
mod coverage;
mod credits;
mod fingerprint;
mod ingestions;
mod lookups;
mod lost_tasks;
mod merges;
mod message_attempts;
mod producer_search;
mod producers;
mod rules;
mod songs;
mod source_states;
mod tracks;
mod work_state;
