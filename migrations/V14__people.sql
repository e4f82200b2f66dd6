-- People: supervisors of recordings, the roles of a producer on a track, and producers that a person calls new.

-- Supervising a recording was how producing it was called until the middle of the 1970s.
ALTER TYPE credit_role ADD VALUE 'supervisor' BEFORE 'executive_producer';

-- The new value cannot be used before this transaction ends, so these functions and indexes name its neighbours.
CREATE OR REPLACE FUNCTION is_music_production(credit_role) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $1 < 'executive_producer';

-- Whether a role is production only on early records.
CREATE FUNCTION is_supervision(role credit_role) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN role > 'vocal_producer' AND role < 'executive_producer';

CREATE INDEX credits_supervision_album_idx ON credits (album_id)
    WHERE role > 'vocal_producer' AND role < 'executive_producer';
CREATE INDEX credits_supervision_record_idx ON credits (source, source_record_id)
    WHERE role > 'vocal_producer' AND role < 'executive_producer';

-- A load copies rows into this table, so a record may be in it twice.
CREATE TABLE early_records (
    source    source NOT NULL,
    source_id text COLLATE "C" NOT NULL CHECK (source_id <> '')
);
CREATE INDEX early_records_source_id_idx ON early_records (source, source_id);
COMMENT ON TABLE early_records IS 'Records that state a date before 1975, for themselves or for their release group. The supervisors of such a record, and of any other record that is the same album or of the same master, count as producers.';

-- Whether the credit's record, another record of its album, or a record of the same master states an early date.
CREATE FUNCTION is_of_early_record(credit credits) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH records AS (
        SELECT credit.source, credit.source_record_id AS source_id
        UNION ALL
        SELECT l.source, l.source_id FROM album_links l WHERE l.album_id = credit.album_id
    )
    SELECT EXISTS (SELECT FROM records JOIN early_records USING (source, source_id))
        OR EXISTS (
            SELECT FROM records
            JOIN loaded_records one USING (source, source_id)
            JOIN loaded_records other ON other.source = one.source AND other.master_id = one.master_id
            JOIN early_records e ON e.source = other.source AND e.source_id = other.source_id)
$$;

-- Whether a credit that covers a track counts as production for it. The credit of a supervisor counts on early records.
CREATE FUNCTION counts(credit credits, track tracks) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN covers(credit, track) AND (NOT is_supervision(credit.role) OR is_of_early_record(credit));

-- All roles that a producer of a track has by the credits that count, the strongest first.
CREATE FUNCTION roles_of(produced track_producers) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_agg(role ORDER BY role)::text[]
    FROM (
        SELECT produced.role
        UNION
        SELECT c.role
        FROM tracks t
        JOIN credits c ON c.album_id = t.album_id AND counts(c, t)
        JOIN producer_identities i ON i.id = c.producer_identity_id AND i.producer_id = produced.producer_id
        WHERE t.id = produced.track_id
    ) AS roles (role)
$$;

-- Whether a person called the producer new: another one than those of the same name. It is never merged automatically.
CREATE FUNCTION is_called_new(identity producer_identities) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN starts_with(identity.source_id, 'unlinked:new:');
