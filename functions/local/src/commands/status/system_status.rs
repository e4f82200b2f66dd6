//! What `linernotes status` shows.

use shared::store::catalog::totals::Totals;
use shared::store::loads::LoadRow;
use shared::store::loads::missing_keys::MissingKeys;
use shared::store::work::outgoing_messages::SnoozedMessages;
use shared::store::work::queue_kind::QueueKind;
use shared::store::work::queue_messages::QueueDepth;
use shared::store::work::upstream_budgets::Budget;
use shared::store::work::worker_issues::ReportedIssue;
use shared::store::work::worker_processes::WorkerProcess;

/// The state of the system.
pub(super) struct SystemStatus {
    pub(super) schema_version: i32,
    pub(super) totals: Totals,
    /// The kind of queues that the database belongs to, if it was worked on.
    pub(super) queue_kind: Option<QueueKind>,
    /// `None` if the queues are elsewhere than the settings say.
    pub(super) queues: Option<Vec<QueueDepth>>,
    pub(super) processes: Vec<WorkerProcess>,
    pub(super) snoozed: Vec<SnoozedMessages>,
    pub(super) budgets: Vec<Budget>,
    pub(super) issues: Vec<ReportedIssue>,
    /// The last loads, the most recent first.
    pub(super) loads: Vec<LoadRow>,
    pub(super) missing_keys: Option<MissingKeys>,
    /// Number of songs that were grouped by older title rules.
    pub(super) songs_of_older_rules: i64,
}
