,
asked AS (
    -- For each track and source, the most informative lookup: an answer says more than a failure, and a
    -- lookup of the track says more than one of its album.
    SELECT DISTINCT ON (t.id, l.source) t.id, l.source, l.kind, l.outcome, l.look_again_at
    FROM its_tracks t
    CROSS JOIN unnest(ARRAY['musicbrainz', 'discogs', 'genius', 'wikidata']::source[]) AS s (source)
    CROSS JOIN LATERAL (VALUES ('track', t.id::text), ('album', t.album_id::text)) AS about (kind, subject)
    JOIN lookups l ON l.source = s.source AND l.kind = about.kind AND l.subject = about.subject
    ORDER BY t.id, l.source, l.outcome IN ('found', 'not_found') DESC, l.kind = 'track' DESC
),
reasons AS (
    -- For each track without a producer, its lookups as three arrays.
    SELECT t.id, array_agg(a.source::text ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS sources,
           array_agg(a.kind ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS kinds,
           array_agg(a.outcome::text ORDER BY a.source) FILTER (WHERE a.id IS NOT NULL) AS outcomes,
           min(a.look_again_at) AS look_again_at
    FROM its_tracks t
    LEFT JOIN asked a ON a.id = t.id
    WHERE NOT EXISTS (SELECT FROM track_producers tp WHERE tp.track_id = t.id)
    GROUP BY t.id
)
-- The tracks with the same lookups are one group.
SELECT COALESCE(sources, '{}') AS sources, COALESCE(kinds, '{}') AS kinds,
       COALESCE(outcomes, '{}') AS outcomes,
       count(*) AS track_count, min(look_again_at) AS look_again_at
FROM reasons
GROUP BY 1, 2, 3
ORDER BY 4 DESC, 1, 2, 3
