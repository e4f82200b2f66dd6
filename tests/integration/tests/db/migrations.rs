//! Migrating the schema.

use integration::{empty_database, pool, settings};
use shared::platform::db::{self, MigrateError, MigrationReport, Statements};

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    let url = empty_database().await;
    let first = db::migrate(&settings(&url)).await.unwrap();
    assert!(first.applied.contains(&"V1__catalog".to_owned()));
    let newest = format!("V{}__", first.version);
    assert!(first.applied.last().unwrap().starts_with(&newest), "{first:?}");
    let second = db::migrate(&settings(&url)).await.unwrap();
    assert_eq!(
        second,
        MigrationReport {
            applied: Vec::new(),
            version: first.version,
            is_newer: false,
        }
    );
}

#[tokio::test]
async fn of_two_migrations_at_once_the_second_waits_and_does_nothing() {
    let settings = settings(&empty_database().await);
    let (one, other) = tokio::join!(db::migrate(&settings), db::migrate(&settings));
    let (one, other) = (one.unwrap(), other.unwrap());
    let applied = [one.applied.len(), other.applied.len()];
    let once = db::migrate(&self::settings(&empty_database().await))
        .await
        .unwrap();
    assert!(
        applied.contains(&0) && applied.contains(&once.applied.len()),
        "{applied:?}"
    );
}

/// Changes the list of applied migrations and migrates again.
async fn migrate_after(change: &str) -> Result<MigrationReport, MigrateError> {
    let url = empty_database().await;
    db::migrate(&settings(&url)).await.unwrap();
    let pool = pool(&url, Statements::Prepared, 1);
    let client = pool.client().await.unwrap();
    client.execute(change, &[]).await.unwrap();
    db::migrate(&settings(&url)).await
}

const FUTURE: &str = "INSERT INTO refinery_schema_history SELECT 999, 'future', applied_on, checksum
    FROM refinery_schema_history WHERE version = 1";

#[tokio::test]
async fn a_database_that_is_newer_than_the_program_is_not_changed() {
    let migrated = migrate_after(FUTURE).await;
    let left = MigrationReport {
        applied: Vec::new(),
        version: 999,
        is_newer: true,
    };
    assert_eq!(migrated.unwrap(), left);
}

#[tokio::test]
async fn a_database_with_other_migrations_than_ours_is_an_error() {
    for (change, expected) in [
        (
            "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 2",
            "is different than",
        ),
        (
            "UPDATE refinery_schema_history SET version = 999 WHERE version = 2",
            "is missing",
        ),
        (
            "UPDATE refinery_schema_history SET version = 0 WHERE version = 2",
            "is missing",
        ),
    ] {
        let migrated = migrate_after(change).await;
        let error = format!("{:#}", anyhow::Error::from(migrated.unwrap_err()));
        assert!(error.contains(expected), "{change}: {error}");
    }
}

#[tokio::test]
async fn a_database_from_before_the_comments_were_reworded_is_up_to_date() {
    let before = "UPDATE refinery_schema_history SET checksum = '7319425970959252491' WHERE version = 1";
    let migrated = migrate_after(before).await.unwrap();
    assert!(migrated.applied.is_empty() && !migrated.is_newer);
    let both = "UPDATE refinery_schema_history SET checksum = CASE version WHEN 1 THEN '7319425970959252491'
        ELSE '1' END WHERE version IN (1, 2)";
    let error = migrate_after(both).await.unwrap_err();
    assert!(format!("{:#}", anyhow::Error::from(error)).contains("is different than"));
}

#[tokio::test]
async fn the_time_outs_of_the_role_are_set_in_the_database() {
    let url = empty_database().await;
    db::migrate(&settings(&url)).await.unwrap();
    let pool = pool(&url, Statements::Prepared, 1);
    let client = pool.client().await.unwrap();
    for (name, value) in [
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("lock_timeout", "20s"),
        ("jit", "off"),
    ] {
        let row = client
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), value, "{name}");
    }
}
