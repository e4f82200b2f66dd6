-- Ten tracks an album. Artist 1 is Various Artists with 2 % of the albums; low numbers of artists and
-- producers are busy. Each artist works with a pool of eight producers for four tracks in five, as in a
-- real graph of collaborations.
SET statement_timeout = 0;
SET synchronous_commit = off;
INSERT INTO producers (id, name, normalized_name) OVERRIDING SYSTEM VALUE SELECT id, name, folded FROM person;
INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
SELECT id, name, 'primary', 'discogs', folded FROM person;
INSERT INTO producer_identities (id, source, source_id, producer_id, name) OVERRIDING SYSTEM VALUE
SELECT id, 'discogs', id::text, id, name FROM person;
INSERT INTO artists (id, name) OVERRIDING SYSTEM VALUE SELECT id, name FROM act;
INSERT INTO artist_identities (source, source_id, artist_id)
SELECT 'discogs', CASE WHEN id = 1 THEN '194' ELSE (10000000 + id)::text END, id FROM act;
INSERT INTO albums (id, artist_id, name, album_type, release_date, release_date_precision, total_tracks, upc)
OVERRIDING SYSTEM VALUE
SELECT n, CASE WHEN n % 50 = 0 THEN 1
               ELSE 1 + floor((SELECT max(id) - 1 FROM act)
                              * power(((n * 7919) % 1000003) / 1000003.0::float8, 2))::int END,
       'Album ' || n, 'album', date '1960-01-01' + (n * 104729 % 24000)::int, 'day', 10,
       (100000000000 + n)::text
FROM generate_series(1::bigint, (SELECT (max(id) + 9) / 10 FROM title)) AS n;
CREATE TEMP TABLE version AS
SELECT t.id, t.name, t.folded, a.id AS album_id, a.artist_id,
       min(t.id) OVER (PARTITION BY a.artist_id, t.folded) AS song_id
FROM title t JOIN albums a ON a.id = (t.id - 1) / 10 + 1;
INSERT INTO normalized_tracks (id, artist_id, normalized_name, rules_version, representative_track_id)
OVERRIDING SYSTEM VALUE
SELECT id, artist_id, folded, 1, id FROM version WHERE id = song_id;
INSERT INTO tracks (id, album_id, name, disc_number, track_number, duration_ms, normalized_track_id)
OVERRIDING SYSTEM VALUE
SELECT id, album_id, name, 1, (id - 1) % 10 + 1, 120000 + id * 37 % 240000, song_id FROM version;
INSERT INTO track_artists (track_id, position, artist_id) SELECT id, 1, artist_id FROM version;
INSERT INTO credits (album_id, track_id, source, source_record_kind, source_record_id, producer_identity_id,
                     credited_as,
                     raw_role, role, matched_by, match_score)
SELECT v.album_id, v.id, 'discogs', 'release', v.album_id::text, p.id,
       p.name, 'Producer', 'producer', 'own', 1
FROM version v
CROSS JOIN LATERAL (
    SELECT DISTINCT 1 + floor((SELECT max(id) - 1 FROM person) * power(abs(hashint8(
        CASE WHEN v.artist_id = 1 OR (v.id * 13 + k) % 5 = 0 THEN v.id * 101 + k
             ELSE v.artist_id * 8 + (v.id * 7 + k * k) % 8 END)) / 2147483648.0, 2))::bigint AS id
    FROM generate_series(1, 2 + (v.id % 3)::int) AS k
) AS drawn
JOIN person p ON p.id = drawn.id;
SELECT setval(pg_get_serial_sequence(name, 'id'), (SELECT max(id) + 1 FROM title))
FROM unnest(ARRAY['artists', 'albums', 'tracks', 'normalized_tracks', 'producers', 'producer_identities'])
     AS name;
