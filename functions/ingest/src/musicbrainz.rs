//! Imports from MusicBrainz: one release of each release group becomes an album, see
//! [`shared::catalog::release_selection`] for which one.

pub(crate) mod artist;
pub(crate) mod release;
pub(crate) mod resolve;
