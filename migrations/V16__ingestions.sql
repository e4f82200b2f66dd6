-- Ingestions that can be cancelled and that recover from failures, messages that are handed out in turns, and
-- queues that stay fast when they are long.

ALTER TYPE task_outcome ADD VALUE 'cancelled';
ALTER TABLE ingestions ADD COLUMN cancelled_at timestamptz;
COMMENT ON COLUMN ingestions.cancelled_at IS 'When a person cancelled it. A message is not handled if all of its ingestions are cancelled.';
ALTER TABLE ingestion_tasks ADD COLUMN sent_again_at timestamptz;
COMMENT ON COLUMN ingestion_tasks.sent_again_at IS 'When its message was sent again because it was gone. A task whose message is gone for the second time has failed.';

-- A success also settles the tasks that have failed or are ambiguous.
DROP INDEX ingestion_tasks_waiting_idx;
CREATE INDEX ingestion_tasks_open_idx ON ingestion_tasks (kind, md5(subject)) WHERE outcome IS NULL OR outcome IN ('failed', 'ambiguous');

-- The queue of the messages of a step.
CREATE FUNCTION queue_of_step(kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'identify_album' THEN 'identification' WHEN 'enrich_producer' THEN 'enrichment' ELSE 'catalog' END;

-- The ingestion that asked last: its messages are the ones that it waits for.
ALTER TABLE outgoing_messages ADD COLUMN ingestion_id bigint GENERATED ALWAYS AS (COALESCE((body #>> '{ingestions,-1}')::bigint, 0)) STORED;
COMMENT ON COLUMN outgoing_messages.ingestion_id IS 'The newest ingestion that waits for the message; 0 if none does. Due messages are sent in turns by ingestion.';

-- A message has a turn from when it becomes visible until it is done. One that is retried later loses its turn until then. The receipt
-- changes no column of an index, so that it writes to no index.
ALTER TABLE queue_messages
    ADD COLUMN message_key  text,
    ADD COLUMN priority     smallint NOT NULL DEFAULT 1,
    ADD COLUMN ingestion_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN turn         bigint,
    ADD COLUMN not_before   timestamptz DEFAULT now(),
    ADD CHECK ((turn IS NULL) = (not_before IS NOT NULL));
COMMENT ON COLUMN queue_messages.message_key IS 'The key of the message; null if the body is not a message.';
COMMENT ON COLUMN queue_messages.ingestion_id IS 'The newest ingestion that waits for the message; 0 if none does.';
COMMENT ON COLUMN queue_messages.turn IS 'Messages are received by descending priority and ascending turn. The messages of one ingestion have different turns, so that a long ingestion does not hold up a short one. Null until not_before.';
COMMENT ON COLUMN queue_messages.not_before IS 'When a message without a turn is given one; null while it has one.';
DROP INDEX queue_messages_visible_idx;
CREATE INDEX queue_messages_turn_idx ON queue_messages (queue, priority DESC, turn, id) WHERE turn IS NOT NULL;
CREATE INDEX queue_messages_ingestion_idx ON queue_messages (queue, priority, ingestion_id, turn) WHERE turn IS NOT NULL;
CREATE INDEX queue_messages_not_before_idx ON queue_messages (queue, not_before) WHERE not_before IS NOT NULL;

-- The turn of a message that becomes visible: after the messages of its ingestion, and not before the message that is received next.
-- Postgres inlines it in FROM.
CREATE FUNCTION next_turn(queue text, priority smallint, ingestion_id bigint) RETURNS TABLE (turn bigint)
LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC
    SELECT GREATEST(
        (SELECT q.turn FROM queue_messages q
         WHERE q.queue = next_turn.queue AND q.priority = next_turn.priority AND q.turn IS NOT NULL
           AND q.visible_at <= statement_timestamp()
         ORDER BY q.turn LIMIT 1),
        (SELECT q.turn + 1 FROM queue_messages q
         WHERE q.queue = next_turn.queue AND q.priority = next_turn.priority
           AND q.ingestion_id = next_turn.ingestion_id AND q.turn IS NOT NULL
         ORDER BY q.turn DESC LIMIT 1),
        0);
END;

-- Rows of the queues live for seconds. They are vacuumed by their number, not by their share of a long table, and without pauses,
-- because receivers step over the dead ones. Free space lets a receipt and a reservation stay on their page. The files keep their
-- length, so that a plan that was made while a queue was short still uses the indexes when it is long.
ALTER TABLE queue_messages SET (fillfactor = 70, vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_threshold = 2000);
ALTER TABLE outgoing_messages SET (fillfactor = 70, vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_threshold = 2000);
ALTER TABLE upstream_budgets SET (fillfactor = 20, vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
