//! Linernotes on one machine: the command line and everything it runs in one process, the demo and the measurements.
//! What the system does stands in the functions and in `shared`; here they are put together.

pub mod cli;
pub mod cluster;
mod commands;
pub mod database;
pub mod demo;
pub mod output;
pub mod system;

pub use commands::run;
pub use output::one_line;
