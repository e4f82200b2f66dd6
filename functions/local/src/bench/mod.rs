//! Measurements, each beside a baseline in the same run on the same machine: what counts is the ratio. What is measured
//! is what runs; only its input is made up.

mod cold;
mod ingest;
mod load;
mod text;

pub use cold::{Cold, cold};
pub use ingest::{Ingested, ingest};
pub use load::{LoadMeasured, load};
pub use text::{Read, text};
