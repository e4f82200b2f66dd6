//! The types of albums, and the facts that records state about albums and tracks.

use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, Upc};
use crate::domain::text_enums::text_enum;

text_enum! {
    /// What kind of record an album is.
    AlbumType {
        /// An album.
        Album = "album",
        /// A single or an EP.
        Single = "single",
        /// A compilation of tracks that were released before, by one artist or several.
        Compilation = "compilation",
        /// Anything else.
        Other = "other",
    }
}

/// What a record states about an album besides its name and artists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlbumFacts {
    /// Kind of album.
    pub album_type: Option<AlbumType>,
    /// Release date, as precise as stated.
    pub release_date: Option<ReleaseDate>,
    /// URL of the cover image.
    pub cover_url: Option<String>,
    /// Barcode.
    pub upc: Option<Upc>,
    /// Number of tracks.
    pub total_tracks: Option<i32>,
    /// Name of the record label.
    pub label: Option<String>,
    /// Genres.
    pub genres: Vec<String>,
}

impl AlbumFacts {
    /// Each fact from the first of two records that states it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            album_type: self.album_type.or(other.album_type),
            release_date: self.release_date.or(other.release_date),
            cover_url: self.cover_url.or(other.cover_url),
            upc: self.upc.or(other.upc),
            total_tracks: self.total_tracks.or(other.total_tracks),
            label: self.label.or(other.label),
            genres: if self.genres.is_empty() {
                other.genres
            } else {
                self.genres
            },
        }
    }
}

/// What a record states about a track besides its title, place and artists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackFacts {
    /// Duration in milliseconds.
    pub duration_ms: Option<i32>,
    /// ISRC.
    pub isrc: Option<Isrc>,
    /// URL of an audio preview.
    pub preview_url: Option<String>,
}

impl TrackFacts {
    /// Each fact from the first of two records that states it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            duration_ms: self.duration_ms.or(other.duration_ms),
            isrc: self.isrc.or(other.isrc),
            preview_url: self.preview_url.or(other.preview_url),
        }
    }
}
