//! Linernotes on one machine: the API, the workers and the schedules in one process, and the demo.
//! What each function does is in its own crate.

pub mod demo;
