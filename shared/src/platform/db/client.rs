//! The client through which every statement is sent, on a pooled connection or in a transaction.
//!
//! A named prepared statement is planned once and stays on its server connection. It therefore fails behind a
//! pooler that uses another server connection for each transaction and cannot track the names (pgbouncer
//! before 1.21, or with `max_prepared_statements = 0`). With `DATABASE_STATEMENTS=unnamed` every statement is
//! sent in full with its types and leaves nothing on the server connection.
//!
//! To make both modes behave alike, the types of the parameters come from Rust ([`Param`]) and only built-in
//! types cross the wire: an enum is sent as `$1::text::source` and read as `source::text`. Nothing outlives
//! its transaction: SET LOCAL instead of SET, transaction locks only, and no start-up parameters except the
//! encoding, `application_name` and the URL's `options`. The one exception is [`super::Pool::for_requests`],
//! and only with named statements.

use std::io::Cursor;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::SinkExt as _;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::clock::{DatabaseClock, READ_CLOCK};
use super::pooled_connection::{PooledConnection, StatementsUnderWay};
use super::settings::Statements;
use crate::domain::params::Param;

/// A connection, or a transaction on one.
pub struct Client<'a> {
    connection: Connection<'a>,
    statements: Statements,
    clock: Arc<DatabaseClock>,
    under_way: StatementsUnderWay,
}

enum Connection<'a> {
    Pooled(PooledConnection),
    Transaction(deadpool_postgres::Transaction<'a>),
}

/// Calls one method of the driver on either kind of connection, with a prepared or an unnamed statement.
macro_rules! run {
    ($client:expr, $sql:expr, $params:expr, $prepared:ident, $unnamed:ident) => {{
        let params: &[&dyn Param] = $params;
        // Boxed, because the futures of all handlers contain this one.
        let run = Box::pin(async {
            match ($client.statements, &$client.connection) {
                (Statements::Prepared, Connection::Pooled(client)) => {
                    let statement = client.prepare_typed_cached($sql, &types(params)).await?;
                    client.$prepared(&statement, &values(params)).await
                }
                (Statements::Prepared, Connection::Transaction(transaction)) => {
                    let statement = transaction.prepare_typed_cached($sql, &types(params)).await?;
                    transaction.$prepared(&statement, &values(params)).await
                }
                (Statements::Unnamed, Connection::Pooled(client)) => {
                    client.$unnamed($sql, &typed(params)).await
                }
                (Statements::Unnamed, Connection::Transaction(transaction)) => {
                    transaction.$unnamed($sql, &typed(params)).await
                }
            }
        });
        $client.under_way.count(run).await
    }};
}

impl Client<'_> {
    /// A client on a connection of the pool.
    pub(super) fn pooled(
        connection: PooledConnection,
        statements: Statements,
        clock: Arc<DatabaseClock>,
    ) -> Self {
        Self {
            under_way: connection.under_way(),
            connection: Connection::Pooled(connection),
            statements,
            clock,
        }
    }

    /// As [`super::Pool::now`].
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Reads the clock of the database, which also corrects [`Client::now`] and [`super::Pool::now`].
    pub async fn read_clock(&self) -> Result<DateTime<Utc>, Error> {
        let asked_at = Utc::now();
        let now = self.query_one(READ_CLOCK, &[]).await?.get("now");
        self.clock.set(asked_at, now);
        Ok(now)
    }

    /// Runs a query and returns all its rows.
    pub async fn query(&self, sql: &str, params: &[&dyn Param]) -> Result<Vec<Row>, Error> {
        run!(self, sql, params, query, query_typed)
    }

    /// Runs a query that returns exactly one row.
    ///
    /// # Errors
    /// Also fails if the query returns another number of rows.
    pub async fn query_one(&self, sql: &str, params: &[&dyn Param]) -> Result<Row, Error> {
        run!(self, sql, params, query_one, query_typed_one)
    }

    /// Runs a query that returns at most one row.
    ///
    /// # Errors
    /// Also fails if the query returns more than one row.
    pub async fn query_opt(&self, sql: &str, params: &[&dyn Param]) -> Result<Option<Row>, Error> {
        run!(self, sql, params, query_opt, query_typed_opt)
    }

    /// Runs a statement and returns the number of rows it wrote.
    pub async fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<u64, Error> {
        run!(self, sql, params, execute, execute_typed)
    }

    /// Runs COPY … FROM STDIN with rows in the binary format and returns the number of rows.
    pub async fn copy_in(&self, sql: &str, rows: Cursor<Vec<u8>>) -> Result<u64, Error> {
        let run = async {
            let sink = match &self.connection {
                Connection::Pooled(client) => client.copy_in(sql).await?,
                Connection::Transaction(transaction) => transaction.copy_in(sql).await?,
            };
            let mut sink = std::pin::pin!(sink);
            sink.send(rows).await?;
            sink.finish().await
        };
        self.under_way.count(run).await
    }

    /// Runs a statement that has no parameters, returns no rows and cannot be prepared, such as CREATE INDEX.
    pub async fn run(&self, sql: &str) -> Result<(), Error> {
        let run = async {
            match &self.connection {
                Connection::Pooled(client) => client.batch_execute(sql).await,
                Connection::Transaction(transaction) => transaction.batch_execute(sql).await,
            }
        };
        self.under_way.count(run).await
    }

    /// Prepares a statement without running it, which checks that it fits the schema.
    pub async fn prepare(&self, sql: &str) -> Result<(), Error> {
        match &self.connection {
            Connection::Pooled(client) => client.prepare(sql).await.map(drop),
            Connection::Transaction(transaction) => transaction.prepare(sql).await.map(drop),
        }
    }

    /// Begins a transaction, or a savepoint inside one. It is rolled back when it is dropped without a
    /// commit.
    pub async fn transaction(&mut self) -> Result<Client<'_>, Error> {
        let transaction = match &mut self.connection {
            Connection::Pooled(client) => client.transaction().await?,
            Connection::Transaction(transaction) => transaction.transaction().await?,
        };
        Ok(Client {
            connection: Connection::Transaction(transaction),
            statements: self.statements,
            clock: Arc::clone(&self.clock),
            under_way: self.under_way.clone(),
        })
    }

    /// Commits the transaction. Outside a transaction it does nothing.
    pub async fn commit(self) -> Result<(), Error> {
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
