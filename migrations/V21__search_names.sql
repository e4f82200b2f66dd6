-- Search by name: every name of every producer and artist, found by its words, their beginnings, and with typos.
--
-- Typos are found by index: a key with one typo has two of its three parts unchanged, a key with two typos two of its four
-- parts. Each index below holds a hash of such parts. popularity_class is the last column of each index, so that the best
-- matches are read first and every scan can stop at a LIMIT: a search does bounded work whatever is typed.

-- Most names are ASCII. Their rules are so few that folding them takes a third of the time.
ALTER FUNCTION fold_name(text) RENAME TO fold_letters;
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = length(name) THEN
    COALESCE(
        NULLIF(btrim(regexp_replace(replace(lower(translate(name, '''`', '')), '&', ' and '), '[^a-z0-9]+', ' ', 'g')), ''),
        btrim(regexp_replace(lower(name), '[\u0009-\u000d\u0020]+', ' ', 'g')))
    ELSE fold_letters(name) END;
COMMENT ON FUNCTION fold_name IS 'The searchable form of a name, equal to that of names::fold in Rust.';

-- The steps are 19 % wide, so that most changes of a count do not change the class. A count of 100,000 is class 66.
CREATE FUNCTION popularity_class(track_count bigint) RETURNS smallint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN floor(4 * log(2.0, 1 + track_count));

CREATE TABLE search_names (
    owner_id         bigint NOT NULL,
    id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    track_count      integer NOT NULL,
    popularity_class smallint NOT NULL,
    of_artist        boolean NOT NULL,
    words            text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(replace(words, ' ', ''), 200)) STORED
) WITH (fillfactor = 85, parallel_workers = 0);
COMMENT ON TABLE search_names IS 'Every form in which a name can be typed. owner_id: the producer, or the artist if of_artist; words: the folded name; key: its words without spaces; popularity_class: coarse form of track_count, the number of the owner''s songs. A form may be there twice.';

CREATE TABLE search_words (
    name_id          integer NOT NULL,
    popularity_class smallint NOT NULL,
    of_artist        boolean NOT NULL,
    word             text COLLATE "C" NOT NULL
) WITH (parallel_workers = 0);
COMMENT ON TABLE search_words IS 'The words of search_names.';

CREATE TABLE search_pairs (
    name_id          integer NOT NULL,
    pair             integer NOT NULL,
    popularity_class smallint NOT NULL
) WITH (parallel_workers = 0);
COMMENT ON TABLE search_pairs IS 'Each two words of search_names, as a hash.';

CREATE TABLE search_vocabulary (
    word text COLLATE "C" NOT NULL
) WITH (parallel_workers = 0);
COMMENT ON TABLE search_vocabulary IS 'Every word that a name has or had. A word may be there twice, so that two transactions that add it need not wait for each other.';

CREATE TABLE search_stale_artists (
    artist_id bigint NOT NULL
);
COMMENT ON TABLE search_stale_artists IS 'Artists whose songs have to be counted again. An artist may be there several times.';

CREATE TABLE search_upkeep (
    is_paused boolean NOT NULL
);
CREATE UNIQUE INDEX search_upkeep_key ON search_upkeep ((true));
INSERT INTO search_upkeep VALUES (false);
COMMENT ON TABLE search_upkeep IS 'One row. is_paused: a load fills empty tables, and rebuilds the search tables at its end.';

-- The hash of a part of a key. salt keeps apart what is hashed into one index.
CREATE FUNCTION part_hash(part text, key_length integer, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtext(part) # ((key_length * 2 + salt) * 1000003);

-- What one typo leaves of a key: the first and second of three parts, the second and third, or the first and third.
CREATE FUNCTION thirds_12(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, length(key) * 2 / 3), length(key), salt);
CREATE FUNCTION thirds_23(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(substr(key, length(key) / 3 + 1), length(key), salt);
CREATE FUNCTION thirds_13(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, length(key) / 3) || substr(key, length(key) * 2 / 3 + 1), length(key), salt);

-- What two typos leave of a key: two of its four parts. Common endings such as "productions" would give long lists, so half a
-- key is hashed with one letter of the other end.
CREATE FUNCTION quarters_12(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, length(key) / 2) || right(key, 1), length(key), salt);
CREATE FUNCTION quarters_34(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, 1) || substr(key, length(key) / 2 + 1), length(key), salt);
CREATE FUNCTION quarters_14(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, length(key) / 4) || substr(key, length(key) * 3 / 4 + 1), length(key), salt);
CREATE FUNCTION quarters_23(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(substr(key, length(key) / 4 + 1, length(key) * 3 / 4 - length(key) / 4), length(key), salt);
CREATE FUNCTION quarters_13(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(left(key, length(key) / 4) || substr(key, length(key) / 2 + 1, length(key) * 3 / 4 - length(key) / 2),
                 length(key), salt);
CREATE FUNCTION quarters_24(key text, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(substr(key, length(key) / 4 + 1, length(key) / 2 - length(key) / 4) || substr(key, length(key) * 3 / 4 + 1),
                 length(key), salt);

-- Two words of one name, in either order.
CREATE FUNCTION pair_hash(one text, other text, of_artist boolean) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN part_hash(LEAST(one COLLATE "C", other) || ' ' || GREATEST(one COLLATE "C", other), 0, of_artist::integer);

-- The name with letters instead of the signs and digits that stand for them ("P!nk", "Ke$ha", "Wh1te"), folded. Null if there
-- are none.
CREATE FUNCTION sign_form(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN name ~ '[[:alpha:]][$!@€£¥0134578]|[$!@€£¥][[:alpha:]]' THEN
    NULLIF(fold_name(translate(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(name, '!(?![[:alpha:]])', ' ', 'g'),
            '(?<=[[:alpha:]])0(?=[[:alpha:]])', 'o', 'g'),
            '(?<=[[:alpha:]])1(?=[[:alpha:]])', 'i', 'g'),
            '(?<=[[:alpha:]])3(?=[[:alpha:]])', 'e', 'g'),
            '(?<=[[:alpha:]])4(?=[[:alpha:]])', 'a', 'g'),
            '(?<=[[:alpha:]])5(?=[[:alpha:]]|$)', 's', 'g'),
            '(?<=[[:alpha:]])7(?=[[:alpha:]])', 't', 'g'),
        '$!@€£¥', 'siaely')), fold_name(name))
    END;

-- The forms in which a name can be typed, from the name and its folded form.
CREATE FUNCTION name_forms(name text, folded text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT left(folded, 300)
    UNION ALL
    SELECT left(sign_form(name), 300) WHERE sign_form(name) IS NOT NULL
$$;

CREATE VIEW forms_of_producers AS
SELECT DISTINCT n.producer_id AS owner_id, f.form AS words
FROM producer_names n CROSS JOIN LATERAL name_forms(n.name, n.normalized_name) AS f (form);
COMMENT ON VIEW forms_of_producers IS 'The forms in which the names of each producer can be typed.';

CREATE VIEW forms_of_artists AS
SELECT a.id AS owner_id, f.form AS words
FROM artists a
-- OFFSET 0 keeps the folded name from being computed for each of its uses.
CROSS JOIN LATERAL (SELECT fold_name(a.name) AS name OFFSET 0) AS folded
CROSS JOIN LATERAL name_forms(a.name, folded.name) AS f (form);
COMMENT ON VIEW forms_of_artists IS 'The forms in which the name of each artist can be typed.';

CREATE VIEW words_of_names AS
SELECT n.id AS name_id, n.popularity_class, n.of_artist, w.word
FROM search_names n
CROSS JOIN LATERAL (SELECT DISTINCT word FROM unnest((string_to_array(n.words, ' '))[1:20]) AS s (word)) AS w;
COMMENT ON VIEW words_of_names IS 'The words of search_names, as search_words has them.';

CREATE VIEW pairs_of_names AS
SELECT n.id AS name_id, pair_hash(one.word, other.word, n.of_artist) AS pair, n.popularity_class
FROM search_names n
CROSS JOIN LATERAL unnest((string_to_array(n.words, ' '))[1:8]) WITH ORDINALITY AS one (word, place)
JOIN LATERAL unnest((string_to_array(n.words, ' '))[1:8]) WITH ORDINALITY AS other (word, place) ON other.place > one.place
WHERE strpos(n.words, ' ') > 0;
COMMENT ON VIEW pairs_of_names IS 'Each two words of search_names, as search_pairs has them.';

-- The functions that keep search plan each statement once: planning costs more than writing a name.

-- Writes the words of names that were added to search_names.
CREATE FUNCTION add_search_words(names integer[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO search_words (name_id, popularity_class, of_artist, word)
    SELECT w.name_id, w.popularity_class, w.of_artist, w.word FROM words_of_names w WHERE w.name_id = ANY (names);
    INSERT INTO search_pairs (name_id, pair, popularity_class)
    SELECT p.name_id, p.pair, p.popularity_class FROM pairs_of_names p WHERE p.name_id = ANY (names);
    INSERT INTO search_vocabulary (word)
    SELECT DISTINCT w.word FROM words_of_names w
    WHERE w.name_id = ANY (names) AND NOT EXISTS (SELECT FROM search_vocabulary v WHERE v.word = w.word);
END $$;

-- Deletes names from search.
CREATE FUNCTION delete_search_names(names integer[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    DELETE FROM search_words WHERE name_id = ANY (names);
    DELETE FROM search_pairs p USING pairs_of_names o
    WHERE o.name_id = ANY (names)
      AND (p.pair, p.popularity_class, p.name_id) = (o.pair, o.popularity_class, o.name_id);
    DELETE FROM search_names WHERE id = ANY (names);
END $$;

-- Makes search agree with the names that these producers have now. The lock lets two transactions that change the names of one
-- producer see each other's.
CREATE FUNCTION sync_producer_search(producers bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    added integer[];
BEGIN
    PERFORM FROM producers p WHERE p.id = ANY (sync_producer_search.producers) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM delete_search_names(ARRAY(
        SELECT s.id FROM search_names s
        WHERE s.owner_id = ANY (sync_producer_search.producers) AND NOT s.of_artist
          AND NOT EXISTS (SELECT FROM forms_of_producers f
                          WHERE f.owner_id = ANY (sync_producer_search.producers)
                            AND f.owner_id = s.owner_id AND f.words = s.words)));
    WITH new_names AS (
        INSERT INTO search_names (owner_id, of_artist, track_count, popularity_class, words)
        SELECT f.owner_id, false, COALESCE(t.track_count, 0), popularity_class(COALESCE(t.track_count, 0)), f.words
        FROM forms_of_producers f
        LEFT JOIN producer_statistics t ON t.producer_id = f.owner_id
        WHERE f.owner_id = ANY (sync_producer_search.producers)
          AND NOT EXISTS (SELECT FROM search_names s
                          WHERE s.owner_id = f.owner_id AND NOT s.of_artist AND s.words = f.words)
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM new_names;
    PERFORM add_search_words(added);
END $$;

-- The same for artists, whose rows the caller has locked by writing them.
CREATE FUNCTION sync_artist_search(artists bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    added integer[];
BEGIN
    PERFORM delete_search_names(ARRAY(
        SELECT s.id FROM search_names s
        WHERE s.owner_id = ANY (sync_artist_search.artists) AND s.of_artist
          AND NOT EXISTS (SELECT FROM forms_of_artists f
                          WHERE f.owner_id = ANY (sync_artist_search.artists)
                            AND f.owner_id = s.owner_id AND f.words = s.words)));
    WITH new_names AS (
        INSERT INTO search_names (owner_id, of_artist, track_count, popularity_class, words)
        SELECT f.owner_id, true, n.songs, popularity_class(n.songs), f.words
        FROM forms_of_artists f
        CROSS JOIN LATERAL (SELECT count(*) AS songs FROM normalized_tracks t WHERE t.artist_id = f.owner_id) AS n
        WHERE f.owner_id = ANY (sync_artist_search.artists)
          AND NOT EXISTS (SELECT FROM search_names s WHERE s.owner_id = f.owner_id AND s.of_artist AND s.words = f.words)
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM new_names;
    PERFORM add_search_words(added);
END $$;

-- Stores how many songs producers or artists have. A count that stays in its class touches no index.
CREATE FUNCTION set_search_counts(owners bigint[], counts bigint[], of_artist boolean) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moved integer[];
BEGIN
    moved := ARRAY(
        SELECT s.id FROM unnest(owners, counts) AS c (owner, songs)
        JOIN search_names s ON s.owner_id = c.owner AND s.of_artist = set_search_counts.of_artist
        WHERE s.popularity_class <> popularity_class(c.songs));
    -- Pairs are found by the class that they had.
    UPDATE search_pairs p SET popularity_class = popularity_class(c.songs)
    FROM pairs_of_names o
    JOIN search_names s ON s.id = o.name_id
    JOIN unnest(owners, counts) AS c (owner, songs) ON c.owner = s.owner_id
    WHERE o.name_id = ANY (moved)
      AND (p.pair, p.popularity_class, p.name_id) = (o.pair, o.popularity_class, o.name_id);
    UPDATE search_names s SET track_count = c.songs, popularity_class = popularity_class(c.songs)
    FROM unnest(owners, counts) AS c (owner, songs)
    WHERE s.owner_id = c.owner AND s.of_artist = set_search_counts.of_artist AND s.track_count <> c.songs;
    UPDATE search_words w SET popularity_class = s.popularity_class
    FROM search_names s WHERE s.id = ANY (moved) AND w.name_id = s.id;
END $$;

CREATE FUNCTION is_search_paused() RETURNS boolean LANGUAGE sql STABLE RETURN (SELECT is_paused FROM search_upkeep);

CREATE FUNCTION search_producer_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF is_search_paused() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT producer_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT DISTINCT producer_id FROM old_rows);
    ELSE
        changed := ARRAY(SELECT producer_id FROM new_rows UNION SELECT producer_id FROM old_rows);
    END IF;
    IF changed <> '{}' THEN
        PERFORM sync_producer_search(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_on_insert AFTER INSERT ON producer_names REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_producer_names();
CREATE TRIGGER search_on_update AFTER UPDATE ON producer_names REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_producer_names();
CREATE TRIGGER search_on_delete AFTER DELETE ON producer_names REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_producer_names();

CREATE FUNCTION search_artist_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF is_search_paused() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT id FROM old_rows);
    ELSE
        changed := ARRAY(SELECT n.id FROM new_rows n JOIN old_rows o USING (id) WHERE n.name <> o.name);
    END IF;
    IF changed <> '{}' THEN
        PERFORM sync_artist_search(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_on_insert AFTER INSERT ON artists REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_names();
CREATE TRIGGER search_on_update AFTER UPDATE ON artists REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_names();
CREATE TRIGGER search_on_delete AFTER DELETE ON artists REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_names();

CREATE FUNCTION search_producer_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_search_paused() AND EXISTS (SELECT FROM new_rows) THEN
        PERFORM set_search_counts(array_agg(producer_id), array_agg(track_count::bigint), false) FROM new_rows;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_on_insert AFTER INSERT ON producer_statistics REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_producer_counts();
CREATE TRIGGER search_on_update AFTER UPDATE ON producer_statistics REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_producer_counts();

-- The songs of an artist are counted later: counting them here would make every import of a compilation wait for the others.
CREATE FUNCTION search_artist_songs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_search_paused() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO search_stale_artists (artist_id) SELECT DISTINCT artist_id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO search_stale_artists (artist_id) SELECT DISTINCT artist_id FROM old_rows;
    ELSE
        INSERT INTO search_stale_artists (artist_id)
        SELECT DISTINCT unnest(ARRAY[o.artist_id, n.artist_id]) FROM new_rows n JOIN old_rows o USING (id)
        WHERE n.artist_id <> o.artist_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_on_insert AFTER INSERT ON normalized_tracks REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_songs();
CREATE TRIGGER search_on_update AFTER UPDATE ON normalized_tracks REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_songs();
CREATE TRIGGER search_on_delete AFTER DELETE ON normalized_tracks REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_artist_songs();

-- Counts the songs of up to max_artists artists whose songs changed. Returns how many artists were taken.
CREATE FUNCTION count_stale_artists(max_artists integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    taken bigint[];
BEGIN
    WITH gone AS (
        DELETE FROM search_stale_artists
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM search_stale_artists LIMIT max_artists FOR UPDATE SKIP LOCKED))
        RETURNING artist_id
    )
    SELECT array_agg(DISTINCT artist_id) INTO taken FROM gone;
    PERFORM set_search_counts(array_agg(c.artist), array_agg(c.songs), true)
    FROM (SELECT a.artist, (SELECT count(*) FROM normalized_tracks n WHERE n.artist_id = a.artist) AS songs
          FROM unnest(taken) AS a (artist)) AS c;
    RETURN COALESCE(cardinality(taken), 0);
END $$;

-- Fills the search tables from the names, and lets the triggers keep them from then on. Producers whose statistics are not
-- computed yet are counted by their tracks.
CREATE FUNCTION rebuild_search() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE artists, normalized_tracks, producers, producer_names, producer_statistics IN SHARE ROW EXCLUSIVE MODE;
    TRUNCATE search_names, search_words, search_pairs, search_vocabulary, search_stale_artists RESTART IDENTITY;
    INSERT INTO search_names (owner_id, of_artist, track_count, popularity_class, words)
    SELECT f.owner_id, false, c.songs, popularity_class(c.songs), f.words
    FROM forms_of_producers f
    LEFT JOIN producer_statistics s ON s.producer_id = f.owner_id
    LEFT JOIN (SELECT producer_id, count(*) AS tracks FROM track_producers GROUP BY producer_id) AS t
           ON t.producer_id = f.owner_id
    CROSS JOIN LATERAL (SELECT COALESCE(s.track_count, t.tracks, 0) AS songs) AS c;
    INSERT INTO search_names (owner_id, of_artist, track_count, popularity_class, words)
    SELECT f.owner_id, true, COALESCE(c.songs, 0), popularity_class(COALESCE(c.songs, 0)), f.words
    FROM forms_of_artists f
    LEFT JOIN (SELECT artist_id, count(*) AS songs FROM normalized_tracks GROUP BY artist_id) AS c ON c.artist_id = f.owner_id;
    INSERT INTO search_words (name_id, popularity_class, of_artist, word)
    SELECT name_id, popularity_class, of_artist, word FROM words_of_names;
    INSERT INTO search_pairs (name_id, pair, popularity_class)
    SELECT name_id, pair, popularity_class FROM pairs_of_names;
    INSERT INTO search_vocabulary (word) SELECT DISTINCT word FROM search_words;
    UPDATE search_upkeep SET is_paused = false WHERE is_paused;
END $$;
-- How many typos turn one text into the other. Two letters that changed places are one typo.
CREATE FUNCTION count_typos(one text, other text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(one) = length(other) AND translate(one, other, '') = '' AND translate(other, one, '') = ''
            THEN (levenshtein(one, other) + 1) / 2
            ELSE levenshtein(one, other) END;

-- The hashes that a key with one typo shares with the typed key: it may be a letter longer or shorter, which moves the parts.
-- Letters that changed places across the end of a part are put back.
CREATE FUNCTION one_typo_hashes(typed text, salt integer, OUT h12 integer[], OUT h23 integer[], OUT h13 integer[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    typed_length integer := length(typed);
    n integer;
    first integer;
    second integer;
BEGIN
    FOR moved IN -1..1 LOOP
        n := typed_length - moved;
        first := n / 3;
        second := n * 2 / 3;
        h12 := h12 || part_hash(left(typed, second), n, salt);
        h23 := h23 || part_hash(substr(typed, first + 1 + moved), n, salt);
        h13 := h13 || part_hash(left(typed, first) || substr(typed, second + 1 + moved), n, salt);
    END LOOP;
    first := typed_length / 3;
    second := typed_length * 2 / 3;
    h23 := h23 || part_hash(substr(typed, first, 1) || substr(typed, first + 2), typed_length, salt);
    h12 := h12 || part_hash(left(typed, second - 1) || substr(typed, second + 1, 1), typed_length, salt);
END $$;

-- The same for two typos: up to two letters longer or shorter, and parts in the middle may have moved.
CREATE FUNCTION two_typo_hashes(typed text, salt integer, OUT h12 integer[], OUT h34 integer[], OUT h14 integer[],
                                OUT h23 integer[], OUT h13 integer[], OUT h24 integer[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    n integer;
    first integer;
    second integer;
    third integer;
BEGIN
    FOR moved IN -2..2 LOOP
        n := length(typed) - moved;
        first := n / 4;
        second := n / 2;
        third := n * 3 / 4;
        h12 := h12 || part_hash(left(typed, second) || right(typed, 1), n, salt);
        h34 := h34 || part_hash(left(typed, 1) || substr(typed, second + 1 + moved), n, salt);
        h14 := h14 || part_hash(left(typed, first) || substr(typed, third + 1 + moved), n, salt);
        FOR inner_moved IN LEAST(moved, -(moved = 0)::integer)..GREATEST(moved, (moved = 0)::integer) LOOP
            h23 := h23 || part_hash(substr(typed, first + 1 + inner_moved, third - first), n, salt);
            h13 := h13 || part_hash(left(typed, first) || substr(typed, second + 1 + inner_moved, third - second), n, salt);
            h24 := h24 || part_hash(substr(typed, first + 1 + inner_moved, second - first)
                                    || substr(typed, third + 1 + moved), n, salt);
        END LOOP;
    END LOOP;
END $$;

-- The names whose whole key has one typo, or two if the key shows them too. The fewest typos first, then the most popular.
CREATE FUNCTION names_with_one_typo(typed text, of_artists boolean, max_results integer, OUT ids integer[], OUT typos integer[])
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    WITH hashes AS (SELECT * FROM one_typo_hashes(typed, of_artists::integer)),
    candidates AS (
        SELECT n.* FROM hashes, unnest(h12) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE thirds_12(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h23) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE thirds_23(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h13) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE thirds_13(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
    ),
    near AS (
        SELECT id, count_typos(key, typed) AS typos, popularity_class FROM candidates
        WHERE levenshtein_less_equal(key, typed, 2) <= 2
        ORDER BY typos, popularity_class DESC LIMIT max_results
    )
    SELECT array_agg(id), array_agg(typos) INTO ids, typos FROM near WHERE typos <= CASE WHEN length(typed) < 6 THEN 1 ELSE 2 END;
END $$;

CREATE FUNCTION names_with_two_typos(typed text, of_artists boolean, max_results integer, OUT ids integer[], OUT typos integer[])
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    WITH hashes AS (SELECT * FROM two_typo_hashes(typed, of_artists::integer)),
    candidates AS (
        SELECT n.* FROM hashes, unnest(h12) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_12(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h34) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_34(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h14) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_14(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h23) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_23(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h13) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_13(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
        UNION
        SELECT n.* FROM hashes, unnest(h24) AS h CROSS JOIN LATERAL (
            SELECT id, key, popularity_class FROM search_names
            WHERE quarters_24(key, of_artist::integer) = h ORDER BY popularity_class DESC LIMIT 200) AS n
    ),
    near AS (
        SELECT id, count_typos(key, typed) AS typos, popularity_class FROM candidates
        WHERE levenshtein_less_equal(key, typed, 4) <= 4
        ORDER BY typos, popularity_class DESC LIMIT max_results
    )
    SELECT array_agg(id), array_agg(typos) INTO ids, typos FROM near
    WHERE typos <= CASE WHEN length(typed) < 9 THEN 2 ELSE 3 END;
END $$;

-- Words of the vocabulary that differ by one typo from one of these words, each with the word's place. Words of three letters
-- have too many neighbours.
CREATE FUNCTION words_with_one_typo(typed text[], OUT places integer[], OUT words text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    WITH asked AS (
        SELECT t.word, t.place, h.*
        FROM unnest(typed) WITH ORDINALITY AS t (word, place)
        CROSS JOIN LATERAL one_typo_hashes(t.word, 0) AS h
        WHERE length(t.word) BETWEEN 4 AND 40
    ),
    candidates AS (
        SELECT place, asked.word AS typed_word, v.word FROM asked, unnest(h12) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE thirds_12(word, 0) = h LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h23) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE thirds_23(word, 0) = h LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h13) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE thirds_13(word, 0) = h LIMIT 100) AS v
    ),
    near AS (
        SELECT place, word FROM candidates
        WHERE levenshtein_less_equal(word, typed_word, 2) BETWEEN 1 AND 2 AND count_typos(word, typed_word) = 1
        LIMIT 100
    )
    SELECT array_agg(place::integer), array_agg(word) INTO places, words FROM near;
END $$;

-- The same for two typos in words of six letters or more. From nine letters on three changes are permitted: a letter that
-- is missing beside two that changed places.
CREATE FUNCTION words_with_two_typos(typed text[], OUT places integer[], OUT words text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    WITH asked AS (
        SELECT t.word, t.place, h.*
        FROM unnest(typed) WITH ORDINALITY AS t (word, place)
        CROSS JOIN LATERAL two_typo_hashes(t.word, 0) AS h
        WHERE length(t.word) BETWEEN 6 AND 40
    ),
    candidates AS (
        SELECT place, asked.word AS typed_word, v.word FROM asked, unnest(h12) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_12(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h34) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_34(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h14) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_14(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h23) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_23(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h13) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_13(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
        UNION
        SELECT place, asked.word, v.word FROM asked, unnest(h24) AS h CROSS JOIN LATERAL (
            SELECT word FROM search_vocabulary WHERE quarters_24(word, 0) = h AND length(word) >= 4 LIMIT 100) AS v
    ),
    near AS (
        SELECT place, word FROM candidates
        WHERE levenshtein_less_equal(word, typed_word, 4) BETWEEN 1 AND 4
          AND count_typos(word, typed_word) BETWEEN 2 AND CASE WHEN length(typed_word) < 9 THEN 2 ELSE 3 END
        LIMIT 50
    )
    SELECT array_agg(place::integer), array_agg(word) INTO places, words FROM near;
END $$;

-- The most popular names that have all of these words, in any order. Of three words or more, the two longest find the names.
CREATE FUNCTION names_with_words(words text[], of_artists boolean, max_results integer) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    longest text[];
BEGIN
    IF cardinality(words) = 1 THEN
        RETURN ARRAY(
            SELECT name_id FROM search_words w WHERE w.word = words[1] AND w.of_artist = of_artists
            ORDER BY w.popularity_class DESC LIMIT max_results);
    ELSIF cardinality(words) = 2 THEN
        RETURN ARRAY(
            SELECT name_id FROM search_pairs p WHERE p.pair = pair_hash(words[1], words[2], of_artists)
            ORDER BY p.popularity_class DESC LIMIT max_results);
    END IF;
    longest := ARRAY(SELECT w FROM unnest(words) AS w ORDER BY length(w) DESC, w LIMIT 2);
    RETURN ARRAY(
        SELECT n.id
        FROM (SELECT name_id, p.popularity_class FROM search_pairs p
              WHERE p.pair = pair_hash(longest[1], longest[2], of_artists)
              ORDER BY p.popularity_class DESC LIMIT 200) AS p
        JOIN search_names n ON n.id = p.name_id
        WHERE string_to_array(n.words, ' ') @> names_with_words.words
        ORDER BY p.popularity_class DESC LIMIT max_results);
END $$;

-- The most popular names that have all of these words when one of them is replaced: places[i] by replacements[i].
CREATE FUNCTION names_with_replaced_word(words text[], places integer[], replacements text[], of_artists boolean,
                                         max_results integer)
RETURNS integer[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    RETURN ARRAY(
        SELECT n.id
        FROM unnest(places, replacements) AS r (place, word)
        CROSS JOIN LATERAL unnest(names_with_words(
            words[1:r.place - 1] || r.word || words[r.place + 1:], of_artists, max_results)) AS f (id)
        JOIN search_names n ON n.id = f.id
        ORDER BY n.popularity_class DESC LIMIT max_results);
END $$;

-- The most popular names that have a word with this beginning. Each scan is in order of popularity, or short.
CREATE FUNCTION names_with_begun_word(begun text, of_artists boolean, max_results integer) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    CASE length(begun)
    WHEN 1 THEN RETURN ARRAY(
        SELECT name_id FROM search_words WHERE left(word, 1) = begun AND of_artist = of_artists
        ORDER BY popularity_class DESC LIMIT max_results);
    WHEN 2 THEN RETURN ARRAY(
        SELECT name_id FROM search_words WHERE left(word, 2) = begun AND of_artist = of_artists
        ORDER BY popularity_class DESC LIMIT max_results);
    WHEN 3 THEN RETURN ARRAY(
        SELECT name_id FROM search_words WHERE left(word, 3) = begun AND of_artist = of_artists
        ORDER BY popularity_class DESC LIMIT max_results);
    WHEN 4 THEN RETURN ARRAY(
        SELECT name_id FROM search_words WHERE left(word, 4) = begun AND of_artist = of_artists
        ORDER BY popularity_class DESC LIMIT max_results);
    ELSE RETURN ARRAY(
        SELECT name_id
        FROM (SELECT name_id, popularity_class FROM (
                  SELECT name_id, popularity_class, word FROM search_words
                  WHERE left(word, 4) = left(begun, 4) AND of_artist = of_artists
                  ORDER BY popularity_class DESC LIMIT 200) AS popular
              WHERE starts_with(word, begun)
              UNION
              (SELECT name_id, popularity_class FROM search_words
               WHERE word > begun AND word < begun || U&'\+10FFFF' AND of_artist = of_artists
               ORDER BY word LIMIT 200)) AS begun_names
        ORDER BY popularity_class DESC LIMIT max_results);
    END CASE;
END $$;

-- The most popular names that have all of these words but the last, and a word that begins with the last.
CREATE FUNCTION names_with_last_word_begun(words text[], of_artists boolean, max_results integer) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    RETURN ARRAY(
        SELECT n.id
        FROM unnest(names_with_words(
            names_with_last_word_begun.words[1:cardinality(names_with_last_word_begun.words) - 1], of_artists, 300)) AS f (id)
        JOIN search_names n ON n.id = f.id
        WHERE strpos(' ' || n.words, ' ' || names_with_last_word_begun.words[cardinality(names_with_last_word_begun.words)]) > 0
        ORDER BY n.popularity_class DESC LIMIT max_results);
END $$;

-- The ranks of names with these numbers of typos.
CREATE FUNCTION rank_typos(typos integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT CASE t WHEN 0 THEN 0 WHEN 1 THEN 3 ELSE t + 3 END
             FROM unnest(typos) WITH ORDINALITY AS u (t, place) ORDER BY place);

-- The producers or artists with a name like the query: equal names (match_rank 0), then names with its words (1), with the
-- beginnings of words (2), with one typo in the whole name (3) or in a word of it (4), and with more typos (5, 6); of each rank
-- those with most songs first. The steps stop when there are enough results.
CREATE FUNCTION find_names(query text, of_artists boolean, max_results integer)
RETURNS TABLE (owner_id bigint, match_rank smallint, track_count integer, words text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    folded text := left(fold_name(left(query, 300)), 300);
    typed text := left(replace(folded, ' ', ''), 200);
    typed_words text[];
    ids integer[];
    ranks integer[];
    step integer[];
    typos integer[];
    places integer[];
    replacements text[];
    -- Names of one producer, and a count within a class, are told apart later.
    cap integer := max_results * 2 + 10;
    is_short boolean := length(typed) <= 3;
BEGIN
    IF typed IS NULL OR typed = '' THEN
        RETURN;
    END IF;
    typed_words := ARRAY(
        SELECT word FROM unnest((string_to_array(folded, ' '))[1:9]) WITH ORDINALITY AS t (word, place)
        GROUP BY word ORDER BY min(place) LIMIT 8);
    ids := ARRAY(SELECT id FROM search_names n WHERE n.key = typed AND n.of_artist = of_artists
                 ORDER BY n.popularity_class DESC LIMIT cap);
    ranks := array_fill(0, ARRAY[cardinality(ids)]);
    step := names_with_words(typed_words, of_artists, cap);
    ids := ids || step;
    ranks := ranks || array_fill(1, ARRAY[cardinality(step)]);
    IF cardinality(ids) < max_results * 2 THEN
        IF cardinality(typed_words) = 1 THEN
            step := names_with_begun_word(typed, of_artists, cap);
        ELSE
            step := '{}';
        END IF;
        IF length(typed) > 3 AND cardinality(step) < max_results THEN
            step := step || ARRAY(
                SELECT id FROM (SELECT id, popularity_class FROM search_names n
                                WHERE n.key > typed AND n.key < typed || U&'\+10FFFF' AND n.of_artist = of_artists
                                ORDER BY n.key LIMIT 200) AS begun
                ORDER BY popularity_class DESC LIMIT cap);
        END IF;
        ids := ids || step;
        ranks := ranks || array_fill(2, ARRAY[cardinality(step)]);
    END IF;
    IF cardinality(ids) < max_results * 2 AND NOT is_short THEN
        SELECT f.ids, f.typos INTO step, typos FROM names_with_one_typo(typed, of_artists, cap) AS f;
        ids := ids || step;
        ranks := ranks || rank_typos(typos);
        IF cardinality(typed_words) = 1 OR typos IS NULL OR typos[1] > 1 THEN
            SELECT f.places, f.words INTO places, replacements FROM words_with_one_typo(typed_words) AS f;
            IF places IS NOT NULL THEN
                step := names_with_replaced_word(typed_words, places, replacements, of_artists, cap);
                ids := ids || step;
                ranks := ranks || array_fill(4, ARRAY[cardinality(step)]);
            END IF;
        END IF;
        IF cardinality(ids) = 0 AND cardinality(typed_words) > 1 THEN
            step := names_with_last_word_begun(typed_words, of_artists, cap);
            ids := ids || step;
            ranks := ranks || array_fill(2, ARRAY[cardinality(step)]);
        END IF;
        IF length(typed) >= 6 AND 5 <= ALL (ranks) THEN
            SELECT f.ids, f.typos INTO step, typos FROM names_with_two_typos(typed, of_artists, cap) AS f;
            ids := ids || step;
            ranks := ranks || rank_typos(typos);
            IF step IS NULL THEN
                SELECT f.places, f.words INTO places, replacements FROM words_with_two_typos(typed_words) AS f;
                IF places IS NOT NULL THEN
                    step := names_with_replaced_word(typed_words, places, replacements, of_artists, cap);
                    ids := ids || step;
                    ranks := ranks || array_fill(5, ARRAY[cardinality(step)]);
                END IF;
            END IF;
        END IF;
    END IF;
    RETURN QUERY
    SELECT best.owner_id, best.match_rank::smallint, best.track_count, best.words
    FROM (SELECT DISTINCT ON (n.owner_id) n.owner_id, f.match_rank, n.track_count, n.words
          FROM unnest(ids, ranks) AS f (id, match_rank) JOIN search_names n ON n.id = f.id
          ORDER BY n.owner_id, f.match_rank, length(n.words), n.words) AS best
    ORDER BY best.match_rank, best.track_count DESC, best.owner_id LIMIT max_results;
END $$;

-- The producers with a name like `query`, the best first: equal names, whole words, beginnings, then names with typos; of each
-- kind those with most songs first. match_kind is exact, word, prefix or similar; score, 0-1, is how similar the names are.
CREATE OR REPLACE FUNCTION search_producers(query text, max_results integer DEFAULT 20)
RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real, track_count integer,
               artist_count integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT f.owner_id, p.name, COALESCE(m.name, p.name),
           CASE f.match_rank WHEN 0 THEN 'exact' WHEN 1 THEN 'word' WHEN 2 THEN 'prefix' ELSE 'similar' END,
           CASE f.match_rank WHEN 0 THEN 1 ELSE similarity(f.words, fold_name(left(query, 300))) END::real,
           COALESCE(s.track_count, 0), COALESCE(s.artist_count, 0)
    FROM find_names(query, false, LEAST(GREATEST(max_results, 0), 100)) WITH ORDINALITY
         AS f (owner_id, match_rank, songs, words, place)
    JOIN producers p ON p.id = f.owner_id
    LEFT JOIN producer_statistics s ON s.producer_id = f.owner_id
    LEFT JOIN LATERAL (
        SELECT n.name FROM producer_names n
        WHERE n.producer_id = f.owner_id AND f.words IN (SELECT s.form FROM name_forms(n.name, n.normalized_name) AS s (form))
        ORDER BY n.kind, n.name LIMIT 1) AS m ON true
    ORDER BY f.place;
END $$;
COMMENT ON FUNCTION search_producers IS 'Search over every name of every producer, by words, beginnings and with typos.';

-- Nothing compares names by trigrams any more.
DROP INDEX producer_names_trgm_idx;

SELECT rebuild_search();

-- After the tables were filled, which is faster.
CREATE INDEX search_names_owner_idx ON search_names (owner_id, of_artist);
CREATE INDEX search_names_key_idx ON search_names (key, of_artist, popularity_class DESC);
CREATE INDEX search_names_thirds_12_idx ON search_names (thirds_12(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_thirds_23_idx ON search_names (thirds_23(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_thirds_13_idx ON search_names (thirds_13(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_12_idx ON search_names (quarters_12(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_34_idx ON search_names (quarters_34(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_14_idx ON search_names (quarters_14(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_23_idx ON search_names (quarters_23(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_13_idx ON search_names (quarters_13(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_names_quarters_24_idx ON search_names (quarters_24(key, of_artist::integer), popularity_class DESC);
CREATE INDEX search_words_name_idx ON search_words (name_id);
CREATE INDEX search_words_word_idx ON search_words (word, of_artist, popularity_class DESC);
CREATE INDEX search_words_begun_1_idx ON search_words (left(word, 1), of_artist, popularity_class DESC);
CREATE INDEX search_words_begun_2_idx ON search_words (left(word, 2), of_artist, popularity_class DESC);
CREATE INDEX search_words_begun_3_idx ON search_words (left(word, 3), of_artist, popularity_class DESC);
CREATE INDEX search_words_begun_4_idx ON search_words (left(word, 4), of_artist, popularity_class DESC);
CREATE INDEX search_pairs_pair_idx ON search_pairs (pair, popularity_class DESC, name_id);
CREATE INDEX search_vocabulary_word_idx ON search_vocabulary (word);
CREATE INDEX search_vocabulary_thirds_12_idx ON search_vocabulary (thirds_12(word, 0));
CREATE INDEX search_vocabulary_thirds_23_idx ON search_vocabulary (thirds_23(word, 0));
CREATE INDEX search_vocabulary_thirds_13_idx ON search_vocabulary (thirds_13(word, 0));
CREATE INDEX search_vocabulary_quarters_12_idx ON search_vocabulary (quarters_12(word, 0)) WHERE length(word) >= 4;
CREATE INDEX search_vocabulary_quarters_34_idx ON search_vocabulary (quarters_34(word, 0)) WHERE length(word) >= 4;
CREATE INDEX search_vocabulary_quarters_14_idx ON search_vocabulary (quarters_14(word, 0)) WHERE length(word) >= 4;
CREATE INDEX search_vocabulary_quarters_23_idx ON search_vocabulary (quarters_23(word, 0)) WHERE length(word) >= 4;
CREATE INDEX search_vocabulary_quarters_13_idx ON search_vocabulary (quarters_13(word, 0)) WHERE length(word) >= 4;
CREATE INDEX search_vocabulary_quarters_24_idx ON search_vocabulary (quarters_24(word, 0)) WHERE length(word) >= 4;
