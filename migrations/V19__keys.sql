-- Keys for reading and operating that expire, ids of ingestions that cannot be guessed, and keyed hashes of erased contacts.

ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_scopes_check,
    ADD CHECK (scopes <@ ARRAY['read', 'write', 'contacts', 'operate']),
    ADD COLUMN expires_at timestamptz;
COMMENT ON TABLE api_keys IS 'Keys of the HTTP API; only the hash of a key is stored. Scopes: read (everything but contacts), write (request ingestions, decide on credits), contacts (read and erase contact details) and operate (the ingestions of others, and what is internal). A key without expires_at does not expire.';
-- Until now every key could read.
UPDATE api_keys SET scopes = array_prepend('read', scopes);

-- Whether a key is valid.
CREATE FUNCTION key_state(key api_keys) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN key.revoked_at IS NOT NULL THEN 'revoked' WHEN key.expires_at <= now() THEN 'expired' ELSE 'active' END;

ALTER TABLE ingestions ADD COLUMN public_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
COMMENT ON COLUMN ingestions.public_id IS 'The id in the HTTP API, which cannot be guessed.';

-- The hashes of erased contacts are keyed with a secret that is not in the database, so that whoever reads the table cannot test a
-- guess. A process sends what it derives from the secret as the setting linernotes.suppression_pads of its session or transaction.
CREATE TABLE suppression_key (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    check_hash  bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suppression_key IS 'The HMAC of the word linernotes under the secret that keys the hashes of erased contacts. Without a row the hashes are plain. With one, a process without that secret cannot write contacts.';
ALTER TABLE contact_suppressions ADD COLUMN is_keyed boolean NOT NULL DEFAULT false;
COMMENT ON TABLE contact_suppressions IS 'Contacts that were erased on request, as hashes of identities and of values: SHA-256, or if is_keyed the HMAC of that. Triggers prevent them from being stored again.';

-- HMAC-SHA-256 (RFC 2104). pads: the key XOR 0x36 and the key XOR 0x5c, with 64 bytes each.
CREATE FUNCTION hmac_sha256(pads bytea, message bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(substring(pads FROM 65) || sha256(substring(pads FOR 64) || message));

-- What the hashes of erased contacts are keyed with; null if they are plain.
CREATE FUNCTION suppression_pads() RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    expected bytea := (SELECT check_hash FROM suppression_key);
    pads     bytea := decode(NULLIF(current_setting('linernotes.suppression_pads', true), ''), 'hex');
BEGIN
    IF expected IS NULL THEN
        RETURN NULL;
    END IF;
    IF pads IS NULL OR hmac_sha256(pads, 'linernotes') <> expected THEN
        RAISE EXCEPTION 'the hashes of erased contacts are keyed with another secret: set SUPPRESSION_KEY to the one of this database'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    RETURN pads;
END $$;

-- The plain and the keyed form of a hash: a row of contact_suppressions may have either.
CREATE FUNCTION suppression_hashes(hash bytea, pads bytea) RETURNS bytea[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN pads IS NULL THEN ARRAY[hash] ELSE ARRAY[hash, hmac_sha256(pads, hash)] END;

CREATE OR REPLACE FUNCTION is_contact_suppressed(producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM contact_suppressions) AND EXISTS (
    SELECT FROM (SELECT suppression_pads() AS pads OFFSET 0) AS secret
    CROSS JOIN producer_identities i
    JOIN contact_suppressions s
      ON s.kind = 'identity' AND s.hash = ANY (suppression_hashes(identity_hash(i.source, i.source_id), secret.pads))
    WHERE i.producer_id = is_contact_suppressed.producer_id
);

CREATE OR REPLACE FUNCTION is_value_suppressed(kind text, value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM contact_suppressions) AND EXISTS (
    SELECT FROM (SELECT suppression_pads() AS pads OFFSET 0) AS secret
    JOIN contact_suppressions s
      ON s.kind = 'value'
     AND s.hash = ANY (suppression_hashes(contact_hash(is_value_suppressed.kind, is_value_suppressed.value), secret.pads))
);

CREATE OR REPLACE FUNCTION erase_suppressed_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pads       bytea;
    suppressed bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM contact_suppressions) THEN
        RETURN NULL;
    END IF;
    pads := suppression_pads();
    SELECT array_agg(DISTINCT i.producer_id ORDER BY i.producer_id) INTO suppressed
    FROM stated i
    JOIN contact_suppressions s
      ON s.kind = 'identity' AND s.hash = ANY (suppression_hashes(identity_hash(i.source, i.source_id), pads));
    DELETE FROM producer_contacts WHERE producer_id = ANY (suppressed);
    UPDATE producers
    SET email = NULL, image_url = NULL, instagram_handle = NULL, instagram_bio = NULL, metadata = '{}'
    WHERE id = ANY (suppressed)
      AND (email, image_url, instagram_handle, instagram_bio, metadata) IS DISTINCT FROM (NULL, NULL, NULL, NULL, '{}'::jsonb);
    RETURN NULL;
END $$;

-- The reason of a failed step is shown to whoever requested it. Until now it could be the text of an internal error.
UPDATE ingestion_tasks
SET detail = jsonb_build_object('reason', 'the step failed; whoever operates the server can see why', 'error', detail ->> 'reason')
WHERE outcome = 'failed' AND detail ->> 'reason' IS NOT NULL;
