//! Copies stored credits of one album or track to another one.

use std::sync::Arc;

use shared::catalog::credit_matching::{CreditScope, MatchedCredit, MatchedRecord};
use shared::domain::credits::MatchMethod;
use shared::store::credits::{CreditRow, StoredCredit};
use shared::store::work::lookups::Lookup;

/// The credits of another track that is the same recording.
pub(super) struct RecordingCredits {
    pub(super) lookup: Lookup,
    pub(super) record: MatchedRecord,
    pub(super) credits: Vec<StoredCredit>,
}

/// A copy of a credit. Its record was matched with another album or track, whose score it keeps.
pub(super) fn copied_credit(
    scope: CreditScope,
    matched_by: MatchMethod,
    credit: &StoredCredit,
) -> MatchedCredit {
    MatchedCredit {
        scope,
        record: Arc::new(record_of(&credit.row, matched_by)),
        credit: credit.row.credit.clone(),
        producer: credit.producer.clone(),
    }
}

pub(super) fn record_of(row: &CreditRow, matched_by: MatchMethod) -> MatchedRecord {
    MatchedRecord {
        kind: row.source_record_kind.clone(),
        id: row.source_record_id.clone(),
        matched_by,
        score: row.match_score,
    }
}

/// The match method of a copied record: search stays search, and everything else becomes own.
pub(super) fn copied_method(matched_by: MatchMethod) -> MatchMethod {
    match matched_by {
        MatchMethod::Search => MatchMethod::Search,
        _ => MatchMethod::Own,
    }
}

/// Adds a credit. The same credit of one record about several tracks becomes one credit about all of them.
pub(super) fn add_credit(credits: &mut Vec<MatchedCredit>, credit: MatchedCredit) {
    if let CreditScope::Tracks(tracks, range) = &credit.scope {
        let same = credits.iter_mut().find_map(|other| {
            let is_same = (&other.record, &other.credit, &other.producer)
                == (&credit.record, &credit.credit, &credit.producer);
            match &mut other.scope {
                CreditScope::Tracks(others, other_range) if is_same && other_range == range => Some(others),
                _ => None,
            }
        });
        if let Some(others) = same {
            others.extend(tracks);
            return;
        }
    }
    credits.push(credit);
}
