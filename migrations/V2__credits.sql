-- Producers, the credits that sources claim for them, and the track producers those credits add up to.

CREATE TYPE credit_role AS ENUM (
    'producer', 'co_producer', 'additional_producer', 'assistant_producer', 'associate_producer', 'vocal_producer',
    'executive_producer', 'remixer', 'mixer', 'engineer', 'arranger', 'programmer', 'writer', 'performer', 'other'
);

-- The roles that make a track_producers row. Executive producers, remixers and engineers are shown, but not counted.
CREATE FUNCTION is_music_production(credit_role) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $1 IN ('producer', 'co_producer', 'additional_producer', 'assistant_producer', 'associate_producer', 'vocal_producer');

CREATE TABLE producers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL CHECK (name <> ''),
    normalized_name   text NOT NULL CHECK (normalized_name <> ''),
    email             text,
    image_url         text,
    instagram_handle  text CHECK (instagram_handle ~ '^[A-Za-z0-9._]{1,30}$'),
    instagram_bio     text,
    metadata          jsonb NOT NULL DEFAULT '{}',
    enriched_at       timestamptz,
    enrichment_failed boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX producers_normalized_name_idx ON producers (left(normalized_name, 200));
CREATE INDEX producers_name_trgm_idx ON producers USING gin (left(name, 200) gin_trgm_ops);
CREATE INDEX producers_instagram_handle_idx ON producers (lower(instagram_handle)) WHERE instagram_handle IS NOT NULL;
CREATE INDEX producers_enriched_at_idx ON producers (enriched_at NULLS FIRST);
CREATE INDEX producers_enrichment_failed_idx ON producers (id) WHERE enrichment_failed;
CREATE INDEX producers_created_at_idx ON producers (created_at);
CREATE INDEX producers_updated_at_idx ON producers (updated_at);
COMMENT ON TABLE producers IS 'Music producers. enriched_at: when social enrichment last finished; enrichment_failed: it failed because of the token, a permission or repeated server errors. normalized_name is for searching; a producer''s identity is in producer_identities.';

CREATE TABLE producer_identities (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      source NOT NULL,
    source_id   text COLLATE "C" NOT NULL CHECK (source_id <> ''),
    producer_id bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    name        text NOT NULL CHECK (name <> ''),
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX producer_identities_key ON producer_identities (source, md5(source_id));
CREATE INDEX producer_identities_producer_id_idx ON producer_identities (producer_id);
COMMENT ON TABLE producer_identities IS 'The ids of a producer at each source, or unlinked:<main artist>:<folded name> for a credit without an id. Merging producers moves these rows.';

CREATE TYPE producer_name_kind AS ENUM ('primary', 'alias', 'credited_as');
CREATE TABLE producer_names (
    producer_id     bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    name            text NOT NULL CHECK (name <> ''),
    kind            producer_name_kind NOT NULL,
    source          source NOT NULL,
    normalized_name text NOT NULL CHECK (normalized_name <> ''),
    search_key      text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(replace(normalized_name, ' ', ''), 200)) STORED,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX producer_names_key ON producer_names (producer_id, md5(name), kind, source);
CREATE INDEX producer_names_search_key_idx ON producer_names (search_key);
CREATE INDEX producer_names_trgm_idx ON producer_names USING gin (search_key gin_trgm_ops);
COMMENT ON TABLE producer_names IS 'Every name of a producer: the primary name, the aliases that sources state, and the names printed in credits.';

CREATE TYPE producer_link_kind AS ENUM ('alias', 'member_of');
CREATE TABLE producer_links (
    producer_id        bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    linked_producer_id bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    kind               producer_link_kind NOT NULL,
    source             source NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (producer_id, linked_producer_id, kind, source),
    CHECK (producer_id <> linked_producer_id)
);
CREATE INDEX producer_links_linked_producer_id_idx ON producer_links (linked_producer_id);
COMMENT ON TABLE producer_links IS 'Related producers that are counted separately: aliases, and members of groups.';

CREATE TABLE producer_contacts (
    producer_id bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind <> ''),
    value       text NOT NULL CHECK (value <> ''),
    source      source NOT NULL,
    source_id   text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX producer_contacts_key ON producer_contacts (producer_id, kind, md5(value), source);
COMMENT ON TABLE producer_contacts IS 'Contact details of a producer as a source states them. kind: the field (instagram, website, soundcloud, ...); value: a handle or URL; source_id: the record that states it.';

CREATE TABLE credits (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    album_id             bigint NOT NULL REFERENCES albums ON DELETE CASCADE,
    track_id             bigint REFERENCES tracks ON DELETE CASCADE,
    track_positions      text[],
    track_range          text,
    source               source NOT NULL,
    source_record_kind   text NOT NULL CHECK (source_record_kind <> ''),
    source_record_id     text COLLATE "C" NOT NULL CHECK (source_record_id <> ''),
    producer_identity_id bigint REFERENCES producer_identities ON DELETE RESTRICT,
    source_artist_id     text,
    credited_as          text NOT NULL CHECK (credited_as <> ''),
    raw_role             text NOT NULL CHECK (raw_role <> ''),
    role                 credit_role NOT NULL,
    matched_by           match_method NOT NULL,
    match_score          real NOT NULL CHECK (match_score BETWEEN 0 AND 1),
    first_seen_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (producer_identity_id IS NULL OR is_music_production(role))
);
CREATE INDEX credits_album_id_idx ON credits (album_id, source);
CREATE INDEX credits_track_id_idx ON credits (track_id) WHERE track_id IS NOT NULL;
CREATE INDEX credits_record_idx ON credits (source, source_record_id);
CREATE INDEX credits_producer_identity_id_idx ON credits (producer_identity_id) WHERE producer_identity_id IS NOT NULL;
COMMENT ON TABLE credits IS 'One row per credit as its source states it, never expanded. track_id is null for a credit of the whole album or of its track_positions; track_range has the source''s own words. producer_identity_id is null if the role or the person makes no producer.';

CREATE TABLE track_producers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    track_id    bigint NOT NULL REFERENCES tracks ON DELETE CASCADE,
    producer_id bigint NOT NULL REFERENCES producers ON DELETE CASCADE,
    confidence  real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    source      source NOT NULL,
    role        credit_role NOT NULL CHECK (is_music_production(role)),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (track_id, producer_id)
);
CREATE INDEX track_producers_producer_id_idx ON track_producers (producer_id, track_id);
CREATE INDEX track_producers_confidence_idx ON track_producers (confidence);
CREATE INDEX track_producers_created_at_idx ON track_producers (created_at);
COMMENT ON TABLE track_producers IS 'The producers of a track, computed from its credits and overrides, with the strongest source and role and a confidence.';

