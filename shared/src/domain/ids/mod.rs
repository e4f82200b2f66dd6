//! Identifiers, with one type per kind of thing, so that the wrong kind does not compile. Parsing validates
//! what a person typed.

mod codes;
mod keys;
mod links;
mod requested_items;
#[cfg(test)]
mod tests;
mod text_ids;
mod typed_items;

pub use keys::{
    AlbumId, ArtistId, DiscogsArtistId, DiscogsReleaseId, GeniusArtistId, GeniusSongId, IngestionId,
    NormalizedTrackId, ProducerId, TrackId,
};
pub use requested_items::RequestedItem;
pub use text_ids::{
    ArtistMbid, InvalidId, Isrc, Mbid, RecordingMbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId,
    SpotifyArtistId, SpotifyTrackId, Upc,
};
