-- The work tables: requests, tasks, lookups, messages, budgets and metrics.

CREATE TYPE lookup_outcome AS ENUM ('found', 'not_found', 'blocked', 'failed');
CREATE TABLE lookups (
    source        source NOT NULL,
    kind          text NOT NULL,
    subject       text COLLATE "C" NOT NULL,
    outcome       lookup_outcome NOT NULL,
    answer        jsonb NOT NULL DEFAULT '{}',
    looked_up_at  timestamptz NOT NULL,
    look_again_at timestamptz NOT NULL,
    PRIMARY KEY (source, kind, subject)
);
CREATE INDEX lookups_look_again_at_idx ON lookups (kind, look_again_at);
COMMENT ON TABLE lookups IS 'The result of each question to a source, and when it was asked. answer: the ids that the next step needs. A miss is asked again sooner than a hit.';

CREATE TABLE api_keys (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    key_hash     bytea NOT NULL UNIQUE,
    scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['write', 'contacts']),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
COMMENT ON TABLE api_keys IS 'Keys of the HTTP API; only the hash of a key is stored. Scopes: write (order ingestions) and contacts (read contact fields).';

CREATE TABLE ingestions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what            text[] NOT NULL CHECK (cardinality(what) > 0),
    appears_on      boolean NOT NULL DEFAULT false,
    fresh_after     timestamptz,
    api_key_id      bigint REFERENCES api_keys ON DELETE SET NULL,
    idempotency_key text,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ingestions_idempotency_key ON ingestions (COALESCE(api_key_id, 0), idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX ingestions_api_key_id_idx ON ingestions (api_key_id) WHERE api_key_id IS NOT NULL;
CREATE INDEX ingestions_created_at_idx ON ingestions (created_at);
COMMENT ON TABLE ingestions IS 'Requests to import music. Only work finished after fresh_after counts; null accepts what is already known.';

CREATE TYPE task_outcome AS ENUM ('done', 'failed', 'ambiguous');
CREATE TABLE ingestion_tasks (
    ingestion_id bigint NOT NULL REFERENCES ingestions ON DELETE CASCADE,
    kind         text NOT NULL,
    subject      text NOT NULL,
    outcome      task_outcome,
    detail       jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
);
CREATE UNIQUE INDEX ingestion_tasks_key ON ingestion_tasks (ingestion_id, kind, md5(subject));
CREATE INDEX ingestion_tasks_waiting_idx ON ingestion_tasks (kind, md5(subject)) WHERE outcome IS NULL;
COMMENT ON TABLE ingestion_tasks IS 'The tasks of an ingestion. outcome is null while a task waits. detail: why it failed, or the candidates for an ambiguous name. Progress is counted from these rows.';

CREATE TABLE outgoing_messages (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue            text NOT NULL,
    message_key      text NOT NULL,
    bucket           text,
    body             jsonb NOT NULL,
    priority         smallint NOT NULL DEFAULT 0,
    not_before       timestamptz NOT NULL DEFAULT now(),
    snooze_count     integer NOT NULL DEFAULT 0,
    snooze_reason    text,
    first_snoozed_at timestamptz,
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX outgoing_messages_key ON outgoing_messages (queue, md5(message_key));
CREATE INDEX outgoing_messages_due_idx ON outgoing_messages (not_before, priority DESC);
COMMENT ON TABLE outgoing_messages IS 'Messages to send, written in the transaction that made them necessary, and messages snoozed until not_before. Higher priorities are sent first.';

CREATE TABLE upstream_budgets (
    bucket         text PRIMARY KEY,
    source         source NOT NULL,
    interval_ms    integer NOT NULL CHECK (interval_ms >= 0),
    next_free_at   timestamptz NOT NULL DEFAULT '-infinity',
    blocked_until  timestamptz NOT NULL DEFAULT '-infinity',
    blocked_reason text,
    updated_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON upstream_budgets FOR EACH ROW EXECUTE FUNCTION set_updated_at();
COMMENT ON TABLE upstream_budgets IS 'One row per bucket of calls to an upstream, shared by all instances: when the next call may be sent, and until when the upstream has blocked us.';

CREATE TABLE worker_issues (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker_name text NOT NULL,
    issue_type  text NOT NULL,
    fingerprint text NOT NULL DEFAULT '',
    message     text NOT NULL,
    details     jsonb NOT NULL DEFAULT '{}',
    occurrences integer NOT NULL DEFAULT 1,
    resolved    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX worker_issues_open_key ON worker_issues (worker_name, issue_type, fingerprint) WHERE NOT resolved;
CREATE INDEX worker_issues_created_at_idx ON worker_issues (created_at);
CREATE INDEX worker_issues_updated_at_idx ON worker_issues (updated_at);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON worker_issues FOR EACH ROW EXECUTE FUNCTION set_updated_at();
COMMENT ON TABLE worker_issues IS 'Issues of background workers: one open row per worker, type and fingerprint, with a count.';

CREATE TABLE queue_metrics (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue_name      text NOT NULL,
    operation       text NOT NULL,
    started_at      timestamptz NOT NULL,
    finished_at     timestamptz NOT NULL,
    processed_count integer NOT NULL CHECK (processed_count >= 0),
    success_count   integer NOT NULL CHECK (success_count >= 0),
    error_count     integer NOT NULL CHECK (error_count >= 0),
    details         jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (finished_at >= started_at)
);
CREATE INDEX queue_metrics_queue_name_idx ON queue_metrics (queue_name, started_at);
CREATE INDEX queue_metrics_started_at_idx ON queue_metrics (started_at);
CREATE INDEX queue_metrics_created_at_idx ON queue_metrics (created_at);
COMMENT ON TABLE queue_metrics IS 'One row per batch of messages handled.';

CREATE TABLE queue_metrics_hourly (
    queue_name      text NOT NULL,
    operation       text NOT NULL,
    hour            timestamptz NOT NULL,
    batch_count     integer NOT NULL,
    processed_count bigint NOT NULL,
    success_count   bigint NOT NULL,
    error_count     bigint NOT NULL,
    total_seconds   double precision NOT NULL,
    longest_seconds double precision NOT NULL,
    PRIMARY KEY (queue_name, operation, hour)
);
CREATE INDEX queue_metrics_hourly_hour_idx ON queue_metrics_hourly (hour);
COMMENT ON TABLE queue_metrics_hourly IS 'Hourly sums of queue_metrics.';

-- The queues of a single machine, with the semantics of SQS.
CREATE TABLE queue_messages (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue         text NOT NULL,
    body          text NOT NULL,
    receipt       uuid,
    receive_count integer NOT NULL DEFAULT 0,
    visible_at    timestamptz NOT NULL DEFAULT now(),
    sent_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX queue_messages_visible_idx ON queue_messages (queue, visible_at, id);
COMMENT ON TABLE queue_messages IS 'The queues of a single machine, with the semantics of SQS: a received message is invisible until visible_at, and its receipt is valid until the message is received again.';

CREATE TABLE dead_messages (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue         text NOT NULL,
    body          text NOT NULL,
    reason        text NOT NULL,
    receive_count integer NOT NULL,
    sent_at       timestamptz NOT NULL,
    died_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dead_messages_queue_idx ON dead_messages (queue, died_at);
COMMENT ON TABLE dead_messages IS 'Messages of a single machine that are not retried, with the reason.';
