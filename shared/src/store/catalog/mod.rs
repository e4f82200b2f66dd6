//! Artists, albums, tracks and songs.

pub mod album_candidates;
pub mod albums;
pub mod artist_pages;
pub mod artists;
pub mod fingerprint;
pub mod normalized_tracks;
pub mod pressings;
pub mod regrouping;
pub mod same_recordings;
pub mod stated_names;
pub mod totals;
pub mod tracks;
