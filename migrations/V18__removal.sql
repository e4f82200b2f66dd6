-- Removal: what a load may remove, and the lock on a catalog without keys.

CREATE TYPE load_kind AS ENUM ('releases', 'artists');
ALTER TABLE loads ADD COLUMN kind load_kind NOT NULL DEFAULT 'releases';
ALTER TABLE loads ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE loads ADD COLUMN stored_before bigint CHECK (stored_before >= 0);
UPDATE loads SET kind = 'artists' WHERE file_name ILIKE '%artist%' OR counts -> 'skipped' ? 'not_here';
COMMENT ON TABLE loads IS 'Loads of dumps, one row per run. mode: empty (into empty tables, whose keys and indexes are created at the end) or filled (beside existing rows); position_bytes: how much of the file has been read; counts: the number of records by result; pending_ddl: the keys and indexes that are dropped until this load, or the next one, has created them again; stored_before: how many releases of the source were stored when it began.';

-- The tables whose keys and indexes a load into an empty catalog drops.
CREATE FUNCTION tables_without_keys() RETURNS regclass[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY['artists', 'artist_identities', 'albums', 'album_links', 'normalized_tracks', 'tracks', 'track_artists',
                 'producers', 'producer_identities', 'producer_names', 'credits', 'track_producers',
                 'loaded_records', 'early_records']::regclass[]
$$;

-- While the keys are away, only transactions of the load write: those that set linernotes.is_load.
CREATE FUNCTION refuse_without_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('linernotes.is_load', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'LN001',
        MESSAGE = 'the catalog is locked until a load has created its keys and indexes',
        HINT = 'Wait until the load has ended. If it was killed, run it again, or run: linernotes migrate';
END $$;

DO $$
DECLARE locked regclass;
BEGIN
    FOREACH locked IN ARRAY tables_without_keys() LOOP
        EXECUTE format('CREATE TRIGGER refuse_without_keys BEFORE INSERT OR UPDATE OR DELETE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_keys()', locked);
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER refuse_without_keys', locked);
    END LOOP;
END $$;

-- Locks the catalog against everybody but the load, or unlocks it.
CREATE FUNCTION lock_catalog(is_locked boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE locked regclass;
BEGIN
    FOREACH locked IN ARRAY tables_without_keys() LOOP
        EXECUTE format('ALTER TABLE %s %s TRIGGER refuse_without_keys', locked,
                       CASE WHEN is_locked THEN 'ENABLE' ELSE 'DISABLE' END);
    END LOOP;
END $$;

-- A dump knows the date of a release, but not that of its master. What one of them states does not overwrite the other.
ALTER TABLE early_records ADD COLUMN is_of_master boolean NOT NULL DEFAULT false;
UPDATE early_records e
SET is_of_master = true
WHERE e.source = 'discogs'
  AND NOT EXISTS (SELECT FROM loaded_records r WHERE r.source = e.source AND r.source_id = e.source_id);
COMMENT ON TABLE early_records IS 'Records that state a date before 1975, for themselves or for their release group, or if is_of_master for their Discogs master. The supervisors of such a record, and of any other record that is the same album or of the same master, count as producers.';

-- Contact details that were erased are hidden for a day, in which the erasure can be taken back.
CREATE TABLE contact_erasures (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    producer_id bigint NOT NULL,
    hidden_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz
);
CREATE INDEX contact_erasures_hidden_at_idx ON contact_erasures (hidden_at) WHERE deleted_at IS NULL;
COMMENT ON TABLE contact_erasures IS 'Erasures of contact details. producer_id: the producer at that time, which may have been merged since; deleted_at: when the hidden details were deleted permanently, a day after hidden_at or at once. Who decided it and why is in operator_decisions. A row that is deleted restores nothing, but lifts the suppression.';

CREATE TABLE hidden_contacts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erasure_id bigint NOT NULL REFERENCES contact_erasures ON DELETE CASCADE,
    origin     text NOT NULL CHECK (origin IN ('producer_contacts', 'producers', 'producer_merges', 'producer_merge_parts', 'lookups')),
    details    jsonb NOT NULL
);
CREATE INDEX hidden_contacts_erasure_id_idx ON hidden_contacts (erasure_id);
COMMENT ON TABLE hidden_contacts IS 'What an erasure took out of other tables, until it is restored or deleted. origin: the table; details: the row before.';

-- Several erasures may suppress the same value, and lifting one must not lift the others.
ALTER TABLE contact_suppressions ADD COLUMN erasure_id bigint REFERENCES contact_erasures ON DELETE CASCADE;
ALTER TABLE contact_suppressions DROP CONSTRAINT contact_suppressions_pkey;
CREATE UNIQUE INDEX contact_suppressions_key ON contact_suppressions (kind, hash, erasure_id) NULLS NOT DISTINCT;
CREATE INDEX contact_suppressions_erasure_id_idx ON contact_suppressions (erasure_id);
COMMENT ON COLUMN contact_suppressions.erasure_id IS 'The erasure that it belongs to; null if it is older than the table of erasures.';
