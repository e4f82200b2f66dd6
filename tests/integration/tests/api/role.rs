//! The role of the API. All other tests of the API run as it, which shows that its rights are enough.

use integration::{database, settings};
use shared::platform::db::{self, Pool};
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn the_api_cannot_change_the_schema_or_make_keys() {
    let database = database().await;
    let role = db::prepare_api_role(&settings(&database.url)).await.unwrap();
    let pool = Pool::for_requests(&role, 1).unwrap();
    let client = pool.client().await.unwrap();
    for statement in [
        "CREATE TABLE extra ()",
        "CREATE FUNCTION extra() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE SCHEMA extra",
        "CREATE EXTENSION hstore",
        "ALTER TABLE artists ADD COLUMN extra int",
        "DROP INDEX operator_decisions_subject_idx",
        "DROP TABLE artists",
        "TRUNCATE artists",
        "CREATE OR REPLACE FUNCTION search_producers(query text, max_results int DEFAULT 20)
         RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real,
         track_count integer, artist_count integer) LANGUAGE sql AS ''",
        "DELETE FROM refinery_schema_history",
        "INSERT INTO api_keys (name, key_hash, scopes) VALUES ('own', '\\x00', '{write}')",
        "CREATE ROLE extra",
        "COPY artists TO PROGRAM 'true'",
    ] {
        let error = client.run(statement).await.unwrap_err();
        assert_eq!(
            error.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{statement}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_role_reads_and_writes_tables_of_later_migrations_and_is_made_once() {
    let database = database().await;
    let owner = settings(&database.url);
    let role = db::prepare_api_role(&owner).await.unwrap();
    let pool = Pool::for_requests(&role, 2).unwrap();
    let client = pool.client().await.unwrap();
    database.execute("CREATE TABLE later (x int)").await;
    client.run("INSERT INTO later VALUES (1)").await.unwrap();
    let row = client
        .query_one("SELECT current_user::text, current_setting('lock_timeout')", &[])
        .await;
    let row = row.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("linernotes_api", "10s"));

    db::prepare_api_role(&owner).await.unwrap();
    pool.client().await.expect("the password is still the same");
}
