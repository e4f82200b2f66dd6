//! Identifiers that are numbers: our own keys, and the ids of Discogs and Genius.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        crate::domain::params::sql_type!(
            $name => INT8, INT8_ARRAY,
            |id: &$name| id.0,
            |id: i64| Ok::<_, std::convert::Infallible>($name(id))
        );
    )+};
}

key! {
    /// Our key of an artist.
    ArtistId;
    /// Our key of an album.
    AlbumId;
    /// Our key of a track.
    TrackId;
    /// Our key of a normalized track.
    NormalizedTrackId;
    /// Our key of a producer.
    ProducerId;
    /// Our key of an ingestion.
    IngestionId;
    /// The number of a Discogs release.
    DiscogsReleaseId;
    /// The number of a Discogs artist.
    DiscogsArtistId;
    /// The number of a Genius song.
    GeniusSongId;
    /// The number of a Genius artist.
    GeniusArtistId;
}
