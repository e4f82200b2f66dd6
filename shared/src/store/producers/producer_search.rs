//! Search for producers by name.

use serde::Serialize;

use crate::domain::ids::ProducerId;
use crate::domain::names;
use crate::platform::db::Client;

/// A producer whose name matches the search text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducerMatch {
    /// The producer.
    pub id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// The name that matches: the producer's own, an alias, or a name printed in a credit.
    pub matched_name: String,
    /// `exact`; `word` if the name has all words of the search text; `prefix` if it has their beginnings;
    /// else `similar`.
    pub match_kind: String,
    /// How similar the names are, 0-1.
    pub score: f32,
    /// How many songs the producer produced.
    pub track_count: i32,
    /// How many artists they produced songs for.
    pub artist_count: i32,
}

const SEARCH: &str = "
    SELECT producer_id, name, matched_name, match_kind, score, track_count, artist_count
    FROM search_producers($1, $2)";

/// Producers with a name like `text`, the best match first, at most `limit` and at most 100.
pub async fn search(
    client: &Client<'_>,
    text: &str,
    limit: i32,
) -> Result<Vec<ProducerMatch>, tokio_postgres::Error> {
    let rows = client.query(SEARCH, &[&names::fold(text), &limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ProducerMatch {
            id: row.get("producer_id"),
            name: row.get("name"),
            matched_name: row.get("matched_name"),
            match_kind: row.get("match_kind"),
            score: row.get("score"),
            track_count: row.get("track_count"),
            artist_count: row.get("artist_count"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[SEARCH];
