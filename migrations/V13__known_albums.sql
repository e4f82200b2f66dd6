-- The known albums that arriving ones may be, in one place for online imports and loads.

CREATE FUNCTION known_albums(
    of_source source, ids text[], barcodes text[], track_counts integer[], masters bigint[],
    link_places bigint[], linked_spotify_ids text[], isrc_places bigint[], track_isrcs text[]
) RETURNS TABLE (place bigint, album_id bigint, reason integer) LANGUAGE sql STABLE AS $$
    WITH arriving AS (
        SELECT n.*
        FROM unnest(ids, barcodes, track_counts, masters)
            WITH ORDINALITY AS n (source_id, upc, total_tracks, master_id, place)
    )
    -- 0 and 1: imported from this record, or linked to it by a source.
    SELECT a.place, l.album_id, CASE WHEN l.matched_by = 'own' THEN 0 ELSE 1 END
    FROM arriving a
    JOIN album_links l ON l.source = of_source AND l.source_id = a.source_id AND l.matched_by IN ('own', 'link')
    UNION ALL
    -- 1: imported from a Spotify album that the record links to.
    SELECT n.place, l.album_id, 1
    FROM unnest(link_places, linked_spotify_ids) AS n (place, spotify_id)
    JOIN album_links l ON l.source = 'spotify' AND l.source_id = n.spotify_id AND l.matched_by = 'own'
    UNION ALL
    -- 2: a loaded pressing of the same master.
    SELECT a.place, r.album_id, 2
    FROM arriving a
    JOIN loaded_records r ON r.source = of_source AND r.master_id = a.master_id
    UNION ALL
    -- 3: the same barcode and track count.
    SELECT a.place, b.id, 3
    FROM arriving a
    JOIN albums b ON b.upc = a.upc AND b.total_tracks = a.total_tracks
    UNION ALL
    -- 3: the same barcode on a record of another source that the album was loaded from, and the same track count.
    SELECT a.place, b.id, 3
    FROM arriving a
    JOIN pressings p ON p.upc = a.upc AND p.source <> of_source
    JOIN loaded_records r ON r.source = p.source AND r.source_id = p.source_id
    JOIN albums b ON b.id = r.album_id AND b.total_tracks = a.total_tracks
    UNION ALL
    -- 4: a track with the same ISRC, and the same track count. Two releases of one source are different albums, except at
    -- Spotify.
    SELECT n.place, b.id, 4
    FROM unnest(isrc_places, track_isrcs) AS n (place, isrc)
    JOIN arriving a ON a.place = n.place
    JOIN tracks t ON t.isrc IS NOT NULL AND t.isrc = n.isrc AND t.removed_at IS NULL
    JOIN albums b ON b.id = t.album_id AND b.total_tracks = a.total_tracks
    WHERE of_source = 'spotify' OR NOT EXISTS (
        SELECT FROM album_links l WHERE l.album_id = b.id AND l.source = of_source AND l.matched_by = 'own')
$$;
COMMENT ON FUNCTION known_albums IS 'The albums that arriving ones may be, with the number of the arriving album and the reason (see AlbumMatchReason, from 0): linked to the record, of the same master, with the same barcode or with a shared ISRC. The caller compares their tracks.';
