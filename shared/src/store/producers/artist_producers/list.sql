-- The producers of the songs of artist $1, sorted by number of songs, after the place ($2 count, $3
-- producer), at most $4.
WITH counted AS (
    -- Per producer: the number of songs, the strongest role, the highest confidence and the range of release
    -- dates.
    SELECT tp.producer_id, count(DISTINCT song_of(t)) AS track_count, min(tp.role) AS role,
           max(tp.confidence) AS confidence, min(al.release_date) AS first_date,
           max(al.release_date) AS last_date
    FROM artists_of_tracks ta
    JOIN tracks t ON t.id = ta.track_id
    JOIN track_producers tp ON tp.track_id = t.id
    JOIN albums al ON al.id = t.album_id
    WHERE ta.artist_id = $1
    GROUP BY tp.producer_id
)
SELECT c.producer_id, p.name, c.track_count, c.role::text AS role, c.confidence,
       extract(year FROM c.first_date)::integer AS first_year,
       extract(year FROM c.last_date)::integer AS last_year
FROM counted c
JOIN producers p ON p.id = c.producer_id
WHERE $2::bigint IS NULL OR (c.track_count, -c.producer_id) < ($2, -$3::bigint)
ORDER BY c.track_count DESC, c.producer_id
LIMIT $4
