//! Linernotes on one machine: Postgres found or started, the functions in one process, and the stand-in upstreams of the
//! demo. What the functions do is in their own crates.

pub mod cluster;
pub mod demo;
