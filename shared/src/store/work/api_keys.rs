//! The table `api_keys`: the hashes and permissions of the API keys. [`crate::platform::api_keys`] generates
//! and hashes the keys.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::{Error, Row};

use crate::platform::api_keys::{KeyState, Scope};
use crate::platform::db::Client;

const INSERT: &str = "
    INSERT INTO api_keys (name, key_hash, scopes, expires_at)
    VALUES ($1, $2, $3, now() + make_interval(days => $4))
    RETURNING id, expires_at";

/// A key that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredKey {
    /// The id of the key.
    pub id: i64,
    /// When the key expires; `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Stores the hash and the permissions of a key that is valid for so many days, or until it is revoked.
///
/// # Errors
/// Also fails if the name is empty.
pub async fn insert(
    client: &Client<'_>,
    name: &str,
    key_hash: &[u8],
    scopes: &[Scope],
    valid_days: Option<i32>,
) -> Result<StoredKey, Error> {
    let row = client
        .query_one(INSERT, &[&name, &key_hash.to_vec(), &scopes, &valid_days])
        .await?;
    Ok(StoredKey {
        id: row.get("id"),
        expires_at: row.get("expires_at"),
    })
}

/// A key that a request was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// The id of the key.
    pub id: i64,
    /// The name that the operator gave it.
    pub name: String,
    /// The permissions of the key.
    pub scopes: Vec<Scope>,
    /// Whether the key is valid.
    pub state: KeyState,
}

// The time is written at most once a minute instead of once per request.
const FIND_USED: &str = "
    WITH found AS (
        SELECT k.id, k.name, k.scopes, key_state(k) AS state FROM api_keys k WHERE k.key_hash = $1
    ), used AS (
        UPDATE api_keys k SET last_used_at = now()
        FROM found
        WHERE k.id = found.id AND found.state = 'active'
          AND COALESCE(k.last_used_at, '-infinity') < now() - interval '1 minute'
    )
    SELECT id, name, scopes, state FROM found";

/// The key with this hash. The time of its use is stored if it is valid.
pub async fn find_used(client: &Client<'_>, key_hash: &[u8]) -> Result<Option<KnownKey>, Error> {
    let row = client.query_opt(FIND_USED, &[&key_hash.to_vec()]).await?;
    Ok(row.map(|row| KnownKey {
        id: row.get("id"),
        name: row.get("name"),
        scopes: scopes(&row),
        state: row.get("state"),
    }))
}

const FIND_STATE: &str = "SELECT key_state(k) AS state FROM api_keys k WHERE k.key_hash = $1";

/// Whether the key with this hash is valid; `None` if there is none. This is no use of the key.
pub async fn find_state(client: &Client<'_>, key_hash: &[u8]) -> Result<Option<KeyState>, Error> {
    let row = client.query_opt(FIND_STATE, &[&key_hash.to_vec()]).await?;
    Ok(row.map(|row| row.get("state")))
}

/// The permissions in a row. Unknown ones are ignored.
fn scopes(row: &Row) -> Vec<Scope> {
    let words: Vec<&str> = row.get("scopes");
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// A key as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// The id of the key.
    pub id: i64,
    /// The name that the operator gave it.
    pub name: String,
    /// The permissions of the key.
    pub scopes: Vec<Scope>,
    /// Whether the key is valid.
    pub state: KeyState,
    /// When the key was created.
    pub created_at: DateTime<Utc>,
    /// When the key expires; `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the key was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the key was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

const LIST: &str = "
    SELECT k.id, k.name, k.scopes, key_state(k) AS state, k.created_at, k.expires_at, k.last_used_at,
           k.revoked_at
    FROM api_keys k
    ORDER BY k.id";

/// All keys, including those that are not valid any more.
pub async fn list(client: &Client<'_>) -> Result<Vec<ApiKey>, Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| ApiKey {
            id: row.get("id"),
            name: row.get("name"),
            scopes: scopes(row),
            state: row.get("state"),
            created_at: row.get("created_at"),
            expires_at: row.get("expires_at"),
            last_used_at: row.get("last_used_at"),
            revoked_at: row.get("revoked_at"),
        })
        .collect())
}

const MARK_REVOKED: &str = "UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL";

/// Revokes a key, and returns whether there was one to revoke. A revoked key cannot be restored.
pub async fn mark_revoked(client: &Client<'_>, id: i64) -> Result<bool, Error> {
    Ok(client.execute(MARK_REVOKED, &[&id]).await? == 1)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, FIND_USED, FIND_STATE, LIST, MARK_REVOKED];
