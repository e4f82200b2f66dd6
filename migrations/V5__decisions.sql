-- Decisions of people: merges of producers, verdicts and manual credits, and erased contact details.

-- Why a person added the credit.
ALTER TABLE credits ADD COLUMN note text CHECK (note <> '');

CREATE TABLE producer_merges (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kept_id      bigint NOT NULL,
    gone_id      bigint NOT NULL,
    gone         jsonb NOT NULL,
    taken        text[] NOT NULL,
    identity_ids bigint[] NOT NULL,
    decided_by   text NOT NULL CHECK (decided_by <> ''),
    reason       text NOT NULL CHECK (reason <> ''),
    merged_at    timestamptz NOT NULL DEFAULT now(),
    unmerged_at  timestamptz,
    unmerged_by  text CHECK (unmerged_by <> ''),
    -- The lower id is kept.
    CHECK (kept_id < gone_id),
    CHECK ((unmerged_at IS NULL) = (unmerged_by IS NULL))
);
CREATE UNIQUE INDEX producer_merges_gone_id_key ON producer_merges (gone_id) WHERE unmerged_at IS NULL;
CREATE INDEX producer_merges_kept_id_idx ON producer_merges (kept_id);
CREATE INDEX producer_merges_merged_at_idx ON producer_merges (merged_at);
COMMENT ON TABLE producer_merges IS 'Merges of two producers, with all that undoing them needs. gone: the row of the producer that was merged away, until the merge is undone; taken: the fields that the kept producer took over; identity_ids: the identities that moved.';

CREATE TYPE producer_merge_part AS ENUM ('name', 'link', 'contact');
CREATE TABLE producer_merge_parts (
    merge_id   bigint NOT NULL REFERENCES producer_merges ON DELETE CASCADE,
    part       producer_merge_part NOT NULL,
    part_key   text COLLATE "C" NOT NULL,
    detail     jsonb NOT NULL,
    is_of_both boolean NOT NULL,
    PRIMARY KEY (merge_id, part, part_key)
);
COMMENT ON TABLE producer_merge_parts IS 'The names, links and contacts of a producer that was merged away. part_key: a hash of the row''s key, the only trace of a contact''s value; is_of_both: the kept producer had it too.';

-- The key of a name, a link or a contact among those of its producer.
CREATE FUNCTION producer_part_key(VARIADIC words text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN md5(array_to_string(words, chr(31)));

-- The producer that this one was merged into, or itself if it was never merged.
CREATE FUNCTION current_producer(producer_id bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE chain AS (
        SELECT current_producer.producer_id AS id
        UNION ALL
        SELECT m.kept_id FROM chain JOIN producer_merges m ON m.gone_id = chain.id AND m.unmerged_at IS NULL
    )
    SELECT min(id) FROM chain
$$;

CREATE INDEX producer_contacts_value_idx ON producer_contacts (kind, md5(value));

CREATE TYPE contact_suppression_kind AS ENUM ('identity', 'value');
CREATE TABLE contact_suppressions (
    kind       contact_suppression_kind NOT NULL,
    hash       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, hash)
);
COMMENT ON TABLE contact_suppressions IS 'Contacts that were erased on request, as SHA-256 hashes of identities and of values. Triggers prevent them from being stored again.';

CREATE FUNCTION identity_hash(source source, source_id text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(source::text || ':' || source_id, 'UTF8'));

-- A Threads handle is an Instagram handle.
CREATE FUNCTION contact_hash(kind text, value text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(CASE kind WHEN 'threads' THEN 'instagram' ELSE kind END || ':' || lower(btrim(value)), 'UTF8'));

CREATE FUNCTION is_contact_suppressed(producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM producer_identities i
    JOIN contact_suppressions s ON s.kind = 'identity' AND s.hash = identity_hash(i.source, i.source_id)
    WHERE i.producer_id = is_contact_suppressed.producer_id
);

CREATE FUNCTION is_value_suppressed(kind text, value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM contact_suppressions s WHERE s.kind = 'value' AND s.hash = contact_hash(is_value_suppressed.kind, value));

-- A producer's row as JSON without contact details.
CREATE FUNCTION without_contact(producer jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN producer || '{"email": null, "image_url": null, "instagram_handle": null, "instagram_bio": null, "metadata": {}}';

CREATE FUNCTION skip_suppressed_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_value_suppressed(NEW.kind, NEW.value) OR is_contact_suppressed(NEW.producer_id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER skip_suppressed_contact BEFORE INSERT OR UPDATE ON producer_contacts
    FOR EACH ROW EXECUTE FUNCTION skip_suppressed_contact();

CREATE FUNCTION clear_suppressed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_contact_suppressed(NEW.id) THEN
        NEW.email := NULL;
        NEW.image_url := NULL;
        NEW.instagram_handle := NULL;
        NEW.instagram_bio := NULL;
        NEW.metadata := '{}';
        RETURN NEW;
    END IF;
    IF is_value_suppressed('email', NEW.email) THEN
        NEW.email := NULL;
    END IF;
    IF is_value_suppressed('image', NEW.image_url) THEN
        NEW.image_url := NULL;
    END IF;
    IF is_value_suppressed('bio', NEW.instagram_bio) THEN
        NEW.instagram_bio := NULL;
    END IF;
    -- If the handle is suppressed, so is everything else about that account.
    IF is_value_suppressed('instagram', NEW.instagram_handle) THEN
        NEW.instagram_handle := NULL;
        NEW.instagram_bio := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clear_suppressed_fields BEFORE INSERT OR UPDATE ON producers FOR EACH ROW
    WHEN (NEW.email IS NOT NULL OR NEW.image_url IS NOT NULL OR NEW.instagram_handle IS NOT NULL OR NEW.instagram_bio IS NOT NULL OR NEW.metadata <> '{}')
    EXECUTE FUNCTION clear_suppressed_fields();

-- Erases the contacts of a producer that gets an identity whose contacts were erased before.
CREATE FUNCTION erase_suppressed_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    suppressed bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM contact_suppressions) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(DISTINCT i.producer_id ORDER BY i.producer_id) INTO suppressed
    FROM stated i
    JOIN contact_suppressions s ON s.kind = 'identity' AND s.hash = identity_hash(i.source, i.source_id);
    DELETE FROM producer_contacts WHERE producer_id = ANY (suppressed);
    UPDATE producers
    SET email = NULL, image_url = NULL, instagram_handle = NULL, instagram_bio = NULL, metadata = '{}'
    WHERE id = ANY (suppressed)
      AND (email, image_url, instagram_handle, instagram_bio, metadata) IS DISTINCT FROM (NULL, NULL, NULL, NULL, '{}'::jsonb);
    RETURN NULL;
END $$;
CREATE TRIGGER erase_suppressed_contacts_of_new AFTER INSERT ON producer_identities
    REFERENCING NEW TABLE AS stated FOR EACH STATEMENT EXECUTE FUNCTION erase_suppressed_contacts();
CREATE TRIGGER erase_suppressed_contacts_of_moved AFTER UPDATE ON producer_identities
    REFERENCING NEW TABLE AS stated FOR EACH STATEMENT EXECUTE FUNCTION erase_suppressed_contacts();
