//! The table `api_keys`: the hashes and permissions of the API keys. [`crate::platform::api_keys`] generates
//! and hashes the keys.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::{Error, Row};

use crate::platform::api_keys::Scope;
use crate::platform::db::Client;

const INSERT: &str = "
    INSERT INTO api_keys (name, key_hash, scopes)
    VALUES ($1, $2, $3)
    RETURNING id";

/// Stores the hash and the permissions of a key, and returns its id.
///
/// # Errors
/// Also fails if the name is empty.
pub async fn insert(
    client: &Client<'_>,
    name: &str,
    key_hash: &[u8],
    scopes: &[Scope],
) -> Result<i64, Error> {
    let row = client
        .query_one(INSERT, &[&name, &key_hash.to_vec(), &scopes])
        .await?;
    Ok(row.get("id"))
}

/// A key that a request was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedKey {
    /// The id of the key.
    pub id: i64,
    /// The name that the operator gave it.
    pub name: String,
    /// The permissions of the key.
    pub scopes: Vec<Scope>,
}

// The time is written at most once a minute instead of once per request.
const FIND_USED: &str = "
    WITH found AS (
        SELECT id, name, scopes FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL
    ), used AS (
        UPDATE api_keys k SET last_used_at = now()
        FROM found
        WHERE k.id = found.id AND COALESCE(k.last_used_at, '-infinity') < now() - interval '1 minute'
    )
    SELECT id, name, scopes FROM found";

/// The key with this hash, unless it was revoked. The time of its use is stored.
pub async fn find_used(client: &Client<'_>, key_hash: &[u8]) -> Result<Option<AuthorizedKey>, Error> {
    let row = client.query_opt(FIND_USED, &[&key_hash.to_vec()]).await?;
    Ok(row.map(|row| AuthorizedKey {
        id: row.get("id"),
        name: row.get("name"),
        scopes: scopes(&row),
    }))
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
    /// When the key was created.
    pub created_at: DateTime<Utc>,
    /// When the key was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the key was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

const LIST: &str = "
    SELECT id, name, scopes, created_at, last_used_at, revoked_at
    FROM api_keys
    ORDER BY id";

/// All keys, including revoked ones.
pub async fn list(client: &Client<'_>) -> Result<Vec<ApiKey>, Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| ApiKey {
            id: row.get("id"),
            name: row.get("name"),
            scopes: scopes(row),
            created_at: row.get("created_at"),
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

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, FIND_USED, LIST, MARK_REVOKED];
