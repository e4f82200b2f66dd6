//! Matches what the sources state about an album with its tracks, and writes the credits that follow.
//! Requests to the sources are made by the functions.

pub mod discogs;
mod findings;
pub mod matching;
pub mod musicbrainz;
mod write;

pub use findings::{
    ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, lookup_outcome,
};
pub use write::{AlbumSnapshot, credit_row, upsert_identities, write, write_credits};
