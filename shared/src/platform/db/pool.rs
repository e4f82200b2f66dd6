//! A pool of database connections.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool_postgres::{Connect, Manager, ManagerConfig, PoolError, RecyclingMethod, Timeouts};
use tokio::task::JoinHandle;
use tokio_postgres::types::Type;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::client::Client;
use super::clock::{DatabaseClock, READ_CLOCK};
use super::errors::InvalidUrl;
use super::pooled_connection::PooledConnection;
use super::settings::{DatabaseSettings, Statements};
use crate::platform::error_text::error_text;

/// The longest that [`Pool::connect_ahead`] waits. A Lambda function has ten seconds to start, and a database
/// that was paused takes longer than that to wake up.
const CONNECT_AHEAD_TIMEOUT: Duration = Duration::from_secs(4);
const _: () = assert!(CONNECT_AHEAD_TIMEOUT.as_secs() < 10);

/// How long a request may wait for a free connection. A longer wait would only fill its time.
const REQUEST_WAIT: Duration = Duration::from_secs(2);

/// The longest time of a statement of a request. With the wait for a connection it is shorter than the time
/// of the whole request.
pub const REQUEST_STATEMENT_TIME_OUT: Duration = Duration::from_secs(10);

/// A pool of connections, each of which is checked before it is handed out.
#[derive(Clone)]
pub struct Pool {
    pool: deadpool_postgres::Pool,
    statements: Statements,
    clock: Arc<DatabaseClock>,
    tls: MakeRustlsConnect,
}

impl Pool {
    /// Creates a pool of at most `connections` connections. It opens none yet.
    ///
    /// # Errors
    /// Fails if the file named by `sslrootcert` cannot be read.
    pub fn new(settings: &DatabaseSettings, connections: usize) -> Result<Self, InvalidUrl> {
        Self::with_limits(settings, connections, settings.connect_timeout(), None)
    }

    /// As [`Pool::new`], for requests that people wait for. It gives up sooner if no connection is free, and
    /// ends a statement after [`REQUEST_STATEMENT_TIME_OUT`]. With unnamed statements only the role can have
    /// that time-out, because a pooler would give the session to others.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub fn for_requests(settings: &DatabaseSettings, connections: usize) -> Result<Self, InvalidUrl> {
        let time_out = match settings.statements() {
            Statements::Prepared => Some(REQUEST_STATEMENT_TIME_OUT),
            Statements::Unnamed => None,
        };
        Self::with_limits(settings, connections, REQUEST_WAIT, time_out)
    }

    fn with_limits(
        settings: &DatabaseSettings,
        connections: usize,
        wait: Duration,
        statement_time_out: Option<Duration>,
    ) -> Result<Self, InvalidUrl> {
        // A connection that was frozen together with its Lambda instance can be dead without the client
        // knowing it.
        let config = ManagerConfig {
            recycling_method: RecyclingMethod::Verified,
        };
        let clock = Arc::new(DatabaseClock::default());
        let tls = settings.tls()?;
        let connector = Connector {
            clock: Arc::clone(&clock),
            settings: settings.clone(),
            statement_time_out,
            tls: tls.clone(),
        };
        let manager = Manager::from_connect(settings.config().clone(), connector, config);
        let timeout = Some(settings.connect_timeout());
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(connections)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(wait),
                create: timeout,
                recycle: timeout,
            })
            .build()
            .expect("a pool with a runtime can have time-outs");
        Ok(Self {
            pool,
            statements: settings.statements(),
            clock,
            tls,
        })
    }

    /// The time by the clock of the database. It is an estimate, which can be ahead by the time that a
    /// statement takes: for a time that other processes compare with theirs see [`Client::read_clock`].
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The time by the clock of the database at this time of our clock, as an upstream states it.
    #[must_use]
    pub fn database_time(&self, ours: DateTime<Utc>) -> DateTime<Utc> {
        self.clock.database_time(ours)
    }

    /// A connection from the pool. It returns to the pool when it is dropped.
    ///
    /// # Errors
    /// Fails if no connection becomes free or can be opened within ten seconds, or `connect_timeout`.
    pub async fn client(&self) -> Result<Client<'static>, PoolError> {
        let connection = self.pool.get().await?;
        Ok(Client::pooled(
            PooledConnection::new(connection, self.tls.clone()),
            self.statements,
            Arc::clone(&self.clock),
        ))
    }

    /// Opens a connection before anybody needs it. A failure is only logged as a warning: the next caller of
    /// [`Pool::client`] tries again.
    pub async fn connect_ahead(&self) {
        let cause = match tokio::time::timeout(CONNECT_AHEAD_TIMEOUT, self.pool.get()).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error_text(&error),
            Err(_) => format!("no answer in {} seconds", CONNECT_AHEAD_TIMEOUT.as_secs()),
        };
        tracing::warn!(cause, "could not connect to the database at start");
    }

    /// Closes every connection. Later calls of [`Pool::client`] fail.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Opens the connections of a pool as the settings say, and reads the clock with each.
struct Connector {
    clock: Arc<DatabaseClock>,
    settings: DatabaseSettings,
    statement_time_out: Option<Duration>,
    tls: MakeRustlsConnect,
}

const SET_TIME_OUT: &str = "SELECT set_config('statement_timeout', $1, false)";

type Opened = Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error>;

impl Connect for Connector {
    fn connect(&self, _: &tokio_postgres::Config) -> Pin<Box<dyn Future<Output = Opened> + Send + '_>> {
        Box::pin(async {
            let (client, connection) = self.settings.open(self.tls.clone()).await?;
            let asked_at = Utc::now();
            let rows = client.query_typed(READ_CLOCK, &[]).await?;
            self.clock.set(asked_at, rows[0].get("now"));
            if let Some(time_out) = self.statement_time_out {
                let ms = time_out.as_millis().to_string();
                client.query_typed(SET_TIME_OUT, &[(&ms, Type::TEXT)]).await?;
            }
            Ok((client, connection))
        })
    }
}
