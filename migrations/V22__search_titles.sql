-- Search for songs and albums by title, and by title and artist.

ALTER TABLE normalized_tracks
    ADD COLUMN search_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(normalized_name, 60)) STORED;
ALTER TABLE albums
    ADD COLUMN search_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(replace(fold_name(name), ' ', ''), 60)) STORED;
COMMENT ON COLUMN normalized_tracks.search_key IS 'The beginning of normalized_name, by which search finds the song.';
COMMENT ON COLUMN albums.search_key IS 'The beginning of the folded title without spaces, by which search finds the album.';

-- The artists whose name is like each of these texts: equal, or with one typo. place: the text's place among them.
CREATE FUNCTION artists_called(texts text[], with_typo boolean) RETURNS TABLE (place integer, artist_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20 AS $$
#variable_conflict use_column
BEGIN
    IF with_typo THEN
        RETURN QUERY
        SELECT t.place::integer, n.owner_id
        FROM unnest(texts) WITH ORDINALITY AS t (words, place)
        CROSS JOIN LATERAL names_with_one_typo(left(replace(t.words, ' ', ''), 200), true, 20) AS f
        CROSS JOIN LATERAL unnest(f.ids, f.typos) AS one (id, typos)
        JOIN search_names n ON n.id = one.id
        WHERE one.typos = 1 AND length(t.words) >= 4;
    ELSE
        RETURN QUERY
        SELECT t.place::integer, n.owner_id
        FROM unnest(texts) WITH ORDINALITY AS t (words, place)
        CROSS JOIN LATERAL (
            SELECT owner_id FROM search_names
            WHERE key = left(replace(t.words, ' ', ''), 200) AND of_artist
            ORDER BY popularity_class DESC LIMIT 20) AS n;
    END IF;
END $$;

-- The functions for songs and for albums have one text, and differ in the table.
DO $make$
DECLARE
    target record;
    index_text constant text := $index$
CREATE INDEX %table%_search_artist_idx ON %table% (artist_id, search_key);
CREATE INDEX %table%_search_key_idx ON %table% (search_key);
CREATE INDEX %table%_search_thirds_12_idx ON %table% (thirds_12(search_key, 0)) WHERE length(search_key) >= 4;
CREATE INDEX %table%_search_thirds_23_idx ON %table% (thirds_23(search_key, 0)) WHERE length(search_key) >= 4;
CREATE INDEX %table%_search_thirds_13_idx ON %table% (thirds_13(search_key, 0)) WHERE length(search_key) >= 4;
$index$;
    function_text constant text := $text$
-- The %kind% whose title has one typo.
CREATE FUNCTION %kind%_with_one_typo(typed text, max_results integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH hashes AS (SELECT * FROM one_typo_hashes(typed, 0)),
    candidates AS (
        SELECT n.* FROM hashes, unnest(h12) AS h CROSS JOIN LATERAL (
            SELECT id, search_key FROM %table%
            WHERE thirds_12(search_key, 0) = h AND length(search_key) >= 4 LIMIT 100) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h23) AS h CROSS JOIN LATERAL (
            SELECT id, search_key FROM %table%
            WHERE thirds_23(search_key, 0) = h AND length(search_key) >= 4 LIMIT 100) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h13) AS h CROSS JOIN LATERAL (
            SELECT id, search_key FROM %table%
            WHERE thirds_13(search_key, 0) = h AND length(search_key) >= 4 LIMIT 100) AS n
    )
    SELECT id FROM candidates
    WHERE levenshtein_less_equal(search_key, typed, 2) <= 2 AND count_typos(search_key, typed) = 1
    LIMIT max_results;
END $$;

