-- How often messages failed, and how long a subject without an answer waits before it is refreshed.

CREATE TABLE message_attempts (
    queue          text NOT NULL,
    message_key    text NOT NULL,
    failure_count  integer NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
    last_cause     text,
    last_failed_at timestamptz,
    open_starts    integer NOT NULL DEFAULT 0 CHECK (open_starts >= 0),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CHECK ((failure_count > 0) = (last_cause IS NOT NULL AND last_failed_at IS NOT NULL))
);
CREATE UNIQUE INDEX message_attempts_key ON message_attempts (queue, md5(message_key));
CREATE INDEX message_attempts_updated_at_idx ON message_attempts (updated_at);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON message_attempts FOR EACH ROW EXECUTE FUNCTION set_updated_at();
COMMENT ON TABLE message_attempts IS 'How often a message failed since it was last done or given up, and why the last time. open_starts: tries since the last end of a try that began and did not end, counted from the fifth receipt on.';

ALTER TABLE lookups ADD COLUMN back_off_count smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN lookups.back_off_count IS 'How often look_again_at was put off since the last answer; 0 means that the answer is valid until look_again_at.';

-- How long a subject waits before it is refreshed, after this many tries without an answer.
CREATE FUNCTION refresh_back_off(tries integer) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN tries <= 1 THEN interval '1 hour' WHEN tries = 2 THEN interval '1 day' ELSE interval '7 days' END;

-- Whether a message waits to be sent or is tried again. A message that was sent and not tried yet is on its
-- queue, which this function does not see.
CREATE FUNCTION is_message_waiting(queue text, message_key text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE RETURN
    EXISTS (SELECT FROM outgoing_messages o
            WHERE o.queue = is_message_waiting.queue AND md5(o.message_key) = md5(is_message_waiting.message_key))
    OR EXISTS (SELECT FROM message_attempts a
               WHERE a.queue = is_message_waiting.queue
                 AND md5(a.message_key) = md5(is_message_waiting.message_key));
