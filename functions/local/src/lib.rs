//! Linernotes on one machine: the command line, the one-process system, the private Postgres and the demo.

pub mod cli;
pub mod cluster;
mod commands;
pub mod database;
pub mod demo;
pub mod output;
pub mod system;

pub use commands::run;
pub use output::error_line;
