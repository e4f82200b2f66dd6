//! The table `producer_artists`: the artists whose songs each producer produced. It is computed with the
//! statistics of the producers.

use serde::Serialize;
use tokio_postgres::Error;

use crate::domain::ids::{ArtistId, ProducerId, TrackId};
use crate::platform::db::Client;

/// A place in a list that has the largest count first, and of equal counts the largest id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountPlace {
    /// The count.
    pub count: i64,
    /// The id.
    pub id: i64,
}

impl CountPlace {
    /// The place before the first item.
    const START: CountPlace = CountPlace {
        count: i64::MAX,
        id: i64::MAX,
    };
}

/// What a producer made with an artist.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedWork {
    /// How many songs; several versions of one song count once.
    pub track_count: i64,
    /// The producer's strongest role on these songs.
    pub role: String,
    /// The highest confidence among these songs, 0 to 1.
    pub confidence: f32,
    /// The year in which the first of these songs came out.
    pub first_year: Option<i16>,
    /// The year in which the last of these songs came out.
    pub last_year: Option<i16>,
    /// The most popular track among these songs; the most certain one if no popularity is known.
    pub best_track_id: TrackId,
}

impl SharedWork {
    fn from_row(row: &tokio_postgres::Row) -> Self {
        SharedWork {
            track_count: row.get("track_count"),
            role: row.get("role"),
            confidence: row.get("confidence"),
            first_year: row.get("first_year"),
            last_year: row.get("last_year"),
            best_track_id: row.get("best_track_id"),
        }
    }
}

/// An artist that a producer produced songs for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Collaboration {
    /// The artist.
    pub artist_id: ArtistId,
    /// The artist's name.
    pub artist_name: String,
    /// What they made together.
    #[serde(flatten)]
    pub work: SharedWork,
}

const LIST_COLLABORATIONS: &str = "
    SELECT a.id, a.name, w.track_count::bigint AS track_count, w.role::text AS role, w.confidence,
           w.first_year, w.last_year, w.best_track_id
    FROM producer_artists w
    JOIN artists a ON a.id = w.artist_id
    WHERE w.producer_id = $1 AND w.is_collaboration
      AND (w.track_count, w.artist_id) < ($2, $3)
    ORDER BY w.track_count DESC, w.artist_id DESC
    LIMIT $4";

/// The artists that a producer produced songs for, without Various Artists and the producer, the most songs
/// first, after `after`, at most `limit`.
pub async fn list_collaborations(
    client: &Client<'_>,
    id: ProducerId,
    after: Option<CountPlace>,
    limit: i64,
) -> Result<Vec<Collaboration>, Error> {
    let after = after.unwrap_or(CountPlace::START);
    let rows = client
        .query(LIST_COLLABORATIONS, &[&id, &after.count, &after.id, &limit])
        .await?;
    let collaborations = rows.iter().map(|row| Collaboration {
        artist_id: row.get("id"),
        artist_name: row.get("name"),
        work: SharedWork::from_row(row),
    });
    Ok(collaborations.collect())
}

/// A producer of an artist's songs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArtistProducer {
    /// The producer.
    pub producer_id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// What they made together.
    #[serde(flatten)]
    pub work: SharedWork,
}

const LIST_PRODUCERS: &str = "
    SELECT p.id, p.name, w.track_count::bigint AS track_count, w.role::text AS role, w.confidence,
           w.first_year, w.last_year, w.best_track_id
    FROM producer_artists w
    JOIN producers p ON p.id = w.producer_id
    WHERE w.artist_id = $1
      AND (w.track_count, w.producer_id) < ($2, $3)
    ORDER BY w.track_count DESC, w.producer_id DESC
    LIMIT $4";

/// The producers of the songs that an artist is on, the most songs first, after `after`, at most `limit`.
pub async fn list_producers(
    client: &Client<'_>,
    id: ArtistId,
    after: Option<CountPlace>,
    limit: i64,
) -> Result<Vec<ArtistProducer>, Error> {
    let after = after.unwrap_or(CountPlace::START);
    let rows = client
        .query(LIST_PRODUCERS, &[&id, &after.count, &after.id, &limit])
        .await?;
    let producers = rows.iter().map(|row| ArtistProducer {
        producer_id: row.get("id"),
        name: row.get("name"),
        work: SharedWork::from_row(row),
    });
    Ok(producers.collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_COLLABORATIONS, LIST_PRODUCERS];
