//! The tables that name search reads. Triggers write them with the names, except while a load fills empty
//! tables.

use tokio_postgres::Error;

use crate::platform::db::Client;

const PAUSE: &str = "UPDATE search_upkeep SET is_paused = true";

/// Stops the upkeep of the search tables until [`rebuild`], for a load into empty tables.
pub async fn pause(client: &Client<'_>) -> Result<(), Error> {
    client.execute(PAUSE, &[]).await.map(drop)
}

const REBUILD: &str = "SELECT rebuild_search()";

/// Fills the search tables from all names, and resumes their upkeep.
pub async fn rebuild(client: &Client<'_>) -> Result<(), Error> {
    client.execute(REBUILD, &[]).await.map(drop)
}

const IS_PAUSED: &str = "SELECT is_search_paused() AS is_paused";

/// Whether the search tables are out of date until [`rebuild`].
pub async fn is_paused(client: &Client<'_>) -> Result<bool, Error> {
    let row = client.query_one(IS_PAUSED, &[]).await?;
    Ok(row.get("is_paused"))
}

const COUNT_STALE_ARTISTS: &str = "SELECT count_stale_artists($1) AS taken";

/// Counts the songs of artists whose songs changed, because search lists the artists with most songs first.
/// It takes up to `limit` marks, and returns false once none is left.
pub async fn count_stale_artists(client: &Client<'_>, limit: i32) -> Result<bool, Error> {
    let row = client.query_one(COUNT_STALE_ARTISTS, &[&limit]).await?;
    Ok(row.get::<_, i32>("taken") > 0)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[PAUSE, REBUILD, IS_PAUSED, COUNT_STALE_ARTISTS];
