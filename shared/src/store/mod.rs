//! All SQL: a file per table, or per question that people ask. Functions take a [`crate::db::Client`] first and open no
//! transaction: the use case knows what must hold together.
//!
//! Every file lists its statements in `STATEMENTS`; [`STATEMENTS`] gathers them for the test that prepares each.

pub mod albums;
pub mod api_keys;
pub mod artists;
pub mod credits;
pub mod fingerprint;
pub mod ingestions;
pub mod lookups;
pub mod normalized_tracks;
pub mod outgoing_messages;
pub mod producers;
pub mod queue_messages;
pub mod queue_metrics;
pub mod refreshes;
pub mod statistics;
pub mod track_producers;
pub mod tracks;
pub mod upstream_budgets;
pub mod worker_issues;

/// Every statement of every file.
pub const STATEMENTS: &[&[&str]] = &[
    albums::STATEMENTS,
    api_keys::STATEMENTS,
    artists::STATEMENTS,
    artists::merge::STATEMENTS,
    credits::STATEMENTS,
    fingerprint::STATEMENTS,
    ingestions::STATEMENTS,
    lookups::STATEMENTS,
    normalized_tracks::STATEMENTS,
    outgoing_messages::STATEMENTS,
    producers::STATEMENTS,
    queue_messages::STATEMENTS,
    queue_metrics::STATEMENTS,
    refreshes::STATEMENTS,
    statistics::STATEMENTS,
    track_producers::STATEMENTS,
    tracks::STATEMENTS,
    upstream_budgets::STATEMENTS,
    worker_issues::STATEMENTS,
];