CREATE TYPE override_verdict AS ENUM ('confirmed', 'rejected');
CREATE TABLE credit_overrides (
    normalized_track_id  bigint NOT NULL REFERENCES normalized_tracks ON DELETE CASCADE,
    producer_identity_id bigint NOT NULL REFERENCES producer_identities ON DELETE CASCADE,
    verdict              override_verdict NOT NULL,
    decided_by           text NOT NULL CHECK (decided_by <> ''),
    reason               text NOT NULL CHECK (reason <> ''),
    created_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (normalized_track_id, producer_identity_id)
);
CREATE INDEX credit_overrides_producer_identity_id_idx ON credit_overrides (producer_identity_id);
COMMENT ON TABLE credit_overrides IS 'A person''s verdict on a producer of a song. It applies to all versions of the song and survives re-runs and merges.';

CREATE TABLE producer_statistics (
    producer_id        bigint PRIMARY KEY REFERENCES producers ON DELETE CASCADE,
    track_count        integer NOT NULL CHECK (track_count >= 0),
    artist_count       integer NOT NULL CHECK (artist_count >= 0),
    average_popularity real CHECK (average_popularity BETWEEN 0 AND 100),
    first_year         smallint,
    last_year          smallint,
    computed_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX producer_statistics_track_count_idx ON producer_statistics (track_count DESC, producer_id);
COMMENT ON TABLE producer_statistics IS 'Counts per producer over songs, so that ten versions of a song count once. artist_count leaves out Various Artists and the producer.';

CREATE TABLE producer_statistics_stale (
    producer_id bigint PRIMARY KEY REFERENCES producers ON DELETE CASCADE,
    marked_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX producer_statistics_stale_marked_at_idx ON producer_statistics_stale (marked_at);
COMMENT ON TABLE producer_statistics_stale IS 'Producers whose statistics are out of date. Filled by the transaction that changed what they count.';

CREATE VIEW producer_popularity AS
SELECT p.id AS producer_id,
       p.name AS producer_name,
       COALESCE(s.track_count, 0) AS track_count,
       COALESCE(s.artist_count, 0) AS artist_count,
       s.average_popularity
FROM producers p
LEFT JOIN producer_statistics s ON s.producer_id = p.id;
COMMENT ON VIEW producer_popularity IS 'Producers with the number of songs they produced (versions count once), the number of distinct artists, and the average of the known popularities of the tracks.';

CREATE TRIGGER set_updated_at BEFORE UPDATE ON producers FOR EACH ROW EXECUTE FUNCTION set_updated_at();
