//! A fingerprint of a large catalog takes longer than the time-out of the role's statements.

use integration::database;
use integration::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_fingerprint_is_computed_without_a_statement_time_out() {
    let database = database().await;
    let sql = "
        INSERT INTO producers (name, normalized_name) VALUES ('A Producer', 'a producer');
        CREATE OR REPLACE FUNCTION producer_key(producer_id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
        BEGIN
            IF current_setting('statement_timeout') <> '0' THEN RAISE 'a statement time-out'; END IF;
            RETURN 'producer:' || producer_id;
        END $$";
    database.client().await.run(sql).await.unwrap();
    let exit = Program::start(&database, &["fingerprint"]).exit().await;
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.trim().len(), 64);
}
