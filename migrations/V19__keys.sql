-- Keys for reading and operating that expire, ids of ingestions that cannot be guessed, and reasons without internal texts.

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

-- The reason of a failed step is shown to whoever requested it. Until now it could be the text of an internal error.
UPDATE ingestion_tasks
SET detail = jsonb_build_object('reason', 'the step failed; whoever operates the server can see why', 'error', detail ->> 'reason')
WHERE outcome = 'failed' AND detail ->> 'reason' IS NOT NULL;
