//! Applies the migrations of the schema with refinery, on separate connections, in one process at a time. No
//! state outlives its transaction, so this also works through a pooler that uses another server connection
//! for each one.

use refinery::error::Kind;
use refinery::{AsyncMigrate, Migration, Runner};
use refinery_core::traits::r#async::{AsyncQuery, AsyncTransaction};

use super::client::Client;
use super::database_checks::{self, UnusableDatabase};
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
    /// The database cannot hold the schema. Nothing was created.
    #[error(transparent)]
    Database(#[from] UnusableDatabase),
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
    database_checks::check(&connection.0).await??;
    let mut runner = embedded::migrations::runner();
    let mut result = runner.run_async(&mut connection).await;
    if let Err(error) = &result
        && matches!(error.kind(), Kind::DivergentVersion(..))
    {
        let applied = runner.get_applied_migrations_async(&mut connection).await?;
        if differ_in_comments_only(&applied, runner.get_migrations()) {
            runner = runner.set_abort_divergent(false);
            result = runner.run_async(&mut connection).await;
        }
    }
    let report = match result {
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

const FIND_VERSION: &str = "SELECT max(version) AS version FROM refinery_schema_history";

/// The version of the schema of a migrated database.
pub async fn find_schema_version(client: &Client<'_>) -> Result<i32, tokio_postgres::Error> {
    let row = client.query_one(FIND_VERSION, &[]).await?;
    Ok(row.get::<_, Option<i32>>("version").unwrap_or(0))
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

/// Checksums of the migrations before their comments were reworded. Their statements are the same.
const REWORDED: [(i32, u64); 11] = [
    (1, 7_319_425_970_959_252_491),
    (2, 162_895_174_543_346_278),
    (3, 2_293_941_544_711_470_521),
    (4, 15_326_434_386_013_677_200),
    (5, 6_160_352_125_343_559_518),
    (6, 13_716_807_467_401_849_555),
    (7, 18_011_451_902_062_690_283),
    (8, 2_143_964_989_758_936_495),
    (9, 497_038_627_526_201_801),
    (10, 2_325_749_201_166_816_538),
    (11, 5_630_315_407_579_174_007),
];

/// Whether the applied migrations differ from ours in their comments alone, if at all.
fn differ_in_comments_only(applied: &[Migration], ours: &[Migration]) -> bool {
    applied.iter().all(|applied| {
        let same_version = ours.iter().find(|ours| ours.version() == applied.version());
        same_version.is_none_or(|ours| {
            let is_reworded = REWORDED.contains(&(applied.version(), applied.checksum()));
            ours == applied || (is_reworded && ours.name() == applied.name())
        })
    })
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
