-- The credits `c` that cover tracks `t` or may cover them, with the identity `i` of the producer, as the
-- beginning of statements that choose among them.
SELECT t.id AS track_id, coverage(c, t)::text AS covers, counts(c, t) AS counts, c.source::text AS source,
       c.source_record_kind, c.source_record_id, i.producer_id, c.credited_as, c.raw_role,
       c.role::text AS role,
       c.matched_by::text AS matched_by, c.match_score, c.first_seen_at, c.note, c.track_range,
       known_from.what AS known_from
FROM tracks t
JOIN credits c ON c.album_id = t.album_id AND coverage(c, t) IS NOT NULL
LEFT JOIN producer_identities i ON i.id = c.producer_identity_id
LEFT JOIN LATERAL (
    SELECT COALESCE('track ' || (l.answer ->> 'same_as_track'),
                    'album ' || (l.answer ->> 'same_as_album')) AS what
    FROM lookups l
    WHERE l.source = c.source
      AND (l.kind, l.subject) IN (('track', t.id::text), ('album', c.album_id::text))
      AND l.answer ?| ARRAY['same_as_track', 'same_as_album']
    ORDER BY l.kind DESC
    LIMIT 1
) AS known_from ON c.matched_by <> 'manual'
