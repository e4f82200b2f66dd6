//! Decisions that people make about the catalog: merging producers, verdicts on credits, manual credits, and
//! erasing contact details; and regrouping songs after the title rules changed. Each decision, and each
//! artist whose songs are regrouped, is one transaction, which is repeated if other writers conflict with it.

mod credited_producers;
mod csv;
mod decisions;
mod erasure;
mod manual_credits;
mod merges;
pub mod regrouping;
mod verdicts;

pub use csv::LineError;
pub use decisions::{CurationError, Decision, NamedProducer, checked_reason};
pub use erasure::erase_contact;
pub use manual_credits::{ImportResult, import};
pub use merges::{MergeResult, UnmergeResult, merge, merge_automatically, unmerge};
pub use verdicts::{VerdictResult, decide, withdraw};
