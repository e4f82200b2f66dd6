-- The tracks of other albums that may be the same recording as a track of album $1.
WITH pairs AS (
    -- Tracks with the same ISRC, and tracks that are versions of the same song.
    SELECT t.id AS track_id, w.id AS similar_track_id, true AS same_isrc
    FROM tracks t
    JOIN tracks w ON w.isrc = t.isrc AND w.album_id <> t.album_id
    WHERE t.album_id = $1 AND t.removed_at IS NULL AND w.removed_at IS NULL
    UNION ALL
    SELECT t.id, w.id, false
    FROM tracks t
    JOIN tracks w ON w.normalized_track_id = t.normalized_track_id AND w.album_id <> t.album_id
    WHERE t.album_id = $1 AND t.removed_at IS NULL AND w.removed_at IS NULL
)
SELECT p.track_id, p.similar_track_id, w.name, w.duration_ms, bool_or(p.same_isrc) AS same_isrc, w.album_id
FROM pairs p
JOIN tracks w ON w.id = p.similar_track_id
-- Labels reuse ISRCs, so the two must share an artist.
WHERE EXISTS (
    SELECT artist_id FROM artists_of_tracks WHERE track_id = p.track_id
    INTERSECT
    SELECT artist_id FROM artists_of_tracks WHERE track_id = p.similar_track_id)
GROUP BY p.track_id, p.similar_track_id, w.name, w.duration_ms, w.album_id
ORDER BY p.track_id, p.similar_track_id
