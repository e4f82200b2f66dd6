//! What an ingestion came to: the producers of the tracks it brought in, and why the others have none.
//!
//! Its tracks are those of the albums that were to be identified for it. Where an artist was asked for with what he
//! appears on, an album that is not his counts with his tracks alone.

use chrono::{DateTime, Utc};

use crate::domain::credits::Source;
use crate::domain::ids::{IngestionId, ProducerId, TrackId};
use crate::platform::db::Client;
use crate::store::work::lookups::LookupOutcome;

macro_rules! with_its_tracks {
    ($question:literal) => {
        concat!(
            "
    WITH its_artists AS (
        SELECT DISTINCT i.artist_id
        FROM ingestion_tasks s
        JOIN artist_identities i ON i.source IN ('spotify', 'musicbrainz') AND i.source_id = split_part(s.subject, ':', 1)
        WHERE s.ingestion_id = $1 AND s.kind = 'ingest_artist'
    ),
    its_albums AS (
        SELECT al.id, al.artist_id,
               NOT i.appears_on
               OR i.what && ARRAY['spotify:album:' || al.spotify_id, 'upc:' || al.upc]
               OR EXISTS (SELECT FROM album_links l
                          WHERE l.album_id = al.id AND l.source = 'musicbrainz' AND i.what && ARRAY['musicbrainz:release:' || l.source_id, 'mbid:' || l.source_id])
               OR EXISTS (SELECT FROM tracks t
                          WHERE t.album_id = al.id AND i.what && ARRAY['spotify:track:' || t.spotify_id, 'isrc:' || t.isrc]) AS is_whole
        FROM ingestions i
        JOIN ingestion_tasks s ON s.ingestion_id = i.id AND s.kind = 'identify_album'
        JOIN albums al ON al.id = s.subject::bigint
        WHERE i.id = $1
    ),
    its_tracks AS (
        SELECT t.id, t.album_id, COALESCE(t.normalized_track_id, -t.id) AS song
        FROM its_albums al
        JOIN tracks t ON t.album_id = al.id AND t.removed_at IS NULL
        WHERE al.is_whole
           OR al.artist_id IN (SELECT artist_id FROM its_artists)
           OR EXISTS (SELECT FROM track_artists ta JOIN its_artists USING (artist_id) WHERE ta.track_id = t.id)
    )",
            $question
        )
    };
}

/// A producer of an ingestion's tracks.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestionProducer {
    /// The producer.
    pub producer_id: ProducerId,
    /// The name.
    pub name: String,
    /// The ingestion's tracks that he produced, versions of one song counted once.
    pub track_count: i64,
    /// How sure that is, 0-1, on average.
    pub confidence: f64,
    /// All his tracks that are known, counted likewise.
    pub all_track_count: i32,
    /// The artists on all of them.
    pub all_artist_count: i32,
}

const LIST_PRODUCERS: &str = with_its_tracks!(
    "
    SELECT p.id, p.name, count(DISTINCT t.song), avg(tp.confidence)::float8,
           COALESCE(max(st.track_count), 0), COALESCE(max(st.artist_count), 0)
    FROM its_tracks t
    JOIN track_producers tp ON tp.track_id = t.id
    JOIN producers p ON p.id = tp.producer_id
    LEFT JOIN producer_statistics st ON st.producer_id = p.id
    GROUP BY p.id, p.name
    ORDER BY 3 DESC, 4 DESC, p.name, p.id"
);

/// The producers of an ingestion's tracks, those of the most tracks first.
///
/// # Errors
/// The database's.
pub async fn list_producers(
    client: &Client<'_>,
    id: IngestionId,
) -> Result<Vec<IngestionProducer>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRODUCERS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| IngestionProducer {
            producer_id: ProducerId(row.get(0)),
            name: row.get(1),
            track_count: row.get(2),
            confidence: row.get(3),
            all_track_count: row.get(4),
            all_artist_count: row.get(5),
        })
        .collect())
}

const COUNT_TRACKS: &str = with_its_tracks!(
    "
    SELECT count(*) FROM its_tracks"
);

