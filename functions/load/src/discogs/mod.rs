//! Loads the Discogs dumps of releases and artists.
//!
//! A release becomes an album by the rules of an online import. Pressings of one master, or with one barcode,
//! that have the same titles in the same positions are one album with a link each. The pressing with the
//! smallest number provides the album's facts, and later ones only fill in what it leaves out, in whatever
//! order they are loaded. Of several names of an artist the most frequent one is used, unless the artist's
//! page was loaded.
//!
//! A release that changed is written again. A release that is missing from the dump was deleted at Discogs or
//! merged into another one. Its credits and its link are removed, since no source states them any more, and
//! its album too if no other record of any source is that album. An older or incomplete dump removes nothing.

mod artists;
mod dump_release;
mod load;
mod reader;
mod releases;
mod xml;

pub use artists::load_artists;
pub use releases::load_releases;
pub use xml::release_from_xml;
