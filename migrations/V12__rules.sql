-- Rules that several statements need, each defined once. The functions on rows are inlined: a statement that
-- calls one is planned as if it contained the rule.

CREATE TYPE credit_coverage AS ENUM ('track', 'range', 'album', 'unresolved');

-- How a credit covers a track of its album: as a credit of the track, of some tracks, or of the album. A
-- credit of a range that could not be resolved may be about any track. Null if the credit is about other
-- tracks. A removed track is at no position.
CREATE FUNCTION coverage(credit credits, track tracks) RETURNS credit_coverage
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN credit.track_id = track.id THEN 'track'::credit_coverage
    WHEN credit.track_id IS NOT NULL THEN NULL
    WHEN credit.track_positions IS NULL AND credit.track_range IS NULL THEN 'album'
    WHEN credit.track_positions IS NULL THEN 'unresolved'
    WHEN track.removed_at IS NULL
         AND track.disc_number::text || '-' || track.track_number::text = ANY (credit.track_positions)
    THEN CASE WHEN credit.track_range IS NULL THEN 'album'::credit_coverage ELSE 'range' END
END;

-- Whether a credit counts for a track of its album. A credit of an unresolved range counts for none.
CREATE FUNCTION covers(credit credits, track tracks) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coverage(credit, track) <> 'unresolved';

-- The song of a track. A track without a song counts as a song of its own, with a key that no song has.
CREATE FUNCTION song_of(track tracks) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(track.normalized_track_id, -track.id);

CREATE VIEW artists_of_tracks AS
SELECT ta.track_id, ta.artist_id, ta.position, ta.part
FROM track_artists ta
UNION ALL
SELECT t.id, al.artist_id, 1::smallint, 'main'::artist_part
FROM tracks t
JOIN albums al ON al.id = t.album_id
WHERE NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = t.id);
COMMENT ON VIEW artists_of_tracks IS 'The artists of each track in the order of position: those that it '
    'names, or its album''s artist if it names none. Select by track_id or artist_id; joins use artists_of.';

-- The artists of one track, for joins: a join with the view would compute the artists of all tracks. OFFSET 0
-- keeps the condition inside.
CREATE FUNCTION artists_of(track_id bigint) RETURNS SETOF artists_of_tracks
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 AS $$
    SELECT ta.track_id, ta.artist_id, ta.position, ta.part
    FROM artists_of_tracks ta
    WHERE ta.track_id = artists_of.track_id
    OFFSET 0
$$;

-- The release date of an album as far as it is known: 1997, 1997-05 or 1997-05-21.
CREATE FUNCTION release_date_text(album albums) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(album.release_date, CASE album.release_date_precision WHEN 'year' THEN 'YYYY'
                                                                     WHEN 'month' THEN 'YYYY-MM'
                                                                     ELSE 'YYYY-MM-DD' END);

-- Whether an identity has an id that the source gave, and not one that stands for a credit without an id.
CREATE FUNCTION has_source_id(identity producer_identities) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN NOT starts_with(identity.source_id, 'unlinked:');

CREATE OR REPLACE FUNCTION get_producer_collaborations(producer_id bigint)
RETURNS TABLE (artist_id bigint, artist_name text, track_count bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.id, a.name, count(DISTINCT song_of(t))
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    CROSS JOIN LATERAL artists_of(t.id) ta
    JOIN artists a ON a.id = ta.artist_id
    WHERE tp.producer_id = get_producer_collaborations.producer_id
      AND NOT is_various_artists(a.id)
      AND NOT is_same_person(a.id, get_producer_collaborations.producer_id)
    GROUP BY a.id, a.name
    ORDER BY count(DISTINCT song_of(t)) DESC, a.name, a.id
$$;
