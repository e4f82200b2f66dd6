//! The store, function by function: each upsert twice (the second writes nothing), null never overwrites, and many at
//! once come to the same rows as one after the other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod albums;
mod artists;
mod credits;
mod fingerprint;
mod ingestions;
mod lookups;
mod merges;
mod producers;
mod songs;
mod tracks;
