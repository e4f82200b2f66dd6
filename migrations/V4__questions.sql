-- Functions that answer the questions people ask.

-- The searchable form of a name, equal to that of `names::fold` in Rust: producer_names has the result of the Rust function,
-- and this function folds queries by the same lists of characters.
-- From the inside out: decompose compatibility forms; lower-case; remove apostrophes and invisible characters; replace Latin
-- letters that are not a letter with a mark; protect й, whose mark is not an accent; remove the marks of Latin, Greek and
-- Cyrillic letters; replace separators by one space; compose again.
-- A name that would become empty keeps its symbols.
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(
    NULLIF(normalize(btrim(regexp_replace(replace(
        regexp_replace(replace(
            replace(replace(replace(replace(translate(
                regexp_replace(
                    lower(normalize(replace(name, '´', ''), NFKD)),
                    '[''`\u2018\u2019\u201b\u2032\u02bb-\u02bd\u02c8\u02cb\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]+',
                    '', 'g'),
                'øłđðħŧıŋĸȷƀɓƈƒɖɗɛɠɡɨƙɲƥƴƶǥʉʋɫςᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ',
                'olddhtinqjbbcfddeggiknpyzguvlσabcdefghijklmnoprstuvwyz'),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        U&'\0438\0306', 'й'),
        '([0-9a-z\u00df-\u02af\u0370-\u0482\u048a-\u052f\u1c80-\u1c8f\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua640-\ua66e\ua680-\ua69d\ua720-\ua7ff\uab30-\uab6f])[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+',
        '\1', 'g'),
    '&', ' and '),
    '^[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+|(?:[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df\u037e\u0387\u0482\u055a-\u055f\u0589-\u058a\u05be\u05c0\u05c3\u05c6\u05f3-\u05f4\u0606-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u06de\u06e9\u0700-\u070d\u0964-\u0965\u0970\u0df4\u0e3f\u0e4f\u0e5a-\u0e5b\u0f04-\u0f12\u104a-\u104f\u10fb\u1360-\u1368\u1400\u166d-\u166e\u1680\u16eb-\u16ed\u1735-\u1736\u17d4-\u17d6\u17d8-\u17db\u1800-\u180a\u1944-\u1945\u19de-\u19ff\u2010-\u205f\u20a0-\u20c0\u2117\u2190-\u2426\u2440-\u244a\u2500-\u2775\u2794-\u2bff\u2e00-\u2e2e\u2e30-\u2e52\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\u31c0-\u31e3\u4dc0-\u4dff\ua4fe-\ua4ff\ua60d-\ua60f\ua874-\ua877\ufd3e-\ufd3f\ufffd\U0001d100-\U0001d126\U0001f000-\U0001f0ff\U0001f18a-\U0001faff][\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]*)+',
    ' ', 'g')), NFC), ''),
    btrim(regexp_replace(lower(normalize(name, NFKC)), '[\u0009-\u000d\u0020\u0085\u1680\u2028\u2029]+', ' ', 'g')));

-- Producers with a name, alias or printed name similar to `query`: equal names first, then names that begin with it, then by
-- similarity. score is 0-1; match_kind is exact, prefix or similar.
CREATE FUNCTION search_producers(query text, max_results int DEFAULT 20)
RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real, track_count integer, artist_count integer)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH asked AS (
        SELECT left(replace(fold_name(query), ' ', ''), 200) AS key
    ),
    -- Only index scans: an equal key, a key with this prefix, a key with common trigrams.
    candidates AS (
        SELECT n.producer_id, n.name AS matched_name, n.kind,
               CASE WHEN n.search_key = asked.key THEN 'exact' WHEN starts_with(n.search_key, asked.key) THEN 'prefix' ELSE 'similar' END AS match_kind,
               similarity(n.search_key, asked.key) AS score
        FROM asked
        JOIN producer_names n ON n.search_key % asked.key
                              OR (n.search_key >= asked.key AND n.search_key < asked.key || chr(1114111))
        WHERE asked.key <> ''
    ),
    -- The best matching name of each producer.
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

-- The artist that stands for the many artists of a compilation.
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

-- Whether an artist and a producer have the same id at a source.
CREATE FUNCTION is_same_person(artist_id bigint, producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM artist_identities a
    JOIN producer_identities p ON p.source = a.source AND p.source_id = a.source_id
    WHERE a.artist_id = is_same_person.artist_id AND p.producer_id = is_same_person.producer_id
);

-- The artists that a producer has worked with, and the number of songs (versions count once). Various Artists and the
-- producer's own records do not count.
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

-- Keys that do not depend on our ids, for comparing two databases that should have the same content.
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
