//! Decisions that people make about the catalog: merging producers, verdicts on credits, manual credits, and
//! erasing contact details; regrouping songs after the title rules changed, and computing derived rows again.
//! Each decision, each artist whose songs are regrouped and each page of rows is one transaction, which is
//! repeated if other writers conflict with it.

mod credited_producers;
mod csv;
mod decisions;
mod erasure;
mod manual_credits;
mod merges;
pub mod rebuilding;
pub mod regrouping;
mod verdicts;

pub use csv::LineError;
pub use decisions::{CurationError, Decision, NamedProducer, checked_reason};
pub use erasure::{ContactDeletion, erase_contact, list_contact, restore_contact};
pub use manual_credits::{ImportResult, import};
pub use merges::{MergeResult, UnmergeResult, merge, merge_automatically, unmerge};
pub use verdicts::{VerdictResult, decide, withdraw};
