-- $1: producers. A song counts once however many versions of it there are.
WITH produced AS MATERIALIZED (
    SELECT tp.producer_id, tp.track_id, tp.role, tp.confidence, t.popularity, song_of(t) AS song,
           EXTRACT(year FROM COALESCE(n.first_released, al.release_date))::smallint AS year
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN albums al ON al.id = t.album_id
    LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
    WHERE tp.producer_id = ANY ($1::bigint[])
),
-- A song has the popularity of its most popular version and the year in which it first came out: a reissue
-- is no new work.
songs AS (
    SELECT producer_id, song, max(popularity) AS popularity, min(year) AS year
    FROM produced
    GROUP BY producer_id, song
),
counted_songs AS (
    SELECT producer_id, count(*) AS track_count, avg(popularity) AS average_popularity,
           min(year) AS first_year, max(year) AS last_year
    FROM songs
    GROUP BY producer_id
),
grouped AS (
    SELECT p.producer_id, ta.artist_id, count(DISTINCT p.song) AS track_count, min(p.role) AS role,
           max(p.confidence) AS confidence, min(p.year) AS first_year, max(p.year) AS last_year,
           (array_agg(p.track_id ORDER BY p.popularity DESC NULLS LAST, p.confidence DESC, p.track_id))[1]
               AS best_track_id
    FROM produced p
    CROSS JOIN LATERAL artists_of(p.track_id) ta
    GROUP BY p.producer_id, ta.artist_id
),
-- Materialized, so that the conditions are checked once per artist.
worked_with AS MATERIALIZED (
    SELECT g.*, NOT is_various_artists(artist_id) AND NOT is_same_person(artist_id, producer_id)
                    AS is_collaboration
    FROM grouped g
),
counted_artists AS (
    SELECT producer_id, count(*) AS artist_count
    FROM worked_with
    WHERE is_collaboration
    GROUP BY producer_id
),
removed AS (
    DELETE FROM producer_artists pa
    WHERE pa.producer_id = ANY ($1::bigint[])
      AND NOT EXISTS (SELECT FROM worked_with w
                      WHERE w.producer_id = pa.producer_id AND w.artist_id = pa.artist_id)
),
written AS (
    INSERT INTO producer_artists AS pa (
        producer_id, artist_id, track_count, role, confidence, first_year, last_year, best_track_id,
        is_collaboration
    )
    SELECT producer_id, artist_id, track_count, role, confidence, first_year, last_year, best_track_id,
           is_collaboration
    FROM worked_with
    ORDER BY producer_id, artist_id
    ON CONFLICT (producer_id, artist_id) DO UPDATE SET
        track_count = EXCLUDED.track_count, role = EXCLUDED.role, confidence = EXCLUDED.confidence,
        first_year = EXCLUDED.first_year, last_year = EXCLUDED.last_year,
        best_track_id = EXCLUDED.best_track_id, is_collaboration = EXCLUDED.is_collaboration
    WHERE (pa.track_count, pa.role, pa.confidence, pa.first_year, pa.last_year, pa.best_track_id,
           pa.is_collaboration)
          IS DISTINCT FROM (
              EXCLUDED.track_count, EXCLUDED.role, EXCLUDED.confidence, EXCLUDED.first_year,
              EXCLUDED.last_year, EXCLUDED.best_track_id, EXCLUDED.is_collaboration
          )
)
INSERT INTO producer_statistics AS s (
    producer_id, track_count, artist_count, average_popularity, first_year, last_year
)
SELECT p.id, COALESCE(cs.track_count, 0), COALESCE(ca.artist_count, 0),
       cs.average_popularity, cs.first_year, cs.last_year
FROM producers p
LEFT JOIN counted_songs cs ON cs.producer_id = p.id
LEFT JOIN counted_artists ca ON ca.producer_id = p.id
WHERE p.id = ANY ($1::bigint[])
ORDER BY p.id
ON CONFLICT (producer_id) DO UPDATE SET
    track_count = EXCLUDED.track_count, artist_count = EXCLUDED.artist_count,
    average_popularity = EXCLUDED.average_popularity, first_year = EXCLUDED.first_year,
    last_year = EXCLUDED.last_year, computed_at = now()
WHERE (s.track_count, s.artist_count, s.average_popularity, s.first_year, s.last_year)
      IS DISTINCT FROM (
          EXCLUDED.track_count, EXCLUDED.artist_count, EXCLUDED.average_popularity,
          EXCLUDED.first_year, EXCLUDED.last_year
      )
