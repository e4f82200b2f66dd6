//! The rules that hold for the rows of every table.

use integration::database;
use integration::refusals::{assert_refused, assert_violates};
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn updated_at_moves_only_when_something_else_does() {
    let database = database().await;
    database
        .execute("INSERT INTO producers (name, normalized_name, updated_at) VALUES ('A', 'a', '2000-01-01Z')")
        .await;
    let year = "SELECT EXTRACT(year FROM updated_at)::bigint FROM producers";
    database
        .execute("UPDATE producers SET name = 'A', metadata = '{}'")
        .await;
    assert_eq!(database.count(year).await, 2000);
    database.execute("UPDATE producers SET name = 'B'").await;
    assert!(database.count(year).await > 2000);
    database
        .execute("UPDATE producers SET name = 'C', updated_at = '2001-01-01Z'")
        .await;
    assert_eq!(database.count(year).await, 2001);
}

#[tokio::test]
async fn values_out_of_range_are_refused() {
    let database = database().await;
    let client = database.client().await;
    for (sql, constraint) in [
        ("INSERT INTO artists (name) VALUES ('')", "artists_name_check"),
        (
            "INSERT INTO artists (name, popularity) VALUES ('A', 101)",
            "artists_popularity_check",
        ),
        (
            "INSERT INTO artists (name, popularity) VALUES ('A', -1)",
            "artists_popularity_check",
        ),
        (
            "INSERT INTO artists (name, followers) VALUES ('A', -1)",
            "artists_followers_check",
        ),
        (
            "INSERT INTO albums (artist_id, name) VALUES (1, 'A')",
            "albums_artist_id_fkey",
        ),
        (
            "INSERT INTO producers (name, normalized_name, instagram_handle) VALUES ('A', 'a', 'no handle')",
            "producers_instagram_handle_check",
        ),
        (
            "INSERT INTO queue_metrics
                 (queue_name, operation, started_at, finished_at, processed_count, success_count, error_count)
             VALUES ('catalog', 'ingest', now(), now() - interval '1 second', 1, 1, 0)",
            "queue_metrics_check",
        ),
    ] {
        assert_violates(client.execute(sql, &[]).await, constraint);
    }
    let without_message = "INSERT INTO worker_issues (worker_name, issue_type) VALUES ('ingest', 'gave_up')";
    let without_message = client.execute(without_message, &[]).await;
    assert_refused(without_message, &SqlState::NOT_NULL_VIOLATION);
}

#[tokio::test]
async fn a_title_of_five_thousand_characters_fits_every_index() {
    let database = database().await;
    let long = "'å' || repeat(md5('x'), 160)";
    for sql in [
        format!("INSERT INTO artists (name) VALUES ({long})"),
        format!("INSERT INTO albums (artist_id, name) SELECT id, {long} FROM artists"),
        format!(
            "INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version) SELECT id, {long}, 1
                FROM artists"
        ),
        format!("INSERT INTO tracks (album_id, track_number, name) SELECT id, 1, {long} FROM albums"),
        format!("INSERT INTO producers (name, normalized_name) VALUES ({long}, {long})"),
        format!(
            "INSERT INTO producer_identities (source, source_id, producer_id, name)
                SELECT 'discogs', 'unlinked:' || {long}, id, name FROM producers"
        ),
        format!(
            "INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
                SELECT id, {long}, 'primary', 'discogs', {long} FROM producers"
        ),
        format!("INSERT INTO ingestions (what) SELECT ARRAY[{long}]"),
        format!(
            "INSERT INTO ingestion_tasks (ingestion_id, kind, subject) SELECT id, 'resolve', {long}
                FROM ingestions"
        ),
        format!(
            "INSERT INTO outgoing_messages (queue, message_key, body) VALUES ('catalog', {long}, '{{}}')"
        ),
    ] {
        assert_eq!(database.execute(&sql).await, 1, "{sql}");
    }
}
