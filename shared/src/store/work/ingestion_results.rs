//! The results of an ingestion: the producers of its tracks, and why other tracks have none.
//!
//! The tracks of an ingestion are those of the albums that were identified for it. If an artist was requested
//! including albums that the artist only appears on, only the artist's tracks on albums by others count.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::{IngestionId, ProducerId, TrackId};
use crate::platform::db::Client;
use crate::store::work::lookups::LookupOutcome;

/// A statement that begins with the common table expressions of the ingestion's tracks, `its_tracks`.
macro_rules! with_its_tracks {
    ($query:expr) => {
        concat!(include_str!("ingestion_results/tracks.sql"), $query)
    };
}

/// A producer of an ingestion's tracks.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestionProducer {
    /// The producer.
    pub producer_id: ProducerId,
    /// The name.
    pub name: String,
    /// The number of the ingestion's songs that they produced.
    pub track_count: i64,
    /// The average confidence, 0 to 1.
    pub confidence: f64,
    /// The number of all known songs that they produced.
    pub all_track_count: i32,
    /// The number of artists on all of these.
    pub all_artist_count: i32,
}

const LIST_PRODUCERS: &str = with_its_tracks!(
    "SELECT p.id, p.name, count(DISTINCT t.song) AS track_count, avg(tp.confidence)::float8 AS confidence,
            COALESCE(max(st.track_count), 0) AS all_track_count,
            COALESCE(max(st.artist_count), 0) AS all_artist_count
     FROM its_tracks t
     JOIN track_producers tp ON tp.track_id = t.id
     JOIN producers p ON p.id = tp.producer_id
     LEFT JOIN producer_statistics st ON st.producer_id = p.id
     GROUP BY p.id, p.name
     ORDER BY 3 DESC, 4 DESC, p.name, p.id"
);

/// The producers of an ingestion's tracks, those with the most songs first.
pub async fn list_producers(client: &Client<'_>, id: IngestionId) -> Result<Vec<IngestionProducer>, Error> {
    let rows = client.query(LIST_PRODUCERS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| IngestionProducer {
            producer_id: row.get("id"),
            name: row.get("name"),
            track_count: row.get("track_count"),
            confidence: row.get("confidence"),
            all_track_count: row.get("all_track_count"),
            all_artist_count: row.get("all_artist_count"),
        })
        .collect())
}

const COUNT_TRACKS: &str = with_its_tracks!("SELECT count(*) AS track_count FROM its_tracks");

/// The number of tracks of an ingestion.
pub async fn count_tracks(client: &Client<'_>, id: IngestionId) -> Result<i64, Error> {
    Ok(client.query_one(COUNT_TRACKS, &[&id]).await?.get("track_count"))
}

/// Tracks that have no producer for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnproducedTracks {
    /// The source, the kind of subject (`track` or `album`) and the outcome of every lookup.
    pub lookups: Vec<(Source, String, LookupOutcome)>,
    /// The number of tracks.
    pub track_count: i64,
    /// The first time at which a source is asked again about one of them; `None` if no source was asked.
    pub look_again_at: Option<DateTime<Utc>>,
}

const LIST_UNPRODUCED: &str = with_its_tracks!(include_str!("ingestion_results/list_unproduced.sql"));

/// The tracks of an ingestion that have no producer, grouped by the reason, the most frequent reason first.
pub async fn list_unproduced(client: &Client<'_>, id: IngestionId) -> Result<Vec<UnproducedTracks>, Error> {
    let rows = client.query(LIST_UNPRODUCED, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let sources: Vec<Source> = row.get("sources");
            let kinds: Vec<String> = row.get("kinds");
            let outcomes: Vec<LookupOutcome> = row.get("outcomes");
            let lookups = sources.into_iter().zip(kinds).zip(outcomes);
            UnproducedTracks {
                lookups: lookups
                    .map(|((source, kind), outcome)| (source, kind, outcome))
                    .collect(),
                track_count: row.get("track_count"),
                look_again_at: row.get("look_again_at"),
            }
        })
        .collect())
}

// The track with the most lookups is the best example.
const FIND_UNPRODUCED_TRACK: &str = with_its_tracks!(
    "SELECT t.id
     FROM its_tracks t
     WHERE NOT EXISTS (SELECT FROM track_producers tp WHERE tp.track_id = t.id)
     ORDER BY (SELECT count(*) FROM lookups l
               WHERE l.source IN ('musicbrainz', 'discogs', 'genius')
                 AND (l.kind, l.subject) IN (('track', t.id::text), ('album', t.album_id::text))) DESC,
              t.id
     LIMIT 1"
);

/// A track of an ingestion that has no producer, as an example.
pub async fn find_unproduced_track(client: &Client<'_>, id: IngestionId) -> Result<Option<TrackId>, Error> {
    let row = client.query_opt(FIND_UNPRODUCED_TRACK, &[&id]).await?;
    Ok(row.map(|row| row.get("id")))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_PRODUCERS,
    COUNT_TRACKS,
    LIST_UNPRODUCED,
    FIND_UNPRODUCED_TRACK,
];
