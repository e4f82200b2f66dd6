//! The domain of Linernotes: what a credit, a producer and a catalog are, where they are kept and where they come from.
//! Everything that runs (Lambda functions, the command line) stands on this crate; it knows nothing of them.

pub mod catalog;
pub mod curation;
pub mod domain;
pub mod platform;
pub mod store;
pub mod upstreams;
pub mod work;
