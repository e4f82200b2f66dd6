//! Points at which a statement fails or waits, so that a test decides what happens in the middle of some
//! work.
//!
//! Triggers do it. A full disk is one that says so with Postgres' own code; what Postgres itself does when
//! its disk is full, such as stopping because it cannot write its log, is not tested.

use rand::Rng;
use shared::platform::db::Client;

use crate::database::Database;

const DISK_FULL: &str = "
    BEGIN
        IF nextval('written') > AFTER THEN
            RAISE 'could not extend file \"base/1/2\": No space left on device'
                USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
        END IF;
        RESULT
    END";

/// Makes the disk full once `after` statements have written into a table.
pub async fn fill_disk_at_write(database: &Database, table: &str, after: u32) {
    let refuse = DISK_FULL
        .replace("AFTER", &after.to_string())
        .replace("RESULT", "RETURN NULL;");
    let sql = format!(
        "CREATE SEQUENCE written;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${refuse}$$;
         CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
    );
    database.client().await.run(&sql).await.unwrap();
}

/// Makes the disk full once `after` indexes were created.
pub async fn fill_disk_at_index(database: &Database, after: u32) {
    let refuse = DISK_FULL
        .replace("AFTER", &after.to_string())
        .replace("RESULT", "");
    let sql = format!(
        "CREATE SEQUENCE written;
         CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $${refuse}$$;
         CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
             EXECUTE FUNCTION refuse()"
    );
    database.client().await.run(&sql).await.unwrap();
}

/// Frees the disk.
pub async fn free_disk(database: &Database) {
    let sql = "DROP FUNCTION refuse CASCADE; DROP SEQUENCE written";
    database.client().await.run(sql).await.unwrap();
}

/// Tables into which a load writes once in every batch.
const TABLES_OF_A_BATCH: [&str; 3] = ["albums", "tracks", "credits"];

const HOLD_KEY: i64 = 4_711;
const BLOCKED_ON_HOLD: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711
    AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const OTHER_ADVISORY_LOCKS: &str =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const TERMINATE_SESSIONS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid NOT IN (
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted)";

/// One statement that waits until the test lets it go on.
pub struct HeldStatement<'a> {
    database: &'a Database,
    client: Client<'static>,
}

impl<'a> HeldStatement<'a> {
    /// Holds the `number`th statement, counted from 1, that writes into any of `tables` from now on.
    pub async fn write_into(database: &'a Database, tables: &[&str], number: u32) -> Self {
        let client = database.client().await;
        let lock = "SELECT pg_advisory_lock($1)";
        client.query_one(lock, &[&HOLD_KEY]).await.unwrap();
        let mut sql = format!(
            "CREATE SEQUENCE held_statements;
             CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
                 IF nextval('held_statements') = {number} THEN
                     PERFORM pg_advisory_xact_lock({HOLD_KEY});
                 END IF;
                 RETURN NULL;
             END $$;"
        );
        for table in tables {
            sql.push_str(&format!(
                "CREATE TRIGGER hold BEFORE INSERT OR UPDATE OR DELETE ON {table}
                     FOR EACH STATEMENT EXECUTE FUNCTION hold();"
            ));
        }
        client.run(&sql).await.unwrap();
        Self { database, client }
    }

    /// Holds a load while it writes its `number`th batch from now on, counted from 1, into one of its tables.
    pub async fn write_of_batch(database: &'a Database, random: &mut impl Rng, number: u32) -> Self {
        let table = TABLES_OF_A_BATCH[random.random_range(0..TABLES_OF_A_BATCH.len())];
        Self::write_into(database, &[table], number).await
    }

    /// Waits until the statement is held.
    pub async fn wait(&self) {
        self.database.wait_for(BLOCKED_ON_HOLD).await;
    }

    /// Lets the statement go on.
    pub async fn release(self) {
        let unlock = "SELECT pg_advisory_unlock($1)";
        self.client.query_one(unlock, &[&HOLD_KEY]).await.unwrap();
    }

    /// Terminates all sessions of the database but the one that holds the statement. Then removes the
    /// failpoint.
    pub async fn terminate_sessions(self) {
        self.database.count(TERMINATE_SESSIONS).await;
        self.release_after_kill().await;
    }

    /// Lets the statement go on whose client is gone, and waits until its session and all others that hold
    /// advisory locks have ended. Then removes the failpoint.
    pub async fn release_after_kill(self) {
        let database = self.database;
        self.release().await;
        let what = "the sessions of a killed client end";
        let has_ended = async || database.count(OTHER_ADVISORY_LOCKS).await == 0;
        crate::waiting::wait_until(what, has_ended).await;
        remove_hold(database).await;
    }
}

/// Removes a failpoint that [`HeldStatement::write_into`] made; the next one can be made then.
pub async fn remove_hold(database: &Database) {
    let sql = "DROP FUNCTION hold CASCADE; DROP SEQUENCE held_statements";
    database.client().await.run(sql).await.unwrap();
}

/// A statement that makes any `CREATE INDEX` fail that runs with a statement time-out.
pub const REFUSE_INDEXES_WITH_TIME_OUT: &str = "
    CREATE SEQUENCE made;
    CREATE FUNCTION refuse_time_out() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM nextval('made');
        IF current_setting('statement_timeout') <> '0' THEN RAISE 'an index with a statement time-out'; END
        IF;
    END $$;
    CREATE EVENT TRIGGER refuse_time_out ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
        EXECUTE FUNCTION refuse_time_out()";
