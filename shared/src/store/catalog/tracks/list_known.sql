-- The tracks of albums $1, and the tracks of any album that have one of the Spotify ids $2.
SELECT t.id, t.album_id, t.spotify_id, t.disc_number, t.track_number, t.name, t.duration_ms, t.isrc,
       t.spotify_preview_url, t.normalized_track_id, t.removed_at IS NOT NULL AS is_removed,
       al.spotify_id AS spotify_album_id,
       ARRAY(SELECT l.source_id FROM track_links l
             WHERE l.track_id = t.id AND l.source = 'spotify') AS spotify_ids,
       ARRAY(SELECT l.source_id FROM track_links l
             WHERE l.track_id = t.id AND l.source = 'musicbrainz') AS recording_mbids
FROM tracks t
JOIN albums al ON al.id = t.album_id
WHERE t.id IN (
    SELECT id FROM tracks WHERE album_id = ANY ($1::bigint[])
    UNION
    SELECT track_id FROM track_links WHERE source = 'spotify' AND source_id = ANY ($2::text[]))
ORDER BY t.disc_number, t.track_number, t.id
