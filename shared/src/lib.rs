//! The library of Linernotes: the domain, the database, the clients of the sources, the queues, and the
//! import and curation of the catalog. The Lambda functions and the command line build on it.

pub mod catalog;
pub mod curation;
pub mod domain;
pub mod platform;
pub mod store;
pub mod upstreams;
pub mod work;