-- The %kind% with a title like `title`, or with both a title like titles[i] and an artist like artists[i], for any i: the ways to
-- divide what was typed. match_rank: 0 title and artist are equal, 1 the title begins so, 2 one of the two has a typo, 3 the
-- artist's name has the typed words, 4 the title is equal, whoever the artist is, 5 it begins so, 6 it has a typo. Of each
-- rank, the artists with most songs come first.
CREATE FUNCTION find_%kind%(title text, titles text[], artists text[], max_results integer)
RETURNS TABLE (id bigint, artist_id bigint, match_rank smallint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    ids bigint[] := '{}';
    ranks integer[] := '{}';
    step bigint[];
    step_ranks integer[];
BEGIN
    ids := ARRAY(
        SELECT s.id FROM artists_called(artists, false) AS a
        CROSS JOIN LATERAL (
            SELECT id FROM %table%
            WHERE artist_id = a.artist_id AND search_key = titles[a.place] LIMIT 20) AS s
        LIMIT max_results);
    ranks := array_fill(0, ARRAY[cardinality(ids)]);
    IF ids = '{}' AND artists <> '{}' THEN
        SELECT array_agg(n.id), array_agg(n.match_rank) INTO step, step_ranks
        FROM (SELECT s.id, CASE WHEN starts_with(s.search_key, titles[a.place]) THEN 1 ELSE 2 END AS match_rank
              FROM artists_called(artists, false) AS a
              CROSS JOIN LATERAL (
                  SELECT id, search_key FROM %table% WHERE artist_id = a.artist_id LIMIT 5000) AS s
              WHERE length(titles[a.place]) >= 3
                AND (starts_with(s.search_key, titles[a.place])
                     OR (levenshtein_less_equal(s.search_key, titles[a.place], 2) <= 2
                         AND count_typos(s.search_key, titles[a.place]) = 1))
              ORDER BY match_rank LIMIT max_results) AS n;
        ids := ids || step;
        ranks := ranks || step_ranks;
        step := ARRAY(
            SELECT s.id FROM artists_called(artists, true) AS a
            CROSS JOIN LATERAL (
                SELECT id FROM %table%
                WHERE artist_id = a.artist_id AND search_key = titles[a.place] LIMIT 20) AS s
            LIMIT max_results);
        ids := ids || step;
        ranks := ranks || array_fill(2, ARRAY[cardinality(step)]);
    END IF;
    IF ids = '{}' AND artists <> '{}' THEN
        step := ARRAY(
            SELECT s.id FROM unnest(titles, artists) AS t (search_key, words)
            CROSS JOIN LATERAL (
                SELECT id, artist_id FROM %table% WHERE search_key = t.search_key LIMIT 300) AS s
            WHERE EXISTS (
                SELECT FROM search_names n
                WHERE n.owner_id = s.artist_id AND n.of_artist
                  AND string_to_array(n.words, ' ') @> string_to_array(t.words, ' '))
            LIMIT max_results);
        ids := ids || step;
        ranks := ranks || array_fill(3, ARRAY[cardinality(step)]);
    END IF;
    IF cardinality(ids) < max_results THEN
        step := ARRAY(SELECT id FROM %table% WHERE search_key = title LIMIT 200);
        ids := ids || step;
        ranks := ranks || array_fill(4, ARRAY[cardinality(step)]);
    END IF;
    IF cardinality(ids) < max_results THEN
        step := ARRAY(SELECT id FROM %table% WHERE search_key > title AND search_key < title || U&'\+10FFFF'
                      ORDER BY search_key LIMIT 200);
        ids := ids || step;
        ranks := ranks || array_fill(5, ARRAY[cardinality(step)]);
    END IF;
    IF ids = '{}' AND length(title) >= 4 THEN
        step := ARRAY(SELECT %kind%_with_one_typo(title, 50));
        ids := ids || step;
        ranks := ranks || array_fill(6, ARRAY[cardinality(step)]);
    END IF;
    RETURN QUERY
    SELECT s.id, s.artist_id, best.match_rank::smallint
    FROM (SELECT f.id, min(f.match_rank) AS match_rank FROM unnest(ids, ranks) AS f (id, match_rank) GROUP BY f.id) AS best
    JOIN %table% s ON s.id = best.id
    CROSS JOIN LATERAL (
        SELECT COALESCE(max(n.track_count), 0) AS songs FROM search_names n
        WHERE n.owner_id = s.artist_id AND n.of_artist) AS a
    ORDER BY best.match_rank, a.songs DESC, s.id LIMIT max_results;
END $$;
$text$;
BEGIN
    FOR target IN SELECT * FROM (VALUES ('normalized_tracks', 'songs'), ('albums', 'albums')) AS v (table_name, kind) LOOP
        EXECUTE replace(index_text, '%table%', target.table_name);
        EXECUTE replace(replace(function_text, '%kind%', target.kind), '%table%', target.table_name);
    END LOOP;
END $make$;

-- People who are credited but are no producer, by the beginning of the printed name.
CREATE INDEX credits_search_idx ON credits (left(fold_name(credited_as), 60) COLLATE "C")
    WHERE producer_identity_id IS NULL;
