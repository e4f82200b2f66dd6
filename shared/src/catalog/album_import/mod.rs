//! Imports an album from any source, online or from a dump: what the source's record means as an album
//! (`album` and one file per source), which known album it is (`matching`), and the write (`write`).

mod album;
mod artists;
mod discogs;
mod isrcs;
mod matching;
mod musicbrainz;
mod spotify;
mod tracks;
mod write;

pub use album::{ArrivingAlbum, Artist, Track, has_stated_names, stated_name};
pub use discogs::track_positions;
pub(crate) use discogs::tracks_in_range;
pub use isrcs::IsrcCandidates;
pub use matching::read_titles;
pub use write::write;
