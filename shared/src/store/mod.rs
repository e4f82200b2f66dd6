//! All SQL: a file per table, or per question that people ask. Functions take a [`crate::db::Client`] first and open no
//! transaction: the use case knows what must hold together.
//!
//! Every file lists its statements in `STATEMENTS`; [`STATEMENTS`] gathers them for the test that prepares each.

pub mod albums;
pub mod alike_albums;
pub mod api_keys;
pub mod artist_pages;
pub mod artist_producers;
pub mod artists;
pub mod contact_suppressions;
pub mod credit_overrides;
pub mod credits;
pub mod fingerprint;
pub mod ingestion_results;
pub mod ingestions;
pub mod loaded_records;
pub mod loaded_releases;
pub mod loading;
pub mod loads;
pub mod lookups;
pub mod normalized_tracks;
pub mod outgoing_messages;
pub mod own_credits;
pub mod pressings;
pub mod producer_contacts;
pub mod producer_duplicates;
pub mod producer_joins;
pub mod producer_links;
pub mod producer_merges;
pub mod producer_pages;
pub mod producer_search;
pub mod producer_tracks;
pub mod producers;
pub mod queue_messages;
pub mod queue_metrics;
pub mod refreshes;
pub mod renormalizing;
pub mod stated_names;
pub mod statistics;
pub mod totals;
pub mod track_credits;
pub mod track_producers;
pub mod tracks;
pub mod twins;
pub mod upstream_budgets;
pub mod worker_issues;

/// Every statement of every file.
pub const STATEMENTS: &[&[&str]] = &[
    albums::STATEMENTS,
    alike_albums::STATEMENTS,
    api_keys::STATEMENTS,
    artist_pages::STATEMENTS,
    artist_producers::STATEMENTS,
    artists::STATEMENTS,
    artists::merge::STATEMENTS,
    contact_suppressions::STATEMENTS,
    credit_overrides::STATEMENTS,
    credits::STATEMENTS,
    fingerprint::STATEMENTS,
    ingestion_results::STATEMENTS,
    ingestions::STATEMENTS,
    loaded_records::STATEMENTS,
    loaded_releases::STATEMENTS,
    loading::STATEMENTS,
    loads::STATEMENTS,
    lookups::STATEMENTS,
    normalized_tracks::STATEMENTS,
    outgoing_messages::STATEMENTS,
    own_credits::STATEMENTS,
    pressings::STATEMENTS,
    producer_contacts::STATEMENTS,
    producer_duplicates::STATEMENTS,
    producer_joins::STATEMENTS,
    producer_links::STATEMENTS,
    producer_merges::STATEMENTS,
    producer_merges::parts::STATEMENTS,
    producer_pages::STATEMENTS,
    producer_search::STATEMENTS,
    producer_tracks::STATEMENTS,
    producers::STATEMENTS,
    queue_messages::STATEMENTS,
    queue_metrics::STATEMENTS,
    refreshes::STATEMENTS,
    renormalizing::STATEMENTS,
    stated_names::STATEMENTS,
    statistics::STATEMENTS,
    totals::STATEMENTS,
    track_credits::STATEMENTS,
    track_producers::STATEMENTS,
    tracks::STATEMENTS,
    twins::STATEMENTS,
    upstream_budgets::STATEMENTS,
    worker_issues::STATEMENTS,
];
