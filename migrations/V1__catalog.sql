-- The catalog: artists, their albums, the tracks on them, and the songs those tracks are versions of.
-- Keys of other systems are in *_identities and *_links. `spotify_id` is the smallest Spotify id of a row, or null if
-- Spotify does not have it.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- Where a fact or a credit comes from.
CREATE TYPE source AS ENUM ('spotify', 'musicbrainz', 'discogs', 'genius', 'instagram', 'wikidata', 'manual');
CREATE TYPE date_precision AS ENUM ('year', 'month', 'day');
CREATE TYPE album_type AS ENUM ('album', 'single', 'compilation', 'other');
CREATE TYPE artist_part AS ENUM ('main', 'featured');
-- What kind of version of its song a track is. Null means the song itself.
CREATE TYPE version_kind AS ENUM (
    'remix', 'live', 'acoustic', 'remaster', 'radio_edit', 'extended', 'instrumental', 'karaoke',
    'demo', 'acapella', 'mono', 'stereo', 'session', 'rerecording', 'cover', 'language', 'explicit', 'clean', 'bonus', 'other'
);
-- How a row of ours was matched to a record of a source.
CREATE TYPE match_method AS ENUM ('own', 'link', 'barcode', 'isrc', 'search', 'manual');

-- An UPDATE that changes nothing keeps updated_at.
CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW IS DISTINCT FROM OLD AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

CREATE TABLE artists (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    spotify_id   text COLLATE "C",
    followers    bigint CHECK (followers >= 0),
    popularity   smallint CHECK (popularity BETWEEN 0 AND 100),
    image_url    text,
    metadata     jsonb NOT NULL DEFAULT '{}',
    requested_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX artists_spotify_id_key ON artists (spotify_id) WHERE spotify_id IS NOT NULL;
CREATE INDEX artists_name_lower_idx ON artists (left(lower(name), 200));
CREATE INDEX artists_name_trgm_idx ON artists USING gin (left(name, 200) gin_trgm_ops);
CREATE INDEX artists_popularity_idx ON artists (popularity DESC) WHERE popularity IS NOT NULL;
CREATE INDEX artists_requested_at_idx ON artists (requested_at) WHERE requested_at IS NOT NULL;
CREATE INDEX artists_created_at_idx ON artists (created_at);
CREATE INDEX artists_updated_at_idx ON artists (updated_at);
COMMENT ON TABLE artists IS 'Artists from Spotify or from a credit source. requested_at: when a person asked for the artist; null for artists that only appear on the records of others.';

CREATE TABLE artist_identities (
    source     source NOT NULL,
    source_id  text COLLATE "C" NOT NULL CHECK (source_id <> ''),
    artist_id  bigint NOT NULL REFERENCES artists ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, source_id)
);
CREATE INDEX artist_identities_artist_id_idx ON artist_identities (artist_id);
COMMENT ON TABLE artist_identities IS 'The ids of an artist at each source. An artist with two Spotify ids has two rows.';

CREATE TABLE albums (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- An artist with albums can be merged, but not deleted.
    artist_id              bigint NOT NULL REFERENCES artists ON DELETE RESTRICT,
    name                   text NOT NULL CHECK (name <> ''),
    spotify_id             text COLLATE "C",
    album_type             album_type NOT NULL DEFAULT 'other',
    release_date           date,
    release_date_precision date_precision,
    cover_url              text,
    upc                    text COLLATE "C" CHECK (upc ~ '^[1-9][0-9]{3,13}$'),
    total_tracks           integer CHECK (total_tracks >= 0),
    label                  text,
    genres                 text[] NOT NULL DEFAULT '{}',
    metadata               jsonb NOT NULL DEFAULT '{}',
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    CHECK ((release_date IS NULL) = (release_date_precision IS NULL))
);
CREATE UNIQUE INDEX albums_spotify_id_key ON albums (spotify_id) WHERE spotify_id IS NOT NULL;
CREATE INDEX albums_artist_id_idx ON albums (artist_id);
CREATE INDEX albums_upc_idx ON albums (upc) WHERE upc IS NOT NULL;
CREATE INDEX albums_name_trgm_idx ON albums USING gin (left(name, 200) gin_trgm_ops);
CREATE INDEX albums_release_date_idx ON albums (release_date DESC NULLS LAST);
CREATE INDEX albums_created_at_idx ON albums (created_at);
CREATE INDEX albums_updated_at_idx ON albums (updated_at);
COMMENT ON TABLE albums IS 'Albums, singles and compilations. artist_id is the first artist named; upc has no leading zeros; release_date is padded to a full date; release_date_precision says how much of it is known.';

CREATE TABLE album_links (
    album_id    bigint NOT NULL REFERENCES albums ON DELETE CASCADE,
    source      source NOT NULL,
    source_id   text COLLATE "C" NOT NULL CHECK (source_id <> ''),
    matched_by  match_method NOT NULL,
    match_score real NOT NULL CHECK (match_score BETWEEN 0 AND 1),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (album_id, source, source_id)
);
CREATE INDEX album_links_source_idx ON album_links (source, source_id);
COMMENT ON TABLE album_links IS 'The records of each source that an album was matched to, and how. Many to many: one release can be several Spotify albums, and the reverse.';

