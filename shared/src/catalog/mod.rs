//! The use cases of the catalog: importing albums and matching the credits of the sources to their tracks.

pub mod album_import;
pub mod credit_matching;
pub mod edit_links;
pub mod release_selection;
