//! The words of the catalog that the database shares with the sources.
//! Titles and their versions are in [`crate::domain::titles`]; how a source is read is in [`crate::upstreams`].

use crate::domain::text_enums::text_enum;

text_enum! {
    /// What kind of record an album is.
    AlbumType {
        /// An album.
        Album = "album",
        /// A single or an EP.
        Single = "single",
        /// Tracks that were out before, by one artist or by many.
        Compilation = "compilation",
        /// Anything else.
        Other = "other",
    }
}
