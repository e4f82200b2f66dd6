//! A database of each test's own, copied from one that was migrated once.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use linernotes::cluster;
use shared::platform::api_keys::{self, Scope};
use shared::platform::db::{self, DatabaseSettings, Pool, Statements};
use shared::store;
use shared::store::catalog::fingerprint;
use tokio::sync::OnceCell;

use crate::waiting::wait_until;

const TEMPLATE: &str = "migrated_template";

/// A migrated database that no other test sees.
pub struct Database {
    /// Its URL.
    pub url: String,
    /// Connections to it.
    pub pool: Pool,
}

/// Creates a migrated database.
pub async fn database() -> Database {
    static MIGRATED: OnceCell<()> = OnceCell::const_new();
    let scratch = cluster::shared_for_tests().await.unwrap();
    MIGRATED
        .get_or_init(|| async {
            let url = scratch.database(TEMPLATE, "template1").await.unwrap();
            db::migrate(&settings(&url)).await.unwrap();
        })
        .await;
    let url = copy_of(TEMPLATE).await;
    let pool = Pool::new(&settings(&url), 16).unwrap();
    Database { url, pool }
}

/// Creates a database without a schema; gives its URL.
pub async fn empty_database() -> String {
    copy_of("template1").await
}

async fn copy_of(template: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let scratch = cluster::shared_for_tests().await.unwrap();
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    scratch.database(&name, template).await.unwrap()
}

/// The settings for the database at a URL.
pub fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings::parse(url, Statements::Prepared).unwrap()
}

const BLOCKED_SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Connections to the database at a URL.
pub fn pool(url: &str, statements: Statements, connections: usize) -> Pool {
    Pool::new(&DatabaseSettings::parse(url, statements).unwrap(), connections).unwrap()
}

/// Makes an API key with these scopes that does not expire; gives its id and the key.
pub async fn make_key(pool: &Pool, name: &str, scopes: &[Scope]) -> (i64, String) {
    let (client, key) = (pool.client().await.unwrap(), api_keys::generate());
    let hash = api_keys::hash(&key);
    let stored = store::work::api_keys::insert(&client, name, &hash, scopes, None).await;
    (stored.unwrap().id, key)
}

impl Database {
    /// A connection.
    pub async fn client(&self) -> db::Client<'static> {
        self.pool.client().await.unwrap()
    }

    /// Runs a statement; gives how many rows it wrote.
    pub async fn execute(&self, sql: &str) -> u64 {
        self.client().await.execute(sql, &[]).await.unwrap()
    }

    /// The first column of a query that gives texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.client().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The one value of a query that gives a number.
    pub async fn count(&self, sql: &str) -> i64 {
        self.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// The one value of a query that gives a time.
    pub async fn time(&self, sql: &str) -> DateTime<Utc> {
        self.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// What the clock of the database says.
    pub async fn now(&self) -> DateTime<Utc> {
        self.time("SELECT clock_timestamp()").await
    }

    /// Waits until a query counts something.
    pub async fn wait_for(&self, count: &str) {
        wait_until(count, async || self.count(count).await > 0).await;
    }

    /// How many sessions wait for a lock that another one holds.
    pub async fn count_blocked(&self) -> usize {
        self.count(BLOCKED_SESSIONS).await as usize
    }

    /// Waits until so many sessions wait for a lock that another one holds.
    pub async fn wait_for_blocked(&self, sessions: usize) {
        let what = format!("{sessions} sessions wait for a lock");
        wait_until(&what, async || self.count_blocked().await >= sessions).await;
    }

    /// The fingerprint of its contents.
    pub async fn fingerprint(&self) -> fingerprint::Fingerprint {
        fingerprint::compute(&self.client().await).await.unwrap()
    }
}
