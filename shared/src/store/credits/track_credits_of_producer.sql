-- The credits of the producer $1 that cover the tracks $2 or may cover them.
WITH
-- The credits of the track itself, and those of its album that are for all tracks, for a range with the
-- track, or for a range that could not be resolved.
covering AS (
    SELECT c.id, c.track_id, 'track' AS covers
    FROM credits c
    WHERE c.track_id IS NOT NULL AND c.track_id = ANY ($2)
    UNION ALL
    SELECT c.id, t.id,
           CASE WHEN c.track_range IS NULL THEN 'album'
                WHEN c.track_positions IS NULL THEN 'unresolved'
                ELSE 'range' END
    FROM tracks t
    JOIN credits c ON c.album_id = t.album_id
    WHERE t.id = ANY ($2) AND c.track_id IS NULL
      AND (c.track_positions IS NULL
           OR (t.disc_number || '-' || t.track_number = ANY (c.track_positions) AND t.removed_at IS NULL))
)
SELECT covering.covers, c.source::text AS source, c.source_record_kind, c.source_record_id, i.producer_id,
       c.credited_as, c.raw_role, c.role::text AS role, c.matched_by::text AS matched_by, c.match_score,
       c.first_seen_at,
       c.note, c.track_range, known_from.what AS known_from, covering.track_id
FROM covering
JOIN credits c ON c.id = covering.id
JOIN producer_identities i ON i.id = c.producer_identity_id
LEFT JOIN LATERAL (
    SELECT COALESCE('track ' || (l.answer ->> 'same_as_track'),
                    'album ' || (l.answer ->> 'same_as_album')) AS what
    FROM lookups l
    WHERE l.source = c.source
      AND (l.kind, l.subject) IN (('track', covering.track_id::text), ('album', c.album_id::text))
      AND l.answer ?| ARRAY['same_as_track', 'same_as_album']
    ORDER BY l.kind DESC
    LIMIT 1
) AS known_from ON c.matched_by <> 'manual'
WHERE i.producer_id = $1
ORDER BY c.role, c.source, covering.covers DESC, c.credited_as, c.id
