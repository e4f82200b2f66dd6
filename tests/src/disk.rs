//! A database that says its disk is full. It is not: triggers say so, with the code that Postgres has for it, so that how a
//! load takes it is tested everywhere; what Postgres itself does then, such as to end for want of room for its log, is not.

use crate::Database;

const REFUSE: &str = "
    BEGIN
        IF nextval('written') > AFTER THEN
            RAISE 'could not extend file \"base/1/2\": No space left on device' USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
        END IF;
        RESULT
    END";

/// Lets the disk be full once so many statements have written into a table.
pub async fn fill_at_writing(database: &Database, table: &str, after: u32) {
    let refuse = REFUSE
        .replace("AFTER", &after.to_string())
        .replace("RESULT", "RETURN NULL;");
    let sql = format!(
        "CREATE SEQUENCE written;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${refuse}$$;
         CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
    );
    database.client().await.run(&sql).await.unwrap();
}

/// Lets the disk be full once so many indexes were made.
pub async fn fill_at_indexes(database: &Database, after: u32) {
    let refuse = REFUSE.replace("AFTER", &after.to_string()).replace("RESULT", "");
    let sql = format!(
        "CREATE SEQUENCE written;
         CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $${refuse}$$;
         CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse()"
    );
    database.client().await.run(&sql).await.unwrap();
}

/// Lets there be room again.
pub async fn make_room(database: &Database) {
    let sql = "DROP FUNCTION refuse CASCADE; DROP SEQUENCE written";
    database.client().await.run(sql).await.unwrap();
}
