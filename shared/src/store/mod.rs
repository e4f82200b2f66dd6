//! All SQL, with one file per table or per question. Functions take a [`crate::platform::db::Client`] first
//! and do not open transactions: the caller decides which statements belong together.
//!
//! Every file lists its statements in `STATEMENTS`. [`STATEMENTS`] collects them for the test that prepares
//! each one.

pub mod catalog;
pub mod credits;
pub mod loads;
pub mod producers;
pub mod work;

/// The statements of all files.
pub const STATEMENTS: &[&[&str]] = &[
    catalog::album_candidates::STATEMENTS,
    catalog::album_links::STATEMENTS,
    catalog::albums::STATEMENTS,
    catalog::artist_identities::STATEMENTS,
    catalog::artist_merges::STATEMENTS,
    catalog::artist_pages::STATEMENTS,
    catalog::artists::STATEMENTS,
    catalog::fingerprint::STATEMENTS,
    catalog::known_albums::STATEMENTS,
    catalog::normalized_tracks::STATEMENTS,
    catalog::pressings::STATEMENTS,
    catalog::regrouping::STATEMENTS,
    catalog::same_recordings::STATEMENTS,
    catalog::stated_names::STATEMENTS,
    catalog::totals::STATEMENTS,
    catalog::track_artists::STATEMENTS,
    catalog::track_links::STATEMENTS,
    catalog::tracks::STATEMENTS,
    credits::STATEMENTS,
    credits::credit_overrides::STATEMENTS,
    credits::early_records::STATEMENTS,
    credits::manual_credits::STATEMENTS,
    credits::track_credits::STATEMENTS,
    credits::track_lookups::STATEMENTS,
    credits::track_producers::STATEMENTS,
    loads::STATEMENTS,
    loads::key_blocks::STATEMENTS,
    loads::loaded_records::STATEMENTS,
    loads::loaded_releases::STATEMENTS,
    producers::STATEMENTS,
    producers::artist_summaries::STATEMENTS,
    producers::contact_suppressions::STATEMENTS,
    producers::producer_artists::STATEMENTS,
    producers::producer_contacts::STATEMENTS,
    producers::producer_duplicates::STATEMENTS,
    producers::producer_joins::STATEMENTS,
    producers::producer_links::STATEMENTS,
    producers::producer_merges::STATEMENTS,
    producers::producer_merges::parts::STATEMENTS,
    producers::producer_names::STATEMENTS,
    producers::producer_pages::STATEMENTS,
    producers::producer_search::STATEMENTS,
    producers::producer_tracks::STATEMENTS,
    producers::statistics::STATEMENTS,
    work::api_keys::STATEMENTS,
    work::cancellations::STATEMENTS,
    work::dead_messages::STATEMENTS,
    work::ingestion_lists::STATEMENTS,
    work::ingestion_results::STATEMENTS,
    work::ingestions::STATEMENTS,
    work::lookups::STATEMENTS,
    work::lost_tasks::STATEMENTS,
    work::message_attempts::STATEMENTS,
    work::operator_decisions::STATEMENTS,
    work::outgoing_messages::STATEMENTS,
    work::queue_kind::STATEMENTS,
    work::queue_messages::STATEMENTS,
    work::queue_metrics::STATEMENTS,
    work::refreshes::STATEMENTS,
    work::source_states::STATEMENTS,
    work::upstream_budgets::STATEMENTS,
    work::work_state::STATEMENTS,
    work::worker_issues::STATEMENTS,
    work::worker_processes::STATEMENTS,
];
