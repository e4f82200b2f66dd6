//! Artists, albums, tracks and songs.

pub mod album_candidates;
pub mod album_links;
pub mod albums;
pub mod artist_identities;
pub mod artist_merges;
pub mod artist_pages;
pub mod artists;
pub mod fingerprint;
pub mod known_albums;
pub mod normalized_tracks;
pub mod pressings;
pub mod regrouping;
pub mod same_recordings;
pub mod stated_names;
pub mod totals;
pub mod track_artists;
pub mod track_links;
pub mod tracks;
