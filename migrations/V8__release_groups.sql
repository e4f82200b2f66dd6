-- Releases of MusicBrainz's dump: of each release group one is here.

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
COMMENT ON TABLE loaded_releases IS 'The releases of MusicBrainz''s dump that are here, one of each release group (a release in none is its own): content_hash is of what the dump says; candidate is what the choice among its group went by, null once the dump has it no more: then any other of the group takes its place.';
