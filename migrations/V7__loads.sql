-- Loads of dumps: the progress of each, and the records that loads have written.

CREATE TYPE load_mode AS ENUM ('empty', 'filled');
CREATE TYPE load_state AS ENUM ('running', 'stopped', 'done');

CREATE TABLE loads (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source         source NOT NULL,
    file_name      text NOT NULL CHECK (file_name <> ''),
    dump_date      date,
    everything     boolean NOT NULL,
    mode           load_mode NOT NULL,
    state          load_state NOT NULL DEFAULT 'running',
    position_bytes bigint NOT NULL DEFAULT 0 CHECK (position_bytes >= 0),
    counts         jsonb NOT NULL DEFAULT '{}',
    stop_reason    text,
    pending_ddl    jsonb NOT NULL DEFAULT '[]',
    started_at     timestamptz NOT NULL DEFAULT now(),
    finished_at    timestamptz,
    CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE INDEX loads_started_at_idx ON loads (started_at);
CREATE INDEX loads_pending_idx ON loads (id) WHERE pending_ddl <> '[]';
COMMENT ON TABLE loads IS 'Loads of dumps, one row per run. mode: empty (into empty tables, whose keys and indexes are created at the end) or filled (beside existing rows); position_bytes: how much of the file has been read; counts: the number of records by result; pending_ddl: the keys and indexes that are dropped until this load, or the next one, has created them again.';

CREATE TABLE loaded_records (
    source         source NOT NULL,
    source_id      text COLLATE "C" NOT NULL CHECK (source_id <> ''),
    content_hash   bigint NOT NULL,
    album_id       bigint NOT NULL REFERENCES albums ON DELETE CASCADE,
    master_id      bigint,
    tracklist_hash bigint NOT NULL,
    load_id        bigint NOT NULL REFERENCES loads,
    PRIMARY KEY (source, source_id)
);
CREATE INDEX loaded_records_album_id_idx ON loaded_records (album_id);
CREATE INDEX loaded_records_master_id_idx ON loaded_records (source, master_id) WHERE master_id IS NOT NULL;
CREATE INDEX loaded_records_load_id_idx ON loaded_records (load_id);
COMMENT ON TABLE loaded_records IS 'The records of dumps that have been loaded. content_hash: hash of the record in the dump, so that unchanged records are skipped. Pressings of one master_id with equal tracklist_hash are one album.';

-- Songs and tracks refer to each other, so a transaction that writes both defers this check to its end.
ALTER TABLE normalized_tracks ALTER CONSTRAINT normalized_tracks_representative_track_id_fkey DEFERRABLE INITIALLY IMMEDIATE;

-- No query searches the titles of tracks and songs by similarity: producers are searched by name, tracks are found by position,
-- song or ISRC. In a load these two indexes cost more than half as much as all others together. Titles can still be found by
-- prefix.
DROP INDEX tracks_name_trgm_idx;
DROP INDEX normalized_tracks_name_trgm_idx;
CREATE INDEX tracks_name_idx ON tracks (left(lower(name), 200) COLLATE "C");
