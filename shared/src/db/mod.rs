//! The connection to Postgres: one client type for a pool's connection and a transaction, which alone decides how
//! statements are sent. SQL stays out: it is in [`crate::store`].
//!
//! A named prepared statement is planned once and lives on its server connection, so it breaks behind a pooler that
//! hands out another server connection per transaction and cannot keep the names apart (pgbouncer before 1.21, or with
//! `max_prepared_statements = 0`). With `DATABASE_STATEMENTS=unnamed` every statement is sent whole with its types, and
//! nothing of it is left on the server connection. For both ways to behave alike, the parameters' types come from Rust
//! ([`Param`]) and only built-in types cross the wire: an enum is sent as `$1::text::source` and read as
//! `source::text`. Nothing that is sent outlives its transaction: no SET but SET LOCAL, no lock but a transaction's,
//! and no start-up parameter beside the encoding and `application_name`.

mod migrations;
mod settings;
mod tls;

use std::io::Cursor;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, RecyclingMethod, Timeouts};
use futures::SinkExt as _;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

pub use crate::params::{Element, Param, Typed};
pub use deadpool_postgres::PoolError;
pub use migrations::{MigrateError, MigrationReport, migrate};
pub use settings::{ConnectError, DatabaseSettings, InvalidUrl, Statements};

/// How long a caller waits for a connection, whether one is busy or the server does not answer.
const WAIT: Duration = Duration::from_secs(10);

/// How long a function that starts waits for its first connection: it has ten seconds to start, and a database that was
/// paused takes longer than that.
const WAIT_AHEAD: Duration = Duration::from_secs(4);

/// Connections that are checked before each use.
#[derive(Clone)]
pub struct Pool {
    pool: deadpool_postgres::Pool,
    statements: Statements,
}

impl Pool {
    /// A pool of at most `connections`; none is opened yet.
    ///
    /// # Errors
    /// Where the certificates that `sslrootcert` names cannot be read.
    pub fn new(settings: &DatabaseSettings, connections: usize) -> Result<Self, InvalidUrl> {
        // A connection that was frozen with its Lambda instance can be dead without anybody having told us.
        let config = ManagerConfig {
            recycling_method: RecyclingMethod::Verified,
        };
        let manager = Manager::from_config(settings.config().clone(), settings.tls()?, config);
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(connections)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(WAIT),
                create: Some(WAIT),
                recycle: Some(WAIT),
            })
            .build()
            .expect("a pool with a runtime can have time-outs");
        Ok(Self {
            pool,
            statements: settings.statements(),
        })
    }

    /// A connection of the pool; it goes back when dropped.
    ///
    /// # Errors
    /// When none is free or could be opened in ten seconds.
    pub async fn client(&self) -> Result<Client<'static>, PoolError> {
        Ok(Client {
            connection: Connection::Pooled(self.pool.get().await?),
            statements: self.statements,
        })
    }

    /// Opens a connection before it is asked for. Where there is none yet, a warning says why, and whoever asks next tries
    /// again.
    pub async fn connect_ahead(&self) {
        let cause = match tokio::time::timeout(WAIT_AHEAD, self.pool.get()).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => format!("{:#}", anyhow::Error::from(error)),
            Err(_) => format!("no answer in {} seconds", WAIT_AHEAD.as_secs()),
        };
        tracing::warn!(cause, "the database could not be connected to at start");
    }

    /// Closes every connection; who asks for one afterwards gets an error.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// A connection, or a transaction on one.
pub struct Client<'a> {
    connection: Connection<'a>,
    statements: Statements,
}

enum Connection<'a> {
    Pooled(Object),
    Transaction(deadpool_postgres::Transaction<'a>),
}

