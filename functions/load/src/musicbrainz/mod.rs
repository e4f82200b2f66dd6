//! Loads the MusicBrainz dumps of releases and artists.
//!
//! Of each release group one release becomes the album: the one that an online import would choose, among
//! those that are loaded at all (by default, those with a production credit). The dump is read once, possibly
//! from a pipe, so the choice is made while reading: a better release replaces the one before. Artists and
//! producers that only the replaced release named stay. If the release of an album becomes the worse one in a
//! newer dump, or is gone from it while others of its group are there, a release that stood before it in the
//! file replaces it with the next load. A release that is gone with its whole group is removed. An older or
//! incomplete dump removes nothing.
//!
//! Releases that are new, and better than the stored one of their group, are written together, some dozens in
//! a transaction, which also removes the releases that they replace. A release that changed, or may be an
//! album of another source, is written by itself, by the code of the online import, which is far slower. The
//! load runs beside everything else, always into tables with all their indexes, and writing into those takes
//! most of the time. Memory is 30 MB plus the hashes of the ids, 75 MB for six million. It runs on any
//! machine near the database; the run time of a function is too short for it.

mod archive;
mod artists;
mod dump_release;
mod line_id;
mod lines;
mod load;
mod releases;

pub use artists::load_artists;
pub use releases::load_releases;
