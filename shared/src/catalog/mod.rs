//! The use cases of the catalog: importing albums, and identifying the producers of their tracks.

pub mod album_import;
pub mod credit_matching;
pub mod edit_links;
pub mod identification;
pub mod release_selection;
