-- The albums that may be the album of a source, each with its best reason as an index into AlbumMatchReason.
-- $1 source, $2 id at the source, $3 Spotify ids that the source states, $4 Spotify id if the source is
-- Spotify, $5 barcode, $6 track count, $7 ISRCs.
SELECT a.id, a.spotify_id, min(candidates.reason) AS match_reason,
       -- The smallest Spotify id leads. Without any, the smallest id of this source leads.
       COALESCE($4::text <= a.spotify_id, a.spotify_id IS NULL AND ($4::text IS NOT NULL OR NOT EXISTS (
           SELECT FROM album_links l
           WHERE l.album_id = a.id AND l.source = $1::text::source AND l.matched_by = 'own'
             AND (length(l.source_id), l.source_id) < (length($2), $2)))) AS arrival_leads
FROM (
    -- Imported from this record, or linked to it by a source.
    SELECT l.album_id AS id, CASE WHEN l.matched_by = 'own' THEN 0 ELSE 1 END AS reason
    FROM album_links l
    WHERE l.source = $1::text::source AND l.source_id = $2 AND l.matched_by IN ('own', 'link')
    UNION ALL
    -- Imported from a Spotify album that the record links to.
    SELECT l.album_id, 1
    FROM album_links l
    WHERE l.source = 'spotify' AND l.source_id = ANY ($3::text[]) AND l.matched_by = 'own'
    UNION ALL
    -- The same barcode and track count.
    SELECT b.id, 2 FROM albums b WHERE b.upc = $5 AND b.total_tracks = $6
    UNION ALL
    -- The same barcode on a record of another source that the album was loaded from, and the same track
    -- count.
    SELECT b.id, 2
    FROM pressings p
    JOIN loaded_records r ON r.source = p.source AND r.source_id = p.source_id
    JOIN albums b ON b.id = r.album_id AND b.total_tracks = $6
    WHERE p.upc = $5 AND p.source <> $1::text::source
    UNION ALL
    -- A track with the same ISRC, and the same track count. Two releases of one source are different albums,
    -- except at Spotify.
    SELECT b.id, 3
    FROM tracks t
    JOIN albums b ON b.id = t.album_id AND b.total_tracks = $6
    WHERE t.isrc IS NOT NULL AND t.isrc = ANY ($7::text[]) AND t.removed_at IS NULL
      AND ($4::text IS NOT NULL OR NOT EXISTS (
          SELECT FROM album_links l
          WHERE l.album_id = b.id AND l.source = $1::text::source AND l.matched_by = 'own'))
) candidates
JOIN albums a ON a.id = candidates.id
GROUP BY a.id
ORDER BY min(candidates.reason), a.id
