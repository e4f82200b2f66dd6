//! The details of search results that tell namesakes apart.

use std::collections::HashMap;

use serde::Serialize;
use tokio_postgres::Error;

use super::kinds::{MatchKind, SearchKind};
use super::matches::Match;
use crate::platform::db::Client;

/// A result of a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchResult {
    /// Its kind.
    pub kind: SearchKind,
    /// Our id. It is null for credited people.
    pub id: Option<i64>,
    /// The name or title.
    pub name: String,
    /// How it matches.
    pub match_kind: MatchKind,
    /// Its artist; of a producer, those with most songs; of a credited person, whom the records are by.
    pub artists: Vec<String>,
    /// The first year: of a producer's songs, or in which a song or album came out.
    pub first_year: Option<i16>,
    /// The last year of a producer's songs or an artist's albums.
    pub last_year: Option<i16>,
    /// How many songs a producer or artist has, or how many credits a person has.
    pub track_count: Option<i64>,
    /// Ids at the sources, as `discogs:123`; at most five.
    pub source_ids: Vec<String>,
}

const PRODUCERS: &str = "
    SELECT p.id, p.name, COALESCE(s.track_count, 0)::bigint AS track_count, s.first_year, s.last_year,
           ARRAY(SELECT a.name FROM producer_artists w JOIN artists a ON a.id = w.artist_id
                 WHERE w.producer_id = p.id AND w.is_collaboration
                 ORDER BY w.track_count DESC, w.artist_id DESC LIMIT 3) AS artists,
           ARRAY(SELECT i.source::text || ':' || i.source_id FROM producer_identities i
                 WHERE i.producer_id = p.id AND has_source_id(i) ORDER BY 1 LIMIT 5) AS source_ids
    FROM producers p
    LEFT JOIN producer_statistics s ON s.producer_id = p.id
    WHERE p.id = ANY ($1::bigint[])";

// The albums of an artist of very many are not all read.
const ARTISTS: &str = "
    SELECT a.id, a.name, n.track_count, y.first_year, y.last_year, '{}'::text[] AS artists,
           ARRAY(SELECT i.source::text || ':' || i.source_id FROM artist_identities i
                 WHERE i.artist_id = a.id ORDER BY 1 LIMIT 5) AS source_ids
    FROM artists a
    CROSS JOIN LATERAL (
        SELECT max(n.track_count)::bigint AS track_count FROM search_names n
        WHERE n.owner_id = a.id AND n.of_artist) AS n
    CROSS JOIN LATERAL (
        SELECT min(extract(year FROM r.release_date))::smallint AS first_year,
               max(extract(year FROM r.release_date))::smallint AS last_year
        FROM (SELECT release_date FROM albums WHERE artist_id = a.id LIMIT 500) AS r) AS y
    WHERE a.id = ANY ($1::bigint[])";

const SONGS: &str = "
    SELECT n.id, COALESCE(t.name, n.normalized_name) AS name, NULL::bigint AS track_count,
           extract(year FROM n.first_released)::smallint AS first_year, NULL::smallint AS last_year,
           ARRAY[a.name] AS artists,
           ARRAY(SELECT 'spotify:' || t.spotify_id WHERE t.spotify_id IS NOT NULL
                 UNION ALL SELECT 'isrc:' || t.isrc WHERE t.isrc IS NOT NULL
                 UNION ALL (SELECT l.source::text || ':' || l.source_id FROM track_links l
                            WHERE l.track_id = t.id ORDER BY 1 LIMIT 3)) AS source_ids
    FROM normalized_tracks n
    JOIN artists a ON a.id = n.artist_id
    LEFT JOIN tracks t ON t.id = n.representative_track_id
    WHERE n.id = ANY ($1::bigint[])";

const ALBUMS: &str = "
    SELECT r.id, r.name, r.total_tracks::bigint AS track_count,
           extract(year FROM r.release_date)::smallint AS first_year, NULL::smallint AS last_year,
           ARRAY[a.name] AS artists,
           ARRAY(SELECT l.source::text || ':' || l.source_id FROM album_links l
                 WHERE l.album_id = r.id ORDER BY 1 LIMIT 5) AS source_ids
    FROM albums r
    JOIN artists a ON a.id = r.artist_id
    WHERE r.id = ANY ($1::bigint[])";

// The credits of somebody who is on very many records are not all read.
const PEOPLE: &str = "
    SELECT k.key, min(c.credited_as) AS name, count(*) AS track_count,
           min(extract(year FROM r.release_date))::smallint AS first_year,
           max(extract(year FROM r.release_date))::smallint AS last_year,
           (array_agg(DISTINCT a.name))[1:3] AS artists,
           (array_agg(DISTINCT c.source::text || ':' || c.source_artist_id)
            FILTER (WHERE c.source_artist_id IS NOT NULL))[1:5] AS source_ids
    FROM unnest($1::text[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT * FROM credits c
        WHERE c.producer_identity_id IS NULL AND left(fold_name(c.credited_as), 60) COLLATE \"C\" = k.key
        LIMIT 500) AS c
    JOIN albums r ON r.id = c.album_id
    JOIN artists a ON a.id = r.artist_id
    GROUP BY k.key";

/// The matches with their details, in the same order.
pub(super) async fn list(client: &Client<'_>, matches: Vec<Match>) -> Result<Vec<SearchResult>, Error> {
    let mut rows = HashMap::new();
    for (kind, sql) in [
        (SearchKind::Producer, PRODUCERS),
        (SearchKind::Artist, ARTISTS),
        (SearchKind::Song, SONGS),
        (SearchKind::Album, ALBUMS),
    ] {
        let of_kind = matches.iter().filter(|found| found.kind == kind);
        let ids: Vec<i64> = of_kind.filter_map(|found| found.id).collect();
        if ids.is_empty() {
            continue;
        }
        for row in client.query(sql, &[&ids]).await? {
            rows.insert((kind, Some(row.get::<_, i64>("id")), None), row);
        }
    }
    let people: Vec<&str> = matches.iter().filter_map(|found| found.name.as_deref()).collect();
    if !people.is_empty() {
        for row in client.query(PEOPLE, &[&people]).await? {
            rows.insert((SearchKind::Person, None, Some(row.get::<_, String>("key"))), row);
        }
    }
    // A row that another transaction deleted meanwhile is left out.
    let results = matches.into_iter().filter_map(|found| {
        let row = rows.get(&(found.kind, found.id, found.name))?;
        Some(SearchResult {
            kind: found.kind,
            id: found.id,
            name: row.get("name"),
            match_kind: found.match_kind,
            artists: row.get("artists"),
            first_year: row.get("first_year"),
            last_year: row.get("last_year"),
            track_count: row.get("track_count"),
            source_ids: row
                .get::<_, Option<Vec<String>>>("source_ids")
                .unwrap_or_default(),
        })
    });
    Ok(results.collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[PRODUCERS, ARTISTS, SONGS, ALBUMS, PEOPLE];
