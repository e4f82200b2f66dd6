//! A fingerprint takes longer than the role's statements may where the catalog is large.

use integration::database;
use integration::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_fingerprint_takes_the_time_it_needs() {
    let database = database().await;
    let sql = "
        INSERT INTO producers (name, normalized_name) VALUES ('A Producer', 'a producer');
        CREATE OR REPLACE FUNCTION producer_key(producer_id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
            BEGIN PERFORM pg_sleep(3); RETURN 'producer:' || producer_id; END $$;
        DO $$ BEGIN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = ''2s''', current_user, current_database());
        END $$";
    database.client().await.run(sql).await.unwrap();
    let ended = Program::start(&database, &["fingerprint"]).end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stdout.trim().len(), 64);
}
