//! Imports an album from any source, online or from a dump: what the source's record means as an album
//! (`album` and one file per source), what it becomes beside the stored albums (`plan`), and the write of one
//! album (`write`). Loads write many at once, from the same plans.

mod album;
mod artists;
mod discogs;
mod isrcs;
mod matching;
mod musicbrainz;
mod plan;
pub mod pressings;
mod spotify;
mod write;

pub use album::{ArrivingAlbum, Artist, Track, has_stated_names};
pub use discogs::track_positions;
pub(crate) use discogs::tracks_in_range;
pub use isrcs::IsrcCandidates;
pub use matching::{same_album, tracks_in_place};
pub use plan::{AlbumPlan, PlannedTrack, is_further_pressing, links, plan};
pub use write::{WrittenAlbum, write};
