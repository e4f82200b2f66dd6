//! The specified data model under its own names, and the rules that hold for every table.

mod rows;

use std::collections::BTreeSet;

use integration::database;

/// The specified tables and their columns.
const TABLES: &[(&str, &str)] = &[
    (
        "artists",
        "id name spotify_id followers popularity image_url metadata created_at updated_at",
    ),
    (
        "albums",
        "id artist_id name spotify_id release_date cover_url metadata created_at updated_at",
    ),
    (
        "tracks",
        "id album_id name spotify_id duration_ms popularity spotify_preview_url metadata created_at \
            updated_at",
    ),
    (
        "normalized_tracks",
        "id artist_id normalized_name representative_track_id created_at updated_at",
    ),
    (
        "producers",
        "id name normalized_name email image_url instagram_handle instagram_bio metadata enriched_at \
            enrichment_failed created_at updated_at",
    ),
    (
        "track_producers",
        "id track_id producer_id confidence source created_at",
    ),
    (
        "worker_issues",
        "id worker_name issue_type message details resolved created_at updated_at",
    ),
    (
        "queue_metrics",
        "id queue_name operation started_at finished_at processed_count success_count error_count details \
            created_at",
    ),
];

/// The specified foreign keys and the tables they reference.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("albums", "artist_id", "artists"),
    ("tracks", "album_id", "albums"),
    ("normalized_tracks", "artist_id", "artists"),
    ("normalized_tracks", "representative_track_id", "tracks"),
    ("track_producers", "track_id", "tracks"),
    ("track_producers", "producer_id", "producers"),
];

/// Columns that are searched, sorted or filtered by.
const INDEXED: &[&str] = &[
    "artists.name",
    "artists.spotify_id",
    "artists.popularity",
    "artists.created_at",
    "artists.updated_at",
    "albums.name",
    "albums.spotify_id",
    "albums.release_date",
    "albums.created_at",
    "albums.updated_at",
    "tracks.name",
    "tracks.spotify_id",
    "tracks.popularity",
    "tracks.created_at",
    "tracks.updated_at",
    "normalized_tracks.normalized_name",
    "normalized_tracks.created_at",
    "normalized_tracks.updated_at",
    "producers.name",
    "producers.normalized_name",
    "producers.instagram_handle",
    "producers.enriched_at",
    "producers.enrichment_failed",
    "producers.created_at",
    "producers.updated_at",
    "track_producers.confidence",
    "track_producers.created_at",
    "worker_issues.worker_name",
    "worker_issues.resolved",
    "worker_issues.created_at",
    "worker_issues.updated_at",
    "queue_metrics.queue_name",
    "queue_metrics.started_at",
    "queue_metrics.created_at",
];

#[tokio::test]
async fn every_specified_table_has_its_columns() {
    let database = database().await;
    let there = database
        .texts(
            "SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'public'",
        )
        .await;
    for (table, columns) in TABLES {
        for column in columns.split(' ') {
            assert!(there.contains(&format!("{table}.{column}")), "{table}.{column}");
        }
    }
}

#[tokio::test]
async fn the_foreign_keys_are_as_specified() {
    let database = database().await;
    let there = database
        .texts(
            "SELECT c.conrelid::regclass || '.' || a.attname || ' ' || c.confrelid::regclass
             FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f'",
        )
        .await;
    for (table, column, target) in REFERENCES {
        assert!(
            there.contains(&format!("{table}.{column} {target}")),
            "{table}.{column}"
        );
    }
}

#[tokio::test]
async fn the_view_and_the_functions_have_the_specified_signatures() {
    let database = database().await;
    let columns = database
        .texts(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'producer_popularity'
                ORDER BY ordinal_position",
        )
        .await;
    assert_eq!(
        columns,
        [
            "producer_id",
            "producer_name",
            "track_count",
            "artist_count",
            "average_popularity"
        ]
    );
    let is_view = database
        .count("SELECT count(*) FROM pg_class WHERE relname = 'producer_popularity' AND relkind = 'v'")
        .await;
    assert_eq!(is_view, 1);
    let functions = database
        .texts(
            "SELECT proname || '(' || pg_get_function_arguments(oid) || ') ' || pg_get_function_result(oid)
             FROM pg_proc WHERE proname IN ('search_producers', 'get_producer_collaborations')
             ORDER BY proname",
        )
        .await;
    assert_eq!(
        functions,
        [
            "get_producer_collaborations(producer_id bigint) TABLE(artist_id bigint, artist_name text, \
                track_count bigint)",
            "search_producers(query text, max_results integer DEFAULT 20) TABLE(producer_id bigint, name \
                text, matched_name text, \
             match_kind text, score real, track_count integer, artist_count integer)",
        ]
    );
}

#[tokio::test]
async fn every_table_has_a_comment() {
    let database = database().await;
    let silent = database
        .texts(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'v', 'p')
               AND relname <> 'refinery_schema_history'
               AND COALESCE(obj_description(oid, 'pg_class'), '') = ''",
        )
        .await;
    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let database = database().await;
    let without = database
        .texts(
            "SELECT c.conrelid::regclass || '.' || a.attname
             FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid
             AND i.indkey[0] = c.conkey[1])",
        )
        .await;
    assert!(without.is_empty(), "{without:?}");
}

#[tokio::test]
async fn every_searched_sorted_or_filtered_column_has_an_index() {
    let database = database().await;
    // An index may have the column itself, an expression with it, or a condition on it.
    let definitions = database
        .texts(
            "SELECT tablename || ' ' || substr(indexdef, strpos(indexdef, ' USING ')) FROM pg_indexes
            WHERE schemaname = 'public'",
        )
        .await;
    for name in INDEXED {
        let (table, column) = name.split_once('.').unwrap();
        let has = definitions.iter().any(|definition| {
            definition.split_once(' ').is_some_and(|(of, definition)| {
                let mut words = definition.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                of == table && words.any(|word| word == column)
            })
        });
        assert!(has, "{name}");
    }
    // The indexes for names and titles with a typo.
    let by_likeness = database
        .count("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%(thirds_12(%'")
        .await;
    assert_eq!(by_likeness, 4, "names, words, songs and albums");
}

#[tokio::test]
async fn every_updated_at_column_has_a_trigger() {
    let database = database().await;
    let without = database
        .texts(
            "SELECT c.table_name::text FROM information_schema.columns c
             JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = 'public'::regnamespace
             AND t.relkind = 'r'
             WHERE c.column_name = 'updated_at' AND NOT EXISTS (
                 SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgname = 'set_updated_at'
                 AND g.tgenabled = 'O')",
        )
        .await;
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_migration_file_has_a_name_that_is_not_ignored() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let versions: Vec<u32> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let parts = name.strip_prefix('V').and_then(|rest| rest.strip_suffix(".sql"));
            let (version, words) = parts
                .and_then(|rest| rest.split_once("__"))
                .unwrap_or_else(|| panic!("{name}"));
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(!words.is_empty() && words.chars().all(plain), "{name}");
            version.parse().unwrap()
        })
        .collect();
    let distinct: BTreeSet<&u32> = versions.iter().collect();
    assert_eq!(distinct.len(), versions.len(), "{versions:?}");
}
