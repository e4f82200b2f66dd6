//! Messages and their queues, the workers that handle them, and the budgets of the upstreams.

pub mod bootstrap;
pub mod budgets;
pub mod dead_letters;
pub mod ingestion_requests;
pub mod outbox;
pub mod queue;
pub mod queue_depths;
pub mod queue_ownership;
pub mod worker;