CREATE TABLE normalized_tracks (
    id                      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id               bigint NOT NULL REFERENCES artists ON DELETE RESTRICT,
    normalized_name         text NOT NULL CHECK (normalized_name <> ''),
    rules_version           smallint NOT NULL,
    representative_track_id bigint,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now()
);
-- A title can be longer than a btree entry, so the index holds its hash.
CREATE UNIQUE INDEX normalized_tracks_key ON normalized_tracks (artist_id, md5(normalized_name));
CREATE INDEX normalized_tracks_representative_track_id_idx ON normalized_tracks (representative_track_id);
CREATE INDEX normalized_tracks_name_trgm_idx ON normalized_tracks USING gin (left(normalized_name, 200) gin_trgm_ops);
CREATE INDEX normalized_tracks_created_at_idx ON normalized_tracks (created_at);
CREATE INDEX normalized_tracks_updated_at_idx ON normalized_tracks (updated_at);
COMMENT ON TABLE normalized_tracks IS 'Songs: the versions of one artist''s track (remixes, radio edits), grouped under the main version. rules_version: the version of the title rules that made normalized_name.';

CREATE TABLE tracks (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    album_id            bigint NOT NULL REFERENCES albums ON DELETE CASCADE,
    name                text NOT NULL CHECK (name <> ''),
    spotify_id          text COLLATE "C",
    isrc                text COLLATE "C" CHECK (isrc ~ '^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$'),
    disc_number         smallint NOT NULL DEFAULT 1 CHECK (disc_number >= 0),
    track_number        integer NOT NULL CHECK (track_number >= 0),
    duration_ms         integer CHECK (duration_ms >= 0),
    popularity          smallint CHECK (popularity BETWEEN 0 AND 100),
    spotify_preview_url text,
    normalized_track_id bigint REFERENCES normalized_tracks ON DELETE SET NULL,
    version_kind        version_kind,
    version_label       text,
    removed_at          timestamptz,
    metadata            jsonb NOT NULL DEFAULT '{}',
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE normalized_tracks ADD FOREIGN KEY (representative_track_id) REFERENCES tracks ON DELETE SET NULL;
CREATE UNIQUE INDEX tracks_spotify_id_key ON tracks (spotify_id) WHERE spotify_id IS NOT NULL;
CREATE INDEX tracks_album_id_idx ON tracks (album_id, disc_number, track_number);
CREATE INDEX tracks_normalized_track_id_idx ON tracks (normalized_track_id) WHERE normalized_track_id IS NOT NULL;
-- Not unique: labels reuse ISRCs, and one recording can be many Spotify tracks.
CREATE INDEX tracks_isrc_idx ON tracks (isrc) WHERE isrc IS NOT NULL;
CREATE INDEX tracks_popularity_idx ON tracks (popularity DESC) WHERE popularity IS NOT NULL;
CREATE INDEX tracks_name_trgm_idx ON tracks USING gin (left(name, 200) gin_trgm_ops);
CREATE INDEX tracks_created_at_idx ON tracks (created_at);
CREATE INDEX tracks_updated_at_idx ON tracks (updated_at);
COMMENT ON TABLE tracks IS 'Tracks of albums. removed_at: when a fetch of the album no longer had the track; the row and its credits stay. version_kind and version_label: the version that the title states.';

CREATE TABLE track_artists (
    track_id  bigint NOT NULL REFERENCES tracks ON DELETE CASCADE,
    position  smallint NOT NULL CHECK (position >= 1),
    artist_id bigint NOT NULL REFERENCES artists ON DELETE RESTRICT,
    part      artist_part NOT NULL DEFAULT 'main',
    PRIMARY KEY (track_id, position)
);
CREATE INDEX track_artists_artist_id_idx ON track_artists (artist_id);
COMMENT ON TABLE track_artists IS 'The artists of a track, in the order in which they are named. A track without rows is by its album''s artist.';

CREATE TABLE track_links (
    track_id    bigint NOT NULL REFERENCES tracks ON DELETE CASCADE,
    source      source NOT NULL,
    source_id   text COLLATE "C" NOT NULL CHECK (source_id <> ''),
    matched_by  match_method NOT NULL,
    match_score real NOT NULL CHECK (match_score BETWEEN 0 AND 1),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (track_id, source, source_id)
);
CREATE INDEX track_links_source_idx ON track_links (source, source_id);
COMMENT ON TABLE track_links IS 'The records of each source (MusicBrainz recordings, Genius songs) that a track was matched to, and how.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['artists', 'albums', 'tracks', 'normalized_tracks'] LOOP
        EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION set_updated_at()', name);
    END LOOP;
END $$;
