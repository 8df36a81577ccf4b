-- The audit, made so that a changed, removed or inserted row is found: docs/audit.md. Rows carry the number of their transaction; what lies below
-- the oldest transaction still running is sealed, a range of numbers at a time, and each seal carries the hash of the one before.

ALTER TABLE audit
  ADD COLUMN person uuid,                 -- account of the person at the client; NULL: a system on its own
  ADD COLUMN tx bigint,                   -- number of the transaction: its xid and audit_clock.shift
  ADD COLUMN salt uuid,                   -- goes into the commitment to what may name people; NULL once that was erased
  ADD COLUMN commitment bytea,            -- what is left of resource_id, request and detail once they were erased
  ADD COLUMN erased_by uuid;              -- id of the row that says so

-- Rows from before the chain come first in it, in the order of their time.
UPDATE audit SET tx = (extract(epoch FROM at) * 1000)::bigint - 10000000000000, salt = gen_random_uuid();

ALTER TABLE audit
  ALTER COLUMN tx SET NOT NULL,
  ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint + 0,
  ALTER COLUMN salt SET DEFAULT gen_random_uuid(),
  ADD CONSTRAINT audit_erased CHECK (CASE WHEN erased_by IS NULL THEN salt IS NOT NULL AND commitment IS NULL
    ELSE salt IS NULL AND octet_length(commitment) = 32 AND num_nonnulls(resource_id, request, detail) = 0 END);
CREATE INDEX audit_tx ON audit (tx);
CREATE INDEX audit_erased_by ON audit (erased_by) WHERE erased_by IS NOT NULL;
-- An id begins with its time, by which it is found: this is a tenth of the size of an index on ids.
DROP INDEX audit_id;
CREATE INDEX audit_at ON audit USING brin (at) WITH (autosummarize = on);

-- What is added to the transaction ids of this cluster. In another cluster, into which the database was restored, they begin anew below those
-- that are sealed: a start of the server then moves this on, and with it the default of audit.tx.
CREATE TABLE audit_clock (shift bigint NOT NULL);
CREATE UNIQUE INDEX audit_clock_one ON audit_clock ((true));
INSERT INTO audit_clock VALUES (0);

-- Append-only. Rows of the transactions after from_tx up to to_tx, counted and hashed for each month of their time (UTC), so that a month that
-- was dropped at the end of its retention leaves the rest verifiable.
CREATE TABLE audit_seal (
  number bigint PRIMARY KEY CHECK (number > 0), -- without gap
  day date NOT NULL,                      -- of the chain, in TIME_ZONE
  sealed_at timestamptz NOT NULL,
  from_tx bigint NOT NULL,                -- to_tx of the seal before
  to_tx bigint NOT NULL,
  months text[] NOT NULL,                 -- '2026-11', ascending
  counts bigint[] NOT NULL,
  digests bytea[] NOT NULL,               -- SHA-256 of the rows in the order of (tx, id)
  previous bytea NOT NULL,                -- hash of the seal before, or of the day that ended with it
  hash bytea NOT NULL,
  CHECK (to_tx > from_tx),
  CHECK (cardinality(months) > 0 AND cardinality(months) = cardinality(counts) AND cardinality(months) = cardinality(digests))
);

-- Append-only but for the last three columns. A day is closed by the first turn after its end; its hash is what is anchored.
CREATE TABLE audit_day (
  number integer PRIMARY KEY CHECK (number > 0), -- without gap
  day date NOT NULL,
  first_seal bigint NOT NULL,
  last_seal bigint NOT NULL,
  rows bigint NOT NULL,
  closed_at timestamptz NOT NULL,
  hash bytea NOT NULL,
  anchored_at timestamptz,                -- when it was written to AUDIT_ANCHOR_FILE
  token bytea,                            -- time-stamp of the hash, RFC 3161, DER
  stamped_at timestamptz,
  CHECK (last_seal >= first_seal),
  CHECK ((token IS NULL) = (stamped_at IS NULL))
);

-- Months that were dropped at the end of their retention: all before this one.
CREATE TABLE audit_dropped (
  before date PRIMARY KEY,
  record uuid NOT NULL,                   -- id of the audit row that says so
  rows bigint NOT NULL,
  at timestamptz NOT NULL
);
