//! All SQL: a file per table, or per question that people ask. Functions take a [`crate::platform::db::Client`] first and open no
//! transaction: the use case knows what must hold together.
//!
//! Every file lists its statements in `STATEMENTS`; [`STATEMENTS`] gathers them for the test that prepares each.

pub mod catalog;
pub mod credits;
pub mod loads;
pub mod producers;
pub mod work;

/// Every statement of every file.
pub const STATEMENTS: &[&[&str]] = &[
    catalog::albums::STATEMENTS,
    catalog::album_candidates::STATEMENTS,
    work::api_keys::STATEMENTS,
    catalog::artist_pages::STATEMENTS,
    producers::artist_producers::STATEMENTS,
    catalog::artists::STATEMENTS,
    catalog::artists::merge::STATEMENTS,
    producers::contact_suppressions::STATEMENTS,
    credits::credit_overrides::STATEMENTS,
    credits::STATEMENTS,
    catalog::fingerprint::STATEMENTS,
    work::ingestion_results::STATEMENTS,
    work::ingestions::STATEMENTS,
    loads::loaded_records::STATEMENTS,
    loads::loaded_releases::STATEMENTS,
    loads::loading::STATEMENTS,
    loads::STATEMENTS,
    work::lookups::STATEMENTS,
    catalog::normalized_tracks::STATEMENTS,
    work::outgoing_messages::STATEMENTS,
    credits::manual_credits::STATEMENTS,
    catalog::pressings::STATEMENTS,
    producers::producer_contacts::STATEMENTS,
    producers::producer_duplicates::STATEMENTS,
    producers::producer_joins::STATEMENTS,
    producers::producer_links::STATEMENTS,
    producers::producer_merges::STATEMENTS,
    producers::producer_merges::parts::STATEMENTS,
    producers::producer_pages::STATEMENTS,
    producers::producer_search::STATEMENTS,
    producers::producer_tracks::STATEMENTS,
    producers::STATEMENTS,
    work::queue_messages::STATEMENTS,
    work::queue_metrics::STATEMENTS,
    work::refreshes::STATEMENTS,
    catalog::regrouping::STATEMENTS,
    catalog::stated_names::STATEMENTS,
    producers::statistics::STATEMENTS,
    catalog::totals::STATEMENTS,
    credits::track_credits::STATEMENTS,
    credits::track_producers::STATEMENTS,
    catalog::tracks::STATEMENTS,
    catalog::same_recordings::STATEMENTS,
    work::upstream_budgets::STATEMENTS,
    work::worker_issues::STATEMENTS,
];
