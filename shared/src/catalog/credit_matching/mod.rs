//! Matches what the sources state about an album with its tracks, and writes the credits that follow.

pub mod discogs;
mod findings;
pub mod matching;
pub mod musicbrainz;
mod plan;
mod write;

pub use findings::{
    ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, lookup_outcome,
};
pub use plan::{CreditPlan, PlannedCredit, TrackPlace, plan};
pub(crate) use write::write_source;
pub use write::{Identities, replace_credits, upsert_identities};
