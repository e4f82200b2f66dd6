//! MusicBrainz as the catalog: an artist's releases are listed, one of each release group is chosen and brought in as an
//! album. How an album is written is in [`shared::arriving`], whatever source it is from.

pub(crate) mod artist;
mod choosing;
pub(crate) mod release;
pub(crate) mod resolve;
