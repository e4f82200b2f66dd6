//! MusicBrainz as the catalog: an artist's releases are listed, one of each release group is chosen and brought in as an
//! album. Which one is in [`shared::catalog::release_selection`], how an album is written in [`shared::catalog::album_import`], whatever source it is from.

pub(crate) mod artist;
pub(crate) mod release;
pub(crate) mod resolve;
