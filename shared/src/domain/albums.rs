//! The types of albums.

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
