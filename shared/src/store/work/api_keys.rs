//! Keys to the HTTP API, by their hashes. How a key is made is [`crate::platform::api_keys`].

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::platform::api_keys::Scope;
use crate::platform::db::Client;

const INSERT: &str = "
    INSERT INTO api_keys (name, key_hash, scopes)
    VALUES ($1, $2, $3)
    RETURNING id";

/// Keeps the hash of a key with what the key may be used for.
///
/// # Errors
/// The database's; one of them is that the name is empty.
pub async fn insert(
    client: &Client<'_>,
    name: &str,
    key_hash: &[u8],
    scopes: &[Scope],
) -> Result<i64, tokio_postgres::Error> {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let row = client
        .query_one(INSERT, &[&name, &key_hash.to_vec(), &scopes])
        .await?;
    Ok(row.get(0))
}

/// A key that somebody used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedKey {
    /// The key's id.
    pub id: i64,
    /// What the operator called it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
}

// The time is worth a write a minute, not one per request.
const FIND_USED: &str = "
    WITH found AS (
        SELECT id, name, scopes FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL
    ), used AS (
        UPDATE api_keys k SET last_used_at = now()
        FROM found
        WHERE k.id = found.id AND COALESCE(k.last_used_at, '-infinity') < now() - interval '1 minute'
    )
    SELECT id, name, scopes FROM found";

/// The key with this hash, unless it was revoked; notes that it was used.
///
/// # Errors
/// The database's.
pub async fn find_used(
    client: &Client<'_>,
    key_hash: &[u8],
) -> Result<Option<AuthorizedKey>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_USED, &[&key_hash.to_vec()]).await?;
    Ok(row.map(|row| AuthorizedKey {
        id: row.get(0),
        name: row.get(1),
        scopes: scopes(row.get(2)),
    }))
}

fn scopes(words: Vec<&str>) -> Vec<Scope> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// A key as its operator is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its id.
    pub id: i64,
    /// What the operator called it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

const LIST: &str = "
    SELECT id, name, scopes, created_at, last_used_at, revoked_at
    FROM api_keys
    ORDER BY id";

/// Every key, revoked or not.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>) -> Result<Vec<ApiKey>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| ApiKey {
            id: row.get(0),
            name: row.get(1),
            scopes: scopes(row.get(2)),
            created_at: row.get(3),
            last_used_at: row.get(4),
            revoked_at: row.get(5),
        })
        .collect())
}

const MARK_REVOKED: &str = "UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL";

/// Ends a key for good; says whether there was one to end.
///
/// # Errors
/// The database's.
pub async fn mark_revoked(client: &Client<'_>, id: i64) -> Result<bool, tokio_postgres::Error> {
    Ok(client.execute(MARK_REVOKED, &[&id]).await? == 1)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, FIND_USED, LIST, MARK_REVOKED];