/// Runs one method on whichever connection it is, as a prepared or as an unnamed statement.
macro_rules! run {
    ($client:expr, $sql:expr, $params:expr, $prepared:ident, $unnamed:ident) => {{
        let params: &[&dyn Param] = $params;
        match ($client.statements, &$client.connection) {
            (Statements::Prepared, Connection::Pooled(client)) => {
                let statement = client.prepare_typed_cached($sql, &types(params)).await?;
                client.$prepared(&statement, &values(params)).await
            }
            (Statements::Prepared, Connection::Transaction(transaction)) => {
                let statement = transaction.prepare_typed_cached($sql, &types(params)).await?;
                transaction.$prepared(&statement, &values(params)).await
            }
            (Statements::Unnamed, Connection::Pooled(client)) => client.$unnamed($sql, &typed(params)).await,
            (Statements::Unnamed, Connection::Transaction(transaction)) => {
                transaction.$unnamed($sql, &typed(params)).await
            }
        }
    }};
}

impl Client<'_> {
    /// Every row of the answer.
    ///
    /// # Errors
    /// The database's.
    pub async fn query(&self, sql: &str, params: &[&dyn Param]) -> Result<Vec<Row>, tokio_postgres::Error> {
        run!(self, sql, params, query, query_typed)
    }

    /// The row of the answer; an error where there is not exactly one.
    ///
    /// # Errors
    /// The database's, and another number of rows.
    pub async fn query_one(&self, sql: &str, params: &[&dyn Param]) -> Result<Row, tokio_postgres::Error> {
        run!(self, sql, params, query_one, query_typed_one)
    }

    /// The row of the answer, or none; an error where there are several.
    ///
    /// # Errors
    /// The database's, and more than one row.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: &[&dyn Param],
    ) -> Result<Option<Row>, tokio_postgres::Error> {
        run!(self, sql, params, query_opt, query_typed_opt)
    }

    /// How many rows were written.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<u64, tokio_postgres::Error> {
        run!(self, sql, params, execute, execute_typed)
    }

    /// Sends rows in the binary format of a COPY … FROM STDIN; gives how many there were.
    ///
    /// # Errors
    /// The database's.
    pub async fn copy_in(&self, sql: &str, rows: Cursor<Vec<u8>>) -> Result<u64, tokio_postgres::Error> {
        let sink = match &self.connection {
            Connection::Pooled(client) => client.copy_in(sql).await?,
            Connection::Transaction(transaction) => transaction.copy_in(sql).await?,
        };
        let mut sink = std::pin::pin!(sink);
        sink.send(rows).await?;
        sink.finish().await
    }

    /// Runs a statement that has neither parameters nor an answer and cannot be prepared, such as one that makes an index.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        match &self.connection {
            Connection::Pooled(client) => client.batch_execute(sql).await,
            Connection::Transaction(transaction) => transaction.batch_execute(sql).await,
        }
    }

    /// Prepares a statement without running it: that it fits the schema.
    ///
    /// # Errors
    /// The database's.
    pub async fn prepare(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        match &self.connection {
            Connection::Pooled(client) => client.prepare(sql).await.map(drop),
            Connection::Transaction(transaction) => transaction.prepare(sql).await.map(drop),
        }
    }

    /// Begins a transaction, which is rolled back when dropped; on a transaction, a savepoint.
    ///
    /// # Errors
    /// The database's.
    pub async fn transaction(&mut self) -> Result<Client<'_>, tokio_postgres::Error> {
        let transaction = match &mut self.connection {
            Connection::Pooled(client) => client.transaction().await?,
            Connection::Transaction(transaction) => transaction.transaction().await?,
        };
        Ok(Client {
            connection: Connection::Transaction(transaction),
            statements: self.statements,
        })
    }

    /// Commits what the transaction wrote. On a connection outside a transaction there is nothing to commit.
    ///
    /// # Errors
    /// The database's.
    pub async fn commit(self) -> Result<(), tokio_postgres::Error> {
        match self.connection {
            Connection::Pooled(_) => Ok(()),
            Connection::Transaction(transaction) => transaction.commit().await,
        }
    }
}

fn types(params: &[&dyn Param]) -> Vec<Type> {
    params.iter().map(|param| param.postgres_type()).collect()
}

fn values<'a>(params: &[&'a dyn Param]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param.value()).collect()
}

fn typed<'a>(params: &[&'a dyn Param]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    params
        .iter()
        .map(|param| (param.value(), param.postgres_type()))
        .collect()
}
