//! Makes what the functions work with. On Lambda each function starts with [`Bootstrap::load`]; the
//! one-machine runtime and the tests make one from settings and a database of their own. The `Context` of
//! each function is made from it.

use anyhow::Context as _;

use crate::platform::config::{Config, InvalidSetting, Variable};
use crate::platform::db::Pool;
use crate::platform::telemetry;
use crate::upstreams::Clients;
use crate::work::budgets::Budgets;
use crate::work::queue::Queues;

/// Connections per instance on Lambda. Postgres has few connections for many instances. Handlers that run at
/// once share them, and the second one replaces a broken one.
const CONNECTIONS: usize = 2;

/// The settings, the database and the queues.
#[derive(Clone)]
pub struct Bootstrap {
    /// The settings.
    pub config: Config,
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
}

impl Bootstrap {
    /// Starts a function on Lambda: reads its settings, starts its log, and prepares the database and the
    /// queues. A database that does not answer is only logged, because it may answer the first message.
    ///
    /// # Errors
    /// If a setting is unusable, DATABASE_URL is not set, or the queues are on SQS and AWS_REGION is not set.
    pub async fn load(settings: &[Variable]) -> anyhow::Result<Self> {
        let config = load_config(settings).await?;
        let pool = Pool::new(&config.database()?, CONNECTIONS).context("prepare the database pool")?;
        Self::with_connection(config, pool).await
    }

    /// As [`Bootstrap::load`], for the API: with its own role if API_DATABASE_URL is set, and with the limits
    /// of [`Pool::for_requests`].
    ///
    /// # Errors
    /// As [`Bootstrap::load`].
    pub async fn load_for_requests(settings: &[Variable]) -> anyhow::Result<Self> {
        let config = load_config(settings).await?;
        let database = config.api_database()?;
        let pool = Pool::for_requests(&database, CONNECTIONS).context("prepare the database pool")?;
        Self::with_connection(config, pool).await
    }

    async fn with_connection(config: Config, pool: Pool) -> anyhow::Result<Self> {
        pool.connect_ahead().await;
        let queues = Queues::from_config(&config, &pool)
            .await
            .context("prepare the queues")?;
        Ok(Self { config, pool, queues })
    }

    /// The same, with another pool of the same database.
    #[must_use]
    pub fn with_pool(&self, pool: Pool) -> Self {
        Self {
            config: self.config.clone(),
            queues: self.queues.through(&pool),
            pool,
        }
    }

    /// The rate limits of the sources.
    #[must_use]
    pub fn budgets(&self) -> Budgets {
        let budgets = Budgets::new(self.pool.clone(), self.config.request_rates);
        budgets.with_credentials(self.config.credential_hashes())
    }

    /// Clients of the sources that have settings. Only functions that query sources make them: they would
    /// slow the start of the others.
    ///
    /// # Errors
    /// As [`Clients::new`].
    pub fn clients(&self) -> anyhow::Result<Clients> {
        Clients::new(&self.config)
    }
}

/// Reads the settings of a function and starts its log.
///
/// # Errors
/// As [`Config::load`].
pub async fn load_config(settings: &[Variable]) -> Result<Config, InvalidSetting> {
    let config = Config::load(settings).await?;
    telemetry::start(&config.log);
    for (source, refused) in &config.refused {
        tracing::error!(source = source.as_str(), "the source is disabled: {refused}");
    }
    Ok(config)
}
