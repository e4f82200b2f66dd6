-- What operators need: the kind of queues that a database belongs to, the processes that work on it, and what
-- was decided by hand.

CREATE TABLE queue_kind (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    kind        text NOT NULL CHECK (kind IN ('sqs', 'postgres')),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE queue_kind IS 'The kind of queues that the work on this database goes through, recorded at first use. Processes with queues of the other kind refuse to work. To change the kind, stop all work and delete the row.';
INSERT INTO queue_kind (kind)
SELECT 'postgres' WHERE EXISTS (SELECT FROM queue_messages) OR EXISTS (SELECT FROM dead_messages);

CREATE TABLE worker_processes (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    lanes      jsonb NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE worker_processes IS 'The processes that run workers on this database outside Lambda, and what each of their lanes is doing. A process that ends deletes its row; one that was killed leaves it, with an old seen_at.';

CREATE TABLE operator_decisions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action     text NOT NULL,
    subject    text NOT NULL,
    decided_by text NOT NULL,
    reason     text NOT NULL,
    details    jsonb NOT NULL DEFAULT '{}',
    decided_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX operator_decisions_subject_idx ON operator_decisions (action, md5(subject));
CREATE INDEX operator_decisions_decided_at_idx ON operator_decisions (decided_at);
COMMENT ON TABLE operator_decisions IS 'What operators decided about the work: who dropped a message, resolved an issue or lifted a block, and why.';
