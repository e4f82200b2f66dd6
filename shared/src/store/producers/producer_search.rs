//! Who is called like this? Producers by a name that somebody typed.

use serde::Serialize;

use crate::domain::ids::ProducerId;
use crate::domain::names;
use crate::platform::db::Client;

/// A producer whose name is like the one asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducerMatch {
    /// The producer.
    pub id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// The name that is alike: the producer's, an alias, or one printed in a credit.
    pub matched_name: String,
    /// `exact`, `prefix` or `similar`.
    pub match_kind: String,
    /// How alike the names are, 0-1.
    pub score: f32,
    /// How many songs the producer produced.
    pub track_count: i32,
    /// For how many artists.
    pub artist_count: i32,
}

const SEARCH: &str = "
    SELECT producer_id, name, matched_name, match_kind, score, track_count, artist_count
    FROM search_producers($1, $2)";

/// Producers with a name like `text`, the best match first, at most `limit` and at most 100.
///
/// # Errors
/// The database's.
pub async fn search(
    client: &Client<'_>,
    text: &str,
    limit: i32,
) -> Result<Vec<ProducerMatch>, tokio_postgres::Error> {
    let rows = client.query(SEARCH, &[&names::fold(text), &limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ProducerMatch {
            id: ProducerId(row.get(0)),
            name: row.get(1),
            matched_name: row.get(2),
            match_kind: row.get(3),
            score: row.get(4),
            track_count: row.get(5),
            artist_count: row.get(6),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[SEARCH];
