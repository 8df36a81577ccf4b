-- What an institution owned is erased after its contract has ended (Art. 26): how far it has come, and what was erased.

-- One for each contract that ended. Changed only with its row locked, by one transaction for each step.
CREATE TABLE erasure (
  id uuid PRIMARY KEY,
  institution bigint NOT NULL,            -- rid of the Organization
  institution_id text NOT NULL,
  contract text NOT NULL UNIQUE,          -- id of the Contract whose end it follows from
  ended date NOT NULL,                    -- last day of service
  due timestamptz NOT NULL,               -- not before
  state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'done', 'cancelled')),
  step text,                              -- what is to be done next; NULL: it has not begun, or nothing is left
  after text,                             -- where the step goes on; NULL: at its beginning
  hash bytea NOT NULL CHECK (octet_length(hash) = 32), -- chained over all that was erased so far
  reason text,                            -- why it was moved, in the operator's words
  asked_at timestamptz,                   -- by whom it was ordered; NULL: it followed from the end of the contract alone
  asked_client text COLLATE "C",
  asked_person uuid,
  started_at timestamptz,
  finished_at timestamptz,
  CHECK ((state = 'running') = (step IS NOT NULL)),
  CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX erasure_one ON erasure (institution) WHERE state IN ('planned', 'running');
CREATE INDEX erasure_due ON erasure (due) WHERE state IN ('planned', 'running');

-- How many rows of a table, of resources apart by type, were erased.
CREATE TABLE erasure_count (
  erasure uuid NOT NULL REFERENCES erasure,
  name text COLLATE "C" NOT NULL,         -- of the table
  type text COLLATE "C" NOT NULL,         -- of the resources; '' for other tables
  rows bigint NOT NULL,
  PRIMARY KEY (erasure, name, type)
);

-- Bytes on which its letters stood, until it is known whether those of others stand on them too. Empty before and after.
CREATE TABLE erasure_evidence (
  erasure uuid NOT NULL REFERENCES erasure,
  sha256 bytea NOT NULL,
  PRIMARY KEY (erasure, sha256)
);
