-- $1: producers. A song counts once however many versions of it there are.
WITH produced AS (
    SELECT tp.producer_id, t.popularity, song_of(t) AS song,
           EXTRACT(year FROM al.release_date)::smallint AS year
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN albums al ON al.id = t.album_id
    WHERE tp.producer_id = ANY ($1::bigint[])
),
-- A song has the popularity of its most popular version and the year of its oldest: a reissue is no new
-- work.
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
-- Materialized, so that the conditions below are checked once per artist and not once per track.
worked_with AS MATERIALIZED (
    SELECT DISTINCT tp.producer_id, ta.artist_id
    FROM track_producers tp
    CROSS JOIN LATERAL artists_of(tp.track_id) ta
    WHERE tp.producer_id = ANY ($1::bigint[])
),
-- Various Artists and the producer's own records do not count.
counted_artists AS (
    SELECT producer_id, count(*) AS artist_count
    FROM worked_with
    WHERE NOT is_various_artists(artist_id) AND NOT is_same_person(artist_id, producer_id)
    GROUP BY producer_id
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
