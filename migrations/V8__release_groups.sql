-- Releases of the MusicBrainz dump: one per release group.

CREATE TABLE loaded_releases (
    release_mbid text COLLATE "C" PRIMARY KEY,
    group_mbid   text COLLATE "C" NOT NULL UNIQUE,
    content_hash bigint NOT NULL,
    candidate    jsonb,
    album_id     bigint NOT NULL REFERENCES albums ON DELETE CASCADE,
    load_id      bigint NOT NULL REFERENCES loads
);
CREATE INDEX loaded_releases_album_id_idx ON loaded_releases (album_id);
CREATE INDEX loaded_releases_load_id_idx ON loaded_releases (load_id);
COMMENT ON TABLE loaded_releases IS 'The loaded releases of the MusicBrainz dump, one per release group (a release without a group is its own). content_hash: hash of the release in the dump; candidate: the data by which it was chosen from its group, or null once the dump no longer has it and any other release of the group replaces it.';
