//! The schema: refinery's migrations, run over connections of their own, one process at a time. Nothing here outlives its
//! transaction, so that it may go through a pooler that hands out another server connection for the next one.

use refinery::error::Kind;
use refinery::{AsyncMigrate, Migration, Runner};
use refinery_core::traits::r#async::{AsyncQuery, AsyncTransaction};

use super::{DatabaseSettings, InvalidUrl};
use crate::db::settings::ConnectError;

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// What a transaction of a migration may take longer for than the role's time-outs allow, and what it need not tell.
const UNHURRIED: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = warning";

/// Two migrations at once would trip over each other; refinery takes no lock. The number is arbitrary.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4205109)";

/// What every connection of the role gets, set in the database so that no pooled connection needs a SET:
/// a statement or an idle transaction that hangs is ended, and short queries are not compiled.
const ROLE_SETTINGS: &str = "
DO $$
DECLARE setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY['statement_timeout = ''60s''', 'idle_in_transaction_session_timeout = ''60s''', 'lock_timeout = ''20s''', 'jit = off'] LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET %s', current_user, current_database(), setting);
    END LOOP;
END $$";

/// What migrating did.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations applied now, such as `V1__catalog`.
    pub applied: Vec<String>,
    /// The version of the schema.
    pub version: i32,
    /// Whether it is of a later program than this one, which left it as it is: what was rolled back meets such a schema.
    pub is_newer: bool,
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A migration failed; those before it stay.
    #[error("migrating the schema failed")]
    Migration(#[from] refinery::Error),
    /// The database refused something else.
    #[error("preparing the database failed")]
    Postgres(#[from] tokio_postgres::Error),
}

impl From<InvalidUrl> for MigrateError {
    fn from(error: InvalidUrl) -> Self {
        Self::Connect(error.into())
    }
}

/// Brings the schema up to date. Run twice it does nothing; run twice at once, the second waits for the first. A schema
/// that has all of this program's migrations and later ones is left as it is, with a warning.
///
/// # Errors
/// Where the database cannot be reached, has other migrations than this program's, or a migration fails.
pub async fn migrate(settings: &DatabaseSettings) -> Result<MigrationReport, MigrateError> {
    // Each migration commits by itself, so a transaction that holds the lock for all of them needs a second connection.
    let mut holder = settings.connect().await?;
    let lock = holder.transaction().await?;
    lock.batch_execute(UNHURRIED).await?;
    lock.batch_execute(LOCK).await?;
    let mut connection = Unhurried(settings.connect().await?);
    let runner = embedded::migrations::runner();
    let report = match runner.run_async(&mut connection).await {
        Ok(report) => report,
        Err(error) => {
            let version = newer(&runner, &mut connection, &error).await?.ok_or(error)?;
            tracing::warn!(
                version,
                "the schema is newer than this program, which leaves it as it is"
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

/// The version of a schema that was refused only because it has migrations that came after all of ours.
async fn newer(
    runner: &Runner,
    connection: &mut Unhurried,
    refusal: &refinery::Error,
) -> Result<Option<i32>, refinery::Error> {
    let Kind::MissingVersion(unknown) = refusal.kind() else {
        return Ok(None);
    };
    let applied = runner.get_applied_migrations_async(connection).await?;
    let has_ours = versions(runner.get_migrations())
        .all(|ours| ours < unknown.version() && versions(&applied).any(|version| version == ours));
    Ok(versions(&applied).max().filter(|_| has_ours))
}

fn versions(migrations: &[Migration]) -> impl Iterator<Item = i32> {
    migrations.iter().map(Migration::version)
}

/// A connection on which every transaction that writes takes the time it needs.
struct Unhurried(tokio_postgres::Client);

impl AsyncTransaction for Unhurried {
    type Error = tokio_postgres::Error;

    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(
        &mut self,
        queries: T,
    ) -> Result<usize, Self::Error> {
        let transaction = self.0.transaction().await?;
        transaction.batch_execute(UNHURRIED).await?;
        let mut count = 0;
        for query in queries {
            transaction.batch_execute(query).await?;
            count += 1;
        }
        transaction.commit().await?;
        Ok(count)
    }
}

impl AsyncQuery<Vec<Migration>> for Unhurried {
    async fn query(&mut self, query: &str) -> Result<Vec<Migration>, Self::Error> {
        AsyncQuery::query(&mut self.0, query).await
    }
}

impl AsyncMigrate for Unhurried {}
