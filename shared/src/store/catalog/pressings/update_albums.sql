-- Updates the albums $1 from their pressings. The smallest record states the barcode; each other field comes
-- from the smallest record that states it. If the album was also imported from Spotify or MusicBrainz, only
-- gaps are filled.
UPDATE albums a
SET album_type = n.album_type, release_date = n.release_date,
    release_date_precision = n.release_date_precision, upc = n.upc, label = n.label, genres = n.genres
FROM (
    SELECT b.id,
           CASE WHEN b.is_shared AND b.album_type <> 'other' THEN b.album_type
                ELSE COALESCE(by_type.album_type, b.album_type) END AS album_type,
           CASE WHEN b.is_shared THEN COALESCE(b.release_date, by_date.release_date)
                ELSE COALESCE(by_date.release_date, b.release_date) END AS release_date,
           CASE WHEN b.is_shared THEN COALESCE(b.release_date_precision, by_date.release_date_precision)
                ELSE COALESCE(by_date.release_date_precision, b.release_date_precision)
           END AS release_date_precision,
           CASE WHEN b.is_shared OR first.source_id IS NULL THEN b.upc ELSE first.upc END AS upc,
           CASE WHEN b.is_shared THEN COALESCE(b.label, by_label.label)
                ELSE COALESCE(by_label.label, b.label) END AS label,
           CASE WHEN b.is_shared AND b.genres <> '{}' THEN b.genres
                ELSE COALESCE(by_genres.genres, b.genres) END AS genres
    FROM (
        SELECT albums.*,
               EXISTS (SELECT FROM album_links l
                       WHERE l.album_id = albums.id AND l.matched_by = 'own'
                         AND l.source < 'discogs') AS is_shared
        FROM albums
        WHERE id = ANY ($1::bigint[])
    ) b
    -- The smallest record.
    LEFT JOIN LATERAL (
        SELECT p.source_id, p.upc FROM loaded_records r JOIN pressings p USING (source, source_id)
        WHERE r.album_id = b.id ORDER BY length(p.source_id), p.source_id LIMIT 1
    ) first ON true
    -- The smallest records that state the type, the date, the label and the genres.
    LEFT JOIN LATERAL (
        SELECT p.album_type FROM loaded_records r JOIN pressings p USING (source, source_id)
        WHERE r.album_id = b.id AND p.album_type IS NOT NULL ORDER BY length(p.source_id), p.source_id LIMIT 1
    ) by_type ON true
    LEFT JOIN LATERAL (
        SELECT p.release_date, p.release_date_precision
        FROM loaded_records r JOIN pressings p USING (source, source_id)
        WHERE r.album_id = b.id AND p.release_date IS NOT NULL
        ORDER BY length(p.source_id), p.source_id LIMIT 1
    ) by_date ON true
    LEFT JOIN LATERAL (
        SELECT p.label FROM loaded_records r JOIN pressings p USING (source, source_id)
        WHERE r.album_id = b.id AND p.label IS NOT NULL ORDER BY length(p.source_id), p.source_id LIMIT 1
    ) by_label ON true
    LEFT JOIN LATERAL (
        SELECT p.genres FROM loaded_records r JOIN pressings p USING (source, source_id)
        WHERE r.album_id = b.id AND p.genres <> '{}' ORDER BY length(p.source_id), p.source_id LIMIT 1
    ) by_genres ON true
) n
WHERE a.id = n.id
  AND (a.album_type, a.release_date, a.release_date_precision, a.upc, a.label, a.genres)
      IS DISTINCT FROM (n.album_type, n.release_date, n.release_date_precision, n.upc, n.label, n.genres)
