-- Handled and claimed webhook events. Safe to run again.
CREATE TABLE IF NOT EXISTS cashfree_events (
    -- Deduplication key of the event.
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    -- Fencing token of the handler that claimed or handled the event.
    token uuid NOT NULL,
    -- Whether the event was handled.
    done boolean NOT NULL,
    -- End of the lease, or when a handled event is forgotten.
    until timestamptz NOT NULL
);
-- For the removal of rows whose time is over.
CREATE INDEX IF NOT EXISTS cashfree_events_until ON cashfree_events (until);
