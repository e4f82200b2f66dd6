-- The questions people ask, as functions.

-- Lower case without accents, one space between words, letters of every script kept: what producer_names.search_key is made of.
-- Must agree with names::fold in the domain crate for a query to find what was stored.
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN btrim(regexp_replace(replace(lower(unaccent(normalize(name, NFKC))), '&', ' and '), '[^[:alnum:]]+', ' ', 'g'));

-- Producers whose name, alias or name as printed is like `query`: equal names first, then names that begin with it,
-- then by similarity. score is 0-1; match_kind is exact, prefix or similar.
CREATE FUNCTION search_producers(query text, max_results int DEFAULT 20)
RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real, track_count integer, artist_count integer)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH asked AS (
        SELECT left(replace(fold_name(query), ' ', ''), 200) AS key
    ),
    -- Index scans only: an equal key, a key that begins with it, a key that shares trigrams.
    candidates AS (
        SELECT n.producer_id, n.name AS matched_name, n.kind,
               CASE WHEN n.search_key = asked.key THEN 'exact' WHEN starts_with(n.search_key, asked.key) THEN 'prefix' ELSE 'similar' END AS match_kind,
               similarity(n.search_key, asked.key) AS score
        FROM asked
        JOIN producer_names n ON n.search_key % asked.key
                              OR (n.search_key >= asked.key AND n.search_key < asked.key || chr(1114111))
        WHERE asked.key <> ''
    ),
    -- The best name of each producer.
    best AS (
        SELECT DISTINCT ON (c.producer_id) c.*
        FROM candidates c
        ORDER BY c.producer_id, array_position(ARRAY['exact', 'prefix', 'similar'], c.match_kind), c.score DESC, c.kind, c.matched_name
    )
    SELECT b.producer_id, p.name, b.matched_name, b.match_kind, b.score,
           COALESCE(s.track_count, 0), COALESCE(s.artist_count, 0)
    FROM best b
    JOIN producers p ON p.id = b.producer_id
    LEFT JOIN producer_statistics s ON s.producer_id = b.producer_id
    ORDER BY array_position(ARRAY['exact', 'prefix', 'similar'], b.match_kind),
             CASE WHEN b.match_kind = 'similar' THEN b.score END DESC NULLS LAST,
             COALESCE(s.track_count, 0) DESC, p.name, b.producer_id
    LIMIT LEAST(GREATEST(max_results, 0), 100)
$$;
COMMENT ON FUNCTION search_producers IS 'Fuzzy search over every name of every producer.';

-- The artist that stands for many on a compilation.
CREATE FUNCTION is_various_artists(artist_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM artist_identities i
    WHERE i.artist_id = is_various_artists.artist_id
      AND (i.source, i.source_id) IN (
          ('spotify', '0LyfQWJT6nXafLPZqxe9Of'),
          ('musicbrainz', '89ad4ac3-39f7-470e-963a-56509c546377'),
          ('discogs', '194')
      )
);

-- An artist and a producer that a source knows by one id.
CREATE FUNCTION is_same_person(artist_id bigint, producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM artist_identities a
    JOIN producer_identities p ON p.source = a.source AND p.source_id = a.source_id
    WHERE a.artist_id = is_same_person.artist_id AND p.producer_id = is_same_person.producer_id
);

-- The artists a producer has worked with and on how many songs, versions of one counted once. Various Artists is nobody,
-- and producing oneself is no collaboration.
CREATE FUNCTION get_producer_collaborations(producer_id bigint)
RETURNS TABLE (artist_id bigint, artist_name text, track_count bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH produced AS (
        SELECT t.id AS track_id, t.album_id, COALESCE(t.normalized_track_id, -t.id) AS song
        FROM track_producers tp
        JOIN tracks t ON t.id = tp.track_id
        WHERE tp.producer_id = get_producer_collaborations.producer_id
    ),
    worked_with AS (
        SELECT ta.artist_id, produced.song
        FROM produced
        JOIN track_artists ta ON ta.track_id = produced.track_id
        UNION
        SELECT al.artist_id, produced.song
        FROM produced
        JOIN albums al ON al.id = produced.album_id
        WHERE NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = produced.track_id)
    )
    SELECT a.id, a.name, count(*)
    FROM worked_with w
    JOIN artists a ON a.id = w.artist_id
    WHERE NOT is_various_artists(a.id)
      AND NOT is_same_person(a.id, get_producer_collaborations.producer_id)
    GROUP BY a.id, a.name
    ORDER BY count(*) DESC, a.name, a.id
$$;
COMMENT ON FUNCTION get_producer_collaborations IS 'The artists a producer has worked with, with the number of songs.';

-- What things are called whoever numbered them: for comparing two databases that should hold the same.
CREATE FUNCTION artist_key(artist_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(
    (SELECT min(i.source::text || ':' || i.source_id COLLATE "C") FROM artist_identities i WHERE i.artist_id = artist_key.artist_id),
    (SELECT 'artist:' || a.name FROM artists a WHERE a.id = artist_key.artist_id)
);

CREATE FUNCTION album_key(album_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(
    (SELECT a.spotify_id FROM albums a WHERE a.id = album_key.album_id),
    (SELECT min(l.source::text || ':' || l.source_id COLLATE "C") FROM album_links l WHERE l.album_id = album_key.album_id),
    (SELECT 'album:' || a.name FROM albums a WHERE a.id = album_key.album_id)
);

CREATE FUNCTION track_key(track_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT album_key(t.album_id) || '/' || t.disc_number || '.' || t.track_number || '/' || COALESCE(t.spotify_id, t.name)
    FROM tracks t WHERE t.id = track_key.track_id
);

CREATE FUNCTION producer_key(producer_id bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(
    (SELECT min(i.source::text || ':' || i.source_id COLLATE "C") FROM producer_identities i WHERE i.producer_id = producer_key.producer_id),
    (SELECT 'producer:' || p.name FROM producers p WHERE p.id = producer_key.producer_id)
);
