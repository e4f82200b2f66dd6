//! The store, function by function: each upsert twice, of which the second writes nothing; NULL never
//! overwrites; concurrent writes give the same rows as sequential ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod albums;
mod artists;
mod credits;
mod fingerprint;
mod ingestions;
mod lookups;
mod merges;
mod producer_search;
mod producers;
mod songs;
mod tracks;
