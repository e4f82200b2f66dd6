-- Answers kept ready: which artists each producer worked with, and when each song first came out.

-- The last day that a release date can mean: 1997 can be any day up to the end of 1997. The earliest of several
-- dates is that with the earliest last day, so 1997-05-21 is earlier than a bare 1997.
CREATE FUNCTION last_possible_day(album albums) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (album.release_date + CASE album.release_date_precision WHEN 'year' THEN interval '1 year'
                                                               WHEN 'month' THEN interval '1 month'
                                                               ELSE interval '1 day' END)::date - 1;

ALTER TABLE normalized_tracks
    ADD COLUMN first_released date,
    ADD COLUMN first_released_precision date_precision,
    ADD CHECK ((first_released IS NULL) = (first_released_precision IS NULL));
COMMENT ON COLUMN normalized_tracks.first_released IS 'The earliest date known of an album with a track of the song, padded to a full date. Kept with the representative track.';

UPDATE normalized_tracks n
SET first_released = first.release_date, first_released_precision = first.release_date_precision
FROM (
    SELECT DISTINCT ON (t.normalized_track_id) t.normalized_track_id AS id, al.release_date, al.release_date_precision
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    WHERE t.normalized_track_id IS NOT NULL AND al.release_date IS NOT NULL
    ORDER BY t.normalized_track_id, last_possible_day(al), al.release_date_precision DESC
) AS first
WHERE n.id = first.id;

-- Without foreign keys to artists and tracks: a computation that waited for an artist who is being merged would
-- wait in the opposite order to the merge, which marks the producers of that artist. Rows of an artist who is
-- gone are replaced when the producers that the merge marked are computed.
CREATE TABLE producer_artists (
    producer_id      bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    artist_id        bigint NOT NULL,
    track_count      integer NOT NULL CHECK (track_count > 0),
    role             credit_role NOT NULL,
    confidence       real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    first_year       smallint,
    last_year        smallint,
    best_track_id    bigint NOT NULL,
    is_collaboration boolean NOT NULL,
    PRIMARY KEY (producer_id, artist_id)
);
CREATE INDEX producer_artists_collaborations_idx ON producer_artists (producer_id, track_count, artist_id)
    WHERE is_collaboration;
CREATE INDEX producer_artists_artist_id_idx ON producer_artists (artist_id, track_count, producer_id);
COMMENT ON TABLE producer_artists IS 'The artists whose songs each producer produced: the number of songs (versions count once), the strongest role, the highest confidence, the years in which the first and the last of the songs came out, and the most popular track. is_collaboration: the artist is neither Various Artists nor the producer. Computed with producer_statistics.';

INSERT INTO producer_statistics_stale (producer_id) SELECT id FROM producers ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION get_producer_collaborations(producer_id bigint)
RETURNS TABLE (artist_id bigint, artist_name text, track_count bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.id, a.name, w.track_count::bigint
    FROM producer_artists w
    JOIN artists a ON a.id = w.artist_id
    WHERE w.producer_id = get_producer_collaborations.producer_id AND w.is_collaboration
    ORDER BY w.track_count DESC, a.name, a.id
$$;
