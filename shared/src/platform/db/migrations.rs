//! Applies the migrations of the schema with refinery, on separate connections, in one process at a time. No
//! state outlives its transaction, so this also works through a pooler that uses another server connection
//! for each one.

use refinery::error::Kind;
use refinery::{AsyncMigrate, Migration, Runner};
use refinery_core::traits::r#async::{AsyncQuery, AsyncTransaction};
use tokio_postgres::types::{ToSql, Type};

use super::errors::{ConnectError, InvalidUrl};
use super::settings::DatabaseSettings;

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// Lifts the role's time-outs for one transaction of a migration and hides notices.
const NO_TIMEOUTS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = warning";

/// Keeps two processes from migrating at once, because refinery takes no lock. The number is arbitrary.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4205109)";

/// Settings for every connection of the role, stored in the database so that no pooled connection needs a
/// SET: statements and idle transactions that hang are ended, and short queries are not compiled.
const ROLE_SETTINGS: &str = "
DO $$
DECLARE setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'statement_timeout = ''60s''', 'idle_in_transaction_session_timeout = ''60s''',
        'lock_timeout = ''20s''', 'jit = off'
    ] LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET %s', current_user, current_database(), setting);
    END LOOP;
END $$";

/// The result of a migration.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations that this run applied, such as `V1__catalog`.
    pub applied: Vec<String>,
    /// The version of the schema.
    pub version: i32,
    /// Whether the schema belongs to a later version of the program, as after a rollback. It was then left
    /// unchanged.
    pub is_newer: bool,
}

/// Why the schema could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection could be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A migration failed. Those before it stay applied.
    #[error("migrating the schema failed")]
    Migration(#[from] refinery::Error),
    /// Another statement failed.
    #[error("preparing the database failed")]
    Postgres(#[from] tokio_postgres::Error),
}

impl From<InvalidUrl> for MigrateError {
    fn from(error: InvalidUrl) -> Self {
        Self::Connect(error.into())
    }
}

/// Applies the migrations that the schema lacks. A second run changes nothing, and a concurrent one waits for
/// the first. A schema that has all of this program's migrations and later ones is left unchanged, with a
/// warning.
///
/// # Errors
/// Also fails if the database has migrations that this program lacks, unless they all come after its own.
pub async fn migrate(settings: &DatabaseSettings) -> Result<MigrationReport, MigrateError> {
    // Each migration commits by itself, so a transaction that holds the lock for all of them needs a second
    // connection.
    let mut holder = settings.connect().await?;
    let lock = holder.transaction().await?;
    lock.batch_execute(NO_TIMEOUTS).await?;
    lock.batch_execute(LOCK).await?;
    let mut connection = NoTimeoutConnection(settings.connect().await?);
    let runner = embedded::migrations::runner();
    accept_reworded_comments(&runner, &connection.0).await?;
    let report = match runner.run_async(&mut connection).await {
        Ok(report) => report,
        Err(error) => {
            let version = newer_version(&runner, &mut connection, &error)
                .await?
                .ok_or(error)?;
            tracing::warn!(
                version,
                "the schema is newer than this program and was left unchanged"
            );
            return Ok(MigrationReport {
                applied: Vec::new(),
                version,
                is_newer: true,
            });
        }
    };
    connection.0.batch_execute(ROLE_SETTINGS).await?;
    lock.commit().await?;
    let applied: Vec<_> = report
        .applied_migrations()
        .iter()
        .map(|migration| format!("V{}__{}", migration.version(), migration.name()))
        .collect();
    let version = versions(runner.get_migrations()).max().unwrap_or(0);
    Ok(MigrationReport {
        applied,
        version,
        is_newer: false,
    })
}

/// The version of a schema that refinery rejected only because it has migrations later than all of ours.
async fn newer_version(
    runner: &Runner,
    connection: &mut NoTimeoutConnection,
    error: &refinery::Error,
) -> Result<Option<i32>, refinery::Error> {
    let Kind::MissingVersion(unknown) = error.kind() else {
        return Ok(None);
    };
    let applied = runner.get_applied_migrations_async(connection).await?;
    let has_ours = versions(runner.get_migrations())
        .all(|ours| ours < unknown.version() && versions(&applied).any(|version| version == ours));
    Ok(versions(&applied).max().filter(|_| has_ours))
}

/// Checksums of the migrations before their comments were reworded, which needs no change in a database.
const REWORDED: [(i32, &str); 11] = [
    (1, "7319425970959252491"),
    (2, "162895174543346278"),
    (3, "2293941544711470521"),
    (4, "15326434386013677200"),
    (5, "6160352125343559518"),
    (6, "13716807467401849555"),
    (7, "18011451902062690283"),
    (8, "2143964989758936495"),
    (9, "497038627526201801"),
    (10, "2325749201166816538"),
    (11, "5630315407579174007"),
];

/// Replaces those checksums, since refinery refuses a database with other checksums than its own.
async fn accept_reworded_comments(
    runner: &Runner,
    client: &tokio_postgres::Client,
) -> Result<(), tokio_postgres::Error> {
    const HAS_HISTORY: &str = "SELECT to_regclass('refinery_schema_history') IS NOT NULL AS has_history";
    const REPLACE: &str =
        "UPDATE refinery_schema_history SET checksum = $3 WHERE version = $1 AND checksum = $2";
    let row = client.query_typed_one(HAS_HISTORY, &[]).await?;
    if !row.get::<_, bool>("has_history") {
        return Ok(());
    }
    for migration in runner.get_migrations() {
        let reworded = REWORDED
            .iter()
            .find(|(version, _)| *version == migration.version());
        if let Some((version, before)) = reworded {
            let now = migration.checksum().to_string();
            let params: [(&(dyn ToSql + Sync), Type); 3] =
                [(version, Type::INT4), (before, Type::TEXT), (&now, Type::TEXT)];
            client.execute_typed(REPLACE, &params).await?;
        }
    }
    Ok(())
}

fn versions(migrations: &[Migration]) -> impl Iterator<Item = i32> {
    migrations.iter().map(Migration::version)
}

/// A connection on which transactions that write have no time-outs.
struct NoTimeoutConnection(tokio_postgres::Client);

impl AsyncTransaction for NoTimeoutConnection {
    type Error = tokio_postgres::Error;

    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(
        &mut self,
        queries: T,
    ) -> Result<usize, Self::Error> {
        let transaction = self.0.transaction().await?;
        transaction.batch_execute(NO_TIMEOUTS).await?;
        let mut count = 0;
        for query in queries {
            transaction.batch_execute(query).await?;
            count += 1;
        }
        transaction.commit().await?;
        Ok(count)
    }
}

impl AsyncQuery<Vec<Migration>> for NoTimeoutConnection {
    async fn query(&mut self, query: &str) -> Result<Vec<Migration>, Self::Error> {
        AsyncQuery::query(&mut self.0, query).await
    }
}

impl AsyncMigrate for NoTimeoutConnection {}
