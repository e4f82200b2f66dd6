-- Pairs of producers that are likely the same, with their evidence, the strongest first. $1: the most pairs
-- to return. Names are compared by hashed keys, and namesakes only within one artist or track, so that the
-- cost grows with the number of names and not with the number of pairs.
WITH
-- Names without a leading article and without the words that join names.
loose_names AS MATERIALIZED (
    SELECT n.producer_id, n.name, n.kind,
           left(replace(regexp_replace(n.normalized_name,
               '^(the|los|las|les|die|der|das|el|la|le|il|os|as) (?=.)| (and|und|et|y)( the)? ', ' ', 'g'),
               ' ', ''), 200) AS key
    FROM producer_names n
    WHERE n.kind <> 'alias'
      AND (n.normalized_name LIKE ANY (ARRAY['% and %', '% und %', '% et %', '% y %'])
           OR split_part(n.normalized_name, ' ', 1) IN ('the', 'los', 'las', 'les', 'die', 'der', 'das', 'el',
                                                        'la', 'le', 'il', 'os', 'as'))
),
all_names AS (
    SELECT n.producer_id, n.name, n.kind, hashtextextended(n.search_key, 0) AS key, false AS is_loose
    FROM producer_names n
    UNION ALL
    SELECT l.producer_id, l.name, l.kind, hashtextextended(l.key, 0), true FROM loose_names l
    WHERE l.key <> ''
),
-- The names that several producers have.
shared_names AS MATERIALIZED (
    SELECT a.*
    FROM all_names a
    JOIN (SELECT key FROM all_names GROUP BY key HAVING min(producer_id) <> max(producer_id)) s USING (key)
),
-- The parts of joint names: "A & B" has the parts "A" and "B".
joint_parts AS MATERIALIZED (
    SELECT DISTINCT n.producer_id, n.name, left(replace(fold_name(part.name), ' ', ''), 200) AS key,
           part.count
    FROM producer_names n
    CROSS JOIN LATERAL (
        SELECT word AS name, count(*) OVER () AS count
        FROM regexp_split_to_table(n.name, '\s*(?:[,/&＆+]|\m(?:and|und|et|y|vs)\M)\s*', 'i') AS word
        WHERE word <> ''
    ) AS part
    WHERE n.kind <> 'alias' AND part.count BETWEEN 2 AND 5
      AND (n.normalized_name LIKE ANY (ARRAY['% and %', '% und %', '% et %', '% y %', '% vs %'])
           OR n.name LIKE ANY (ARRAY['%,%', '%/%', '%+%']))
),
-- The producers whose main name is such a part.
named_parts AS MATERIALIZED (
    SELECT j.producer_id AS joint, j.name, j.key, j.count, n.producer_id
    FROM joint_parts j
    JOIN producer_names n ON n.search_key = j.key AND n.kind = 'primary' AND n.producer_id <> j.producer_id
),
candidates AS MATERIALIZED (
    SELECT producer_id FROM shared_names
    UNION SELECT joint FROM named_parts
    UNION SELECT producer_id FROM named_parts
),
-- What they produced, with the artist of the song.
work AS MATERIALIZED (
    SELECT tp.producer_id, tp.track_id,
           CASE WHEN t.normalized_track_id IS NOT NULL THEN n.artist_id
                ELSE (SELECT ta.artist_id FROM artists_of_tracks ta
                      WHERE ta.track_id = t.id ORDER BY ta.position LIMIT 1) END AS artist_id
    FROM candidates
    JOIN track_producers tp USING (producer_id)
    JOIN tracks t ON t.id = tp.track_id
    LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
),
-- The names that several producers of one artist have, and what these produced for the artist.
named_work AS (
    SELECT s.producer_id, s.name, s.kind, s.key, s.is_loose, w.track_id, w.artist_id
    FROM shared_names s
    JOIN work w USING (producer_id)
),
met AS MATERIALIZED (
    SELECT named.*
    FROM named_work named
    JOIN (SELECT key, artist_id FROM named_work
          GROUP BY key, artist_id HAVING min(producer_id) <> max(producer_id)) AS shared
        USING (key, artist_id)
),
-- Pairs of producers that share a name and an artist, with whether both have it as their main name, or one
-- of them as the main name and the other one in print.
names_by_artist AS MATERIALIZED (
    SELECT DISTINCT producer_id, name, kind, key, is_loose, artist_id
    FROM met
    WHERE NOT is_various_artists(artist_id)
),
alike AS MATERIALIZED (
    SELECT a, b, artist_id, min(name) AS name, bool_or(is_exact AND kinds = 'primary primary') AS is_main,
           bool_or(is_exact AND kinds IN ('primary credited_as', 'credited_as primary')) AS is_printed,
           bool_or(is_exact) AS is_exact
    FROM (
        SELECT one.producer_id AS a, other.producer_id AS b, one.artist_id, one.name,
               NOT one.is_loose AND NOT other.is_loose AS is_exact,
               one.kind::text || ' ' || other.kind::text AS kinds
        FROM names_by_artist one
        JOIN names_by_artist other USING (key, artist_id)
        WHERE other.producer_id > one.producer_id AND 'alias' NOT IN (one.kind, other.kind)
    ) AS pairs
    GROUP BY a, b, artist_id
),
-- The joint names whose parts all name producers of one artist.
joint_pairs AS (
    SELECT DISTINCT p.joint, p.name, p.producer_id, p.key, joint_of.artist_id, p.count
    FROM named_parts p
    JOIN work joint_of ON joint_of.producer_id = p.joint
    JOIN work part_of ON part_of.producer_id = p.producer_id AND part_of.artist_id = joint_of.artist_id
),
complete_joints AS (
    SELECT joint, name, artist_id
    FROM joint_pairs
    GROUP BY joint, name, artist_id, count
    HAVING count(DISTINCT key) = count AND NOT is_various_artists(artist_id)
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
    SELECT one.producer_id, other.producer_id, 'same_track', 60 + LEAST(count(DISTINCT one.track_id), 15),
           min(one.name), count(DISTINCT one.track_id)
    FROM met one
    JOIN met other USING (key, track_id)
    WHERE other.producer_id > one.producer_id AND NOT one.is_loose AND NOT other.is_loose
    GROUP BY 1, 2
    UNION ALL
    -- An alias of one is a name of the other.
    SELECT LEAST(one.producer_id, other.producer_id), GREATEST(one.producer_id, other.producer_id),
           'shared_alias', 30, min(one.name), 1
    FROM shared_names one
    JOIN shared_names other USING (key)
    WHERE one.kind = 'alias' AND NOT other.is_loose AND other.producer_id <> one.producer_id
    GROUP BY 1, 2
    UNION ALL
    -- Both produced for the same artist, and have the same main name.
    SELECT l.a, l.b, 'same_artist', 20 + LEAST(count(*), 9), min(a.name), count(*)
    FROM alike l
    JOIN artists a ON a.id = l.artist_id
    WHERE l.is_main
    GROUP BY l.a, l.b
    UNION ALL
    -- The same, and the main name of one is printed for the other.
    SELECT l.a, l.b, 'printed_name', 10 + LEAST(count(*), 9), min(l.name), count(*)
    FROM alike l
    WHERE l.is_printed AND NOT l.is_main
    GROUP BY l.a, l.b
    UNION ALL
    -- The same, and their names differ in articles and joining words.
    SELECT l.a, l.b, 'name_variant', 10 + LEAST(count(*), 9), min(l.name), count(*)
    FROM alike l
    WHERE NOT l.is_exact
    GROUP BY l.a, l.b
    UNION ALL
    -- The same, and one is named as the other together with further producers.
    SELECT LEAST(p.joint, p.producer_id), GREATEST(p.joint, p.producer_id),
           'joint_name', LEAST(count(DISTINCT p.artist_id), 9), min(p.name), count(DISTINCT p.artist_id)
    FROM joint_pairs p
    JOIN complete_joints USING (joint, name, artist_id)
    GROUP BY 1, 2
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
ORDER BY s.strength DESC, s.a, s.b, p.weight DESC, p.kind
