-- A page of a producer's songs by album, the newest album first, each song once. $1: the producer. $2 to $5:
-- the place of the last song of the page before (date, album, position, song); null for the first page. $6:
-- how many songs at most.
WITH
-- The producer's tracks, each with its song and its rank among the tracks of that song.
produced AS (
    SELECT tp.track_id, tp.role, tp.source, tp.confidence, t.album_id,
           -((t.disc_number::bigint << 32) + t.track_number) AS position,
           song_of(t) AS song,
           count(*) OVER song AS version_count,
           row_number() OVER (
               song ORDER BY n.representative_track_id = t.id DESC NULLS LAST, t.removed_at IS NOT NULL,
                             tp.confidence DESC, t.id
           ) AS place
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
    WHERE tp.producer_id = $1
    WINDOW song AS (PARTITION BY song_of(t))
),
-- The songs of the page, each by its first track.
page AS (
    SELECT p.track_id, p.role, p.source, p.confidence, p.album_id, p.position, p.song, p.version_count,
           COALESCE(al.release_date, DATE '0001-01-01') AS date
    FROM produced p
    JOIN albums al ON al.id = p.album_id
    WHERE p.place = 1
      AND ($2::date IS NULL
           OR (COALESCE(al.release_date, DATE '0001-01-01'), p.album_id, p.position, p.song)
              < ($2, $3::bigint, $4::bigint, $5::bigint))
    ORDER BY date DESC, p.album_id DESC, p.position DESC, p.song DESC
    LIMIT $6
)
SELECT t.id AS track_id, t.name, t.spotify_id, t.normalized_track_id, page.version_count,
       artists.ids AS artist_ids, artists.names AS artist_names, al.id AS album_id, al.name AS album_name,
       release_date_text(al) AS release_date,
       page.role::text AS role, roles_of(tp) AS roles, page.source::text AS source, page.confidence,
       page.date, page.position, page.song
FROM page
JOIN track_producers tp ON tp.track_id = page.track_id AND tp.producer_id = $1
JOIN tracks t ON t.id = page.track_id
JOIN albums al ON al.id = t.album_id
CROSS JOIN LATERAL (
    SELECT array_agg(a.id ORDER BY named.position) AS ids, array_agg(a.name ORDER BY named.position) AS names
    FROM (
        SELECT artist_id, position FROM artists_of_tracks WHERE track_id = t.id
        ORDER BY position
        LIMIT 100
    ) AS named
    JOIN artists a ON a.id = named.artist_id
) AS artists
ORDER BY page.date DESC, page.album_id DESC, page.position DESC, page.song DESC
