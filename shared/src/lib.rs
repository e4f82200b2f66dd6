//! The domain of Linernotes: what a credit, a producer and a catalog are, where they are kept and where they come from.
//! Everything that runs (Lambda functions, the command line) stands on this crate; it knows nothing of them.

pub mod adding;
pub mod api_keys;
pub mod arriving;
mod aws;
pub mod batch;
pub mod budgets;
pub mod catalog;
pub mod choosing;
pub mod confidence;
pub mod config;
pub mod contacts;
pub mod credits;
pub mod dates;
pub mod db;
pub mod deciding;
pub mod dumps;
pub mod emails;
pub mod http;
pub mod identifying;
pub mod ids;
pub mod ingesting;
pub mod links;
pub mod messages;
pub mod names;
pub mod outgoing;
pub mod params;
pub mod queue;
pub mod ranges;
pub mod roles;
mod secrets;
pub mod sqs_event;
pub mod store;
pub mod telemetry;
pub mod text_enums;
pub mod titles;
pub mod upstreams;
