-- The albums that arriving ones may be, each with the number of the arriving album and the best reason as an
-- index into AlbumMatchReason. $1 source, $2 ids at the source, $3 barcodes, $4 track counts, $5 masters;
-- $6 numbers of arriving albums with $7 Spotify ids that the source states; $8 numbers with $9 ISRCs.
SELECT known.place, known.reason, a.id, a.spotify_id, a.album_type::text AS album_type, a.release_date,
       a.release_date_precision::text AS release_date_precision, a.cover_url, a.upc, a.total_tracks, a.label,
       a.genres,
       (SELECT l.source_id FROM album_links l
        WHERE l.album_id = a.id AND l.source = $1::text::source AND l.matched_by = 'own'
        ORDER BY length(l.source_id), l.source_id
        LIMIT 1) AS first_record,
       -- The lookup at MusicBrainz links artists of other albums. Discogs and loaded albums may get none.
       EXISTS (SELECT FROM album_links l
               WHERE l.album_id = a.id AND l.source = 'discogs' AND l.matched_by = 'own')
       OR EXISTS (SELECT FROM loaded_releases r WHERE r.album_id = a.id) AS is_loaded,
       ARRAY(SELECT r.tracklist_hash FROM loaded_records r WHERE r.album_id = a.id) AS tracklist_hashes,
       (SELECT r.tracklist_hash FROM loaded_records r
        WHERE r.album_id = a.id AND r.source = $1::text::source
          AND r.source_id = ($2::text[])[known.place]) AS former_tracklist_hash,
       EXISTS (SELECT FROM album_links l
               WHERE l.album_id = a.id
                 AND (l.source, l.source_id) <> ($1::text::source, ($2::text[])[known.place] COLLATE "C")
                 AND l.source IN ('spotify', 'musicbrainz', 'discogs')) AS has_other_records
FROM (
    SELECT k.place, k.album_id, min(k.reason) AS reason
    FROM known_albums($1::text::source, $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[],
                      $7::text[], $8::bigint[], $9::text[]) k
    GROUP BY k.place, k.album_id
) known
JOIN albums a ON a.id = known.album_id
ORDER BY a.id
FOR NO KEY UPDATE OF a
