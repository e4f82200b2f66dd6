-- Pairs of producers that are likely the same, with their evidence, the strongest first. $1: the most pairs
-- to return.
WITH
-- Pairs of producers that share a folded name.
named_alike AS MATERIALIZED (
    SELECT one.producer_id AS a, other.producer_id AS b, min(one.name) AS name,
           bool_or(one.kind = 'primary' AND other.kind = 'primary') AS is_primary,
           bool_or('alias' IN (one.kind, other.kind)) AS is_alias
    FROM producer_names one
    JOIN producer_names other ON other.search_key = one.search_key AND other.producer_id > one.producer_id
    GROUP BY one.producer_id, other.producer_id
),
-- Every piece of evidence for a pair, with its weight.
evidence (a, b, kind, weight, detail, number) AS (
    -- A record of one links to the other's page. A record with several links to one site proves nothing.
    SELECT LEAST(stated.producer_id, i.producer_id), GREATEST(stated.producer_id, i.producer_id),
           'stated_link', 100,
           min(stated.source || ' ' || stated.kind), count(*)
    FROM (
        SELECT c.producer_id, c.source, c.kind, c.value,
               count(*) OVER (PARTITION BY c.source, c.source_id, c.kind) AS pages
        FROM producer_contacts c
        WHERE c.kind IN ('musicbrainz', 'discogs', 'genius', 'spotify', 'wikidata')
    ) stated
    JOIN producer_identities i ON i.source = stated.kind::source AND md5(i.source_id) = md5(stated.value)
        AND i.producer_id <> stated.producer_id
    WHERE stated.pages = 1
    GROUP BY 1, 2
    UNION ALL
    -- Both have the same account.
    SELECT one.producer_id, other.producer_id, 'same_account', 80,
           string_agg(DISTINCT one.kind, ', ' ORDER BY one.kind), count(DISTINCT one.kind)
    FROM producer_contacts one
    JOIN producer_contacts other ON other.kind = one.kind AND md5(other.value) = md5(one.value)
        AND other.producer_id > one.producer_id
    WHERE one.kind NOT IN ('website', 'other', 'bio', 'image')
    GROUP BY 1, 2
    UNION ALL
    -- Both share a name and are credited for the same tracks.
    SELECT n.a, n.b, 'same_track', 60 + LEAST(count(DISTINCT one.track_id), 15), n.name,
           count(DISTINCT one.track_id)
    FROM named_alike n
    JOIN track_producers one ON one.producer_id = n.a
    JOIN track_producers other ON other.producer_id = n.b AND other.track_id = one.track_id
    GROUP BY n.a, n.b, n.name
    UNION ALL
    -- An alias of one is a name of the other.
    SELECT n.a, n.b, 'shared_alias', 30, n.name, 1
    FROM named_alike n
    WHERE n.is_alias
    UNION ALL
    -- Both have the same main name and produced for the same artist.
    SELECT n.a, n.b, 'same_artist', 20 + LEAST(count(DISTINCT made.artist_id), 9), min(made.name),
           count(DISTINCT made.artist_id)
    FROM named_alike n
    CROSS JOIN LATERAL (
        SELECT artist_of.id AS artist_id, artist_of.name
        FROM track_producers tp
        JOIN tracks t ON t.id = tp.track_id
        JOIN artists artist_of ON artist_of.id = (
            SELECT ta.artist_id FROM artists_of_tracks ta
            WHERE ta.track_id = t.id ORDER BY ta.position LIMIT 1)
        WHERE tp.producer_id IN (n.a, n.b) AND NOT is_various_artists(artist_of.id)
        GROUP BY artist_of.id, artist_of.name
        HAVING count(DISTINCT tp.producer_id) = 2
    ) made
    WHERE n.is_primary
    GROUP BY n.a, n.b
),
-- The sources in which both producers of a pair have an id.
linked AS (
    SELECT DISTINCT e.a, e.b, one.source
    FROM (SELECT DISTINCT a, b FROM evidence) e
    JOIN producer_identities one ON one.producer_id = e.a AND has_source_id(one)
    JOIN producer_identities other ON other.producer_id = e.b AND other.source = one.source
        AND has_source_id(other)
),
-- The evidence without pairs that are known to differ. Discogs has a page for each name of a person and
-- counts them separately; MusicBrainz keeps people of one name apart deliberately.
possible AS (
    SELECT e.*
    FROM evidence e
    WHERE NOT EXISTS (SELECT FROM linked l WHERE l.a = e.a AND l.b = e.b AND l.source = 'discogs')
      AND (e.kind = 'same_account'
           OR NOT EXISTS (SELECT FROM linked l WHERE l.a = e.a AND l.b = e.b AND l.source = 'musicbrainz'))
      AND NOT EXISTS (SELECT FROM producer_links l
                      WHERE (l.producer_id, l.linked_producer_id) IN ((e.a, e.b), (e.b, e.a)))
      AND NOT EXISTS (
          SELECT FROM producer_merges m
          WHERE m.unmerged_at IS NOT NULL
            AND (current_producer(m.kept_id), current_producer(m.gone_id)) IN ((e.a, e.b), (e.b, e.a)))
),
-- The pairs with the most evidence.
strongest AS (
    SELECT a, b, sum(weight) AS strength FROM possible GROUP BY a, b ORDER BY strength DESC, a, b
    LIMIT $1::bigint
)
SELECT s.a AS kept_id, pa.name AS kept_name, COALESCE(sa.track_count, 0) AS kept_track_count,
       s.b AS gone_id, pb.name AS gone_name, COALESCE(sb.track_count, 0) AS gone_track_count,
       s.strength::bigint AS strength, p.kind, p.detail, p.number
FROM strongest s
JOIN possible p ON p.a = s.a AND p.b = s.b
JOIN producers pa ON pa.id = s.a
JOIN producers pb ON pb.id = s.b
LEFT JOIN producer_statistics sa ON sa.producer_id = s.a
LEFT JOIN producer_statistics sb ON sb.producer_id = s.b
ORDER BY s.strength DESC, s.a, s.b, p.weight DESC
