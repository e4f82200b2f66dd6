//! The kinds of search results, and how they match.

use crate::domain::text_enums::text_enum;

text_enum! {
    /// The kind of a search result.
    SearchKind {
        /// A producer.
        Producer = "producer",
        /// An artist.
        Artist = "artist",
        /// A song.
        Song = "song",
        /// An album.
        Album = "album",
        /// Somebody with credits who is no producer.
        Person = "person",
    }
}

text_enum! {
    /// How a result matches the search text, the best first.
    MatchKind {
        /// The name, or title and artist, or the id is equal.
        Exact = "exact",
        /// The name has all the words.
        Word = "word",
        /// The name has words that begin so.
        Prefix = "prefix",
        /// The name differs by typos.
        Similar = "similar",
    }
}
