//! Decisions that people make about the catalog: merging producers, verdicts on credits, manual credits, and
//! erasing contact details. Each is one transaction, which is repeated if other writers conflict with it.

mod csv;
mod decisions;
mod erasure;
pub mod manual_credits;
pub mod merges;
pub mod regrouping;
mod verdicts;

pub use decisions::{
    CurationError, Decision, LONGEST_REASON, NamedProducer, checked_reason, retry_conflicts,
};
pub use erasure::erase_contact;
pub use manual_credits::{ImportResult, import};
pub use merges::{MergeResult, UnmergeResult, merge, merge_automatically, unmerge};
pub use verdicts::{VerdictResult, decide, withdraw};