/// How many tracks an ingestion has.
///
/// # Errors
/// The database's.
pub async fn count_tracks(client: &Client<'_>, id: IngestionId) -> Result<i64, tokio_postgres::Error> {
    Ok(client.query_one(COUNT_TRACKS, &[&id.0]).await?.get(0))
}

/// Tracks without a producer, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnproducedTracks {
    /// Of every source that was asked for which kind of thing (`track` or `album`), and what came of it.
    pub lookups: Vec<(Source, String, LookupOutcome)>,
    /// How many tracks.
    pub track_count: i64,
    /// The first time at which a source is asked again about one of them; None where none was asked.
    pub look_again_at: Option<DateTime<Utc>>,
}

// Of what a source said of a track, an answer tells more than none, and one about the track more than one about its album.
const LIST_MISSING: &str = with_its_tracks!(
    ",
    asked AS (
        SELECT DISTINCT ON (t.id, l.source) t.id, l.source, l.kind, l.outcome, l.look_again_at
        FROM its_tracks t
        CROSS JOIN unnest(ARRAY['musicbrainz', 'discogs', 'genius', 'wikidata']::source[]) AS s (source)
        CROSS JOIN LATERAL (VALUES ('track', t.id::text), ('album', t.album_id::text)) AS about (kind, subject)
        JOIN lookups l ON l.source = s.source AND l.kind = about.kind AND l.subject = about.subject
        ORDER BY t.id, l.source, l.outcome IN ('found', 'not_found') DESC, l.kind = 'track' DESC
    ),
    reasons AS (
        SELECT t.id, array_agg(a.source::text ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS sources,
               array_agg(a.kind ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS kinds,
               array_agg(a.outcome::text ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS outcomes,
               min(a.look_again_at) AS look_again_at
        FROM its_tracks t
        LEFT JOIN asked a ON a.id = t.id
        WHERE NOT EXISTS (SELECT FROM track_producers tp WHERE tp.track_id = t.id)
        GROUP BY t.id
    )
    SELECT COALESCE(sources, '{}'), COALESCE(kinds, '{}'), COALESCE(outcomes, '{}'), count(*), min(look_again_at)
    FROM reasons
    GROUP BY 1, 2, 3
    ORDER BY 4 DESC, 1, 2, 3"
);

/// Why tracks of an ingestion have no producer, the most frequent reason first.
///
/// # Errors
/// The database's.
pub async fn list_unproduced(
    client: &Client<'_>,
    id: IngestionId,
) -> Result<Vec<UnproducedTracks>, tokio_postgres::Error> {
    let rows = client.query(LIST_MISSING, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let words = |at| row.get::<_, Vec<String>>(at).into_iter();
            let asked = words(0).zip(words(1)).zip(words(2));
            UnproducedTracks {
                lookups: asked
                    .map(|((source, kind), outcome)| {
                        (
                            source.parse().expect("the enum of the schema"),
                            kind,
                            outcome.parse().expect("the enum of the schema"),
                        )
                    })
                    .collect(),
                track_count: row.get(3),
                look_again_at: row.get(4),
            }
        })
        .collect())
}

// The one of which the sources say most.
const FIND_WITHOUT: &str = with_its_tracks!(
    "
    SELECT t.id
    FROM its_tracks t
    WHERE NOT EXISTS (SELECT FROM track_producers tp WHERE tp.track_id = t.id)
    ORDER BY (SELECT count(*) FROM lookups l
              WHERE l.source IN ('musicbrainz', 'discogs', 'genius') AND (l.kind, l.subject) IN (('track', t.id::text), ('album', t.album_id::text))) DESC,
             t.id
    LIMIT 1"
);

/// A track of an ingestion that has no producer, as an example; none where all have one.
///
/// # Errors
/// The database's.
pub async fn find_unproduced_track(
    client: &Client<'_>,
    id: IngestionId,
) -> Result<Option<TrackId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_WITHOUT, &[&id.0]).await?;
    Ok(row.map(|row| TrackId(row.get(0))))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_PRODUCERS, COUNT_TRACKS, LIST_MISSING, FIND_WITHOUT];
