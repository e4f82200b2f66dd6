-- Updates the durations and ISRCs of the tracks of albums $1 from their pressings. Each comes from the
-- smallest record that states it. If the album was also imported from Spotify or MusicBrainz, only gaps are
-- filled.
UPDATE tracks t
SET duration_ms = n.duration_ms, isrc = n.isrc
FROM (
    SELECT o.id,
           CASE WHEN o.is_shared THEN COALESCE(o.duration_ms, stated.duration_ms)
                ELSE COALESCE(stated.duration_ms, o.duration_ms) END AS duration_ms,
           CASE WHEN o.is_shared THEN COALESCE(o.isrc, stated.isrc)
               ELSE COALESCE(stated.isrc, o.isrc) END AS isrc
    FROM (
        -- The current tracks, each with its place on the album.
        SELECT tracks.*,
               row_number() OVER (PARTITION BY album_id ORDER BY disc_number, track_number, id) AS place,
               EXISTS (SELECT FROM album_links l
                       WHERE l.album_id = tracks.album_id AND l.matched_by = 'own'
                         AND l.source < 'discogs') AS is_shared
        FROM tracks
        WHERE album_id = ANY ($1::bigint[]) AND removed_at IS NULL
    ) o
    JOIN (
        -- For each place, the first duration and the first ISRC that a pressing states.
        SELECT r.album_id, s.place,
               (array_agg(s.duration_ms ORDER BY length(p.source_id), p.source_id)
                    FILTER (WHERE s.duration_ms > 0))[1] AS duration_ms,
               (array_agg(s.isrc ORDER BY length(p.source_id), p.source_id)
                FILTER (WHERE s.isrc <> ''))[1] AS isrc
        FROM loaded_records r
        JOIN pressings p USING (source, source_id)
        CROSS JOIN unnest(p.durations_ms, p.isrcs) WITH ORDINALITY AS s (duration_ms, isrc, place)
        WHERE r.album_id = ANY ($1::bigint[])
        GROUP BY r.album_id, s.place
    ) stated ON stated.album_id = o.album_id AND stated.place = o.place
) n
WHERE t.id = n.id AND (t.duration_ms, t.isrc) IS DISTINCT FROM (n.duration_ms, n.isrc)
