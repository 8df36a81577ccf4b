-- Certificate revocation lists (RFC 5280 §5). Each that was ever used is kept as it came, under its SHA-256: a verification is repeated
-- years later with what it stood on. Lists are public and say nothing of patients.
CREATE TABLE crl (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  der bytea NOT NULL CHECK (octet_length(der) > 0),
  issuer text NOT NULL,                   -- RFC 4514, for people: rules go by the bytes
  number numeric(49, 0),                  -- cRLNumber, at most 20 octets; NULL: none
  this_update timestamptz NOT NULL,
  next_update timestamptz NOT NULL,
  url text,                               -- whence it came first; NULL: from a file
  fetched_at timestamptz NOT NULL,        -- when it came first
  CHECK (next_update > this_update)
);
ALTER TABLE crl ALTER COLUMN der SET STORAGE EXTERNAL;
CREATE INDEX crl_issuer ON crl (issuer, this_update);

-- Where lists are fetched, the latest list of each place, and when to ask next. Processes take turns by due_at: who claims a place moves it
-- on, so that nobody else asks meanwhile; a success or a failure sets it anew, and a process that dies leaves it to pass.
CREATE TABLE crl_source (
  url text COLLATE "C" PRIMARY KEY,
  crl bytea REFERENCES crl,               -- NULL: none was accepted yet
  etag text,                              -- validators of the last answer, RFC 9110 §8.8
  last_modified text,
  checked_at timestamptz,                 -- when it last answered well, with a list or with "not modified"
  due_at timestamptz NOT NULL,
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0), -- in a row
  failure text,                           -- of the last one, for the operator
  CHECK ((failures = 0) = (failure IS NULL))
);
