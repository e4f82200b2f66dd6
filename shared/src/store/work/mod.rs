//! Requests, messages and their attempts, look-ups, budgets and what operators watch.

pub mod api_keys;
pub mod cancellations;
pub mod dead_messages;
pub mod ingestion_lists;
pub mod ingestion_results;
pub mod ingestions;
pub mod lookups;
pub mod lost_tasks;
pub mod message_attempts;
pub mod operator_decisions;
pub mod outgoing_messages;
pub mod queue_kind;
pub mod queue_messages;
pub mod queue_metrics;
pub mod refreshes;
pub mod source_states;
pub mod upstream_budgets;
pub mod work_state;
pub mod worker_issues;
pub mod worker_processes;
