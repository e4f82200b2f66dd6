//! Linernotes on one machine: the command line and everything it runs in one process, and the demo.
//! What the system does stands in the functions and in `shared`; here they are put together.

pub mod cluster;
pub mod demo;
