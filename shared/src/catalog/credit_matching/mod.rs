//! From what the sources said of an album to rows: which of their records our tracks are, and what the credits on them add
//! up to. Asking the sources is the functions'.

pub mod discogs;
mod found;
pub mod matching;
pub mod musicbrainz;
mod write;

pub use found::{
    CreditScope, MatchedCredit, MatchedRecord, SourceFindings, lookup_of_record, outcome_of_error,
};
pub use write::{AlbumSnapshot, write};
pub use write::{credit_row, upsert_identities, write_credits};

/// The kind of the lookup that says whether a source knows an album.
pub const ALBUM: &str = "album";
/// The kind of the lookups that say whether a source knows its tracks.
pub const TRACK: &str = "track";
