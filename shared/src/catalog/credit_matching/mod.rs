//! Matches what the sources state about an album with its tracks, and decides what their credits become.

pub mod discogs;
mod findings;
pub mod matching;
pub mod musicbrainz;
mod plan;

pub use findings::{
    ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, lookup_outcome,
};
pub use plan::{CreditPlan, PlannedCredit, TrackPlace, plan};
