-- Which sources are switched on. The API has no credentials of sources, and reads it here.

CREATE TABLE source_states (
    source      source PRIMARY KEY,
    off_because text CHECK (off_because <> ''),
    reported_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE source_states IS 'The sources as sweep and the one-machine runtime report them from their settings. No row means that nothing is known about the source.';
COMMENT ON COLUMN source_states.off_because IS 'Why the source is switched off, and what to set; null if it is on.';
COMMENT ON COLUMN source_states.reported_at IS 'When its state last changed.';
