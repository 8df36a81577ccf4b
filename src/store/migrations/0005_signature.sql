-- Letters (診療情報提供書) that are issued, signed and verified; what their verifications stand on; whose certificates are whose.

-- Bytes kept for good under their SHA-256: issued and signed files, certificates, time-stamp tokens, revocation lists that came in a file.
-- Lists that were fetched are in crl.
CREATE TABLE evidence (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  bytes bytea NOT NULL CHECK (octet_length(bytes) > 0)
);
ALTER TABLE evidence ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- One row for each version of a letter that has a Task. Changed only with its row locked, and after the row of its Bundle.
CREATE TABLE letter (
  id uuid PRIMARY KEY,
  bundle bigint NOT NULL,                 -- rid of the document Bundle
  bundle_id text NOT NULL,
  version integer NOT NULL,               -- of the Bundle
  organization bigint NOT NULL,           -- rid of the sending institution, which owns all that comes of the letter
  patient text,                           -- the Task is for: Patient/id
  state text NOT NULL CHECK (state IN ('to-sign', 'issued', 'signed', 'verified', 'refused', 'void')),
  created_at timestamptz NOT NULL,
  issued bytea REFERENCES evidence,       -- SHA-256 of the bytes that were issued; NULL: not yet
  issued_at timestamptz,
  verification bigint,                    -- the one that stands; NULL: nothing was submitted that counts
  withdrawn boolean NOT NULL DEFAULT false, -- its Bundle was deleted: it goes to nobody any more
  preserved boolean NOT NULL DEFAULT false, -- the file that stands carries certificates and lists (DSS)
  recheck_at timestamptz,                 -- NULL: not to be verified anew
  renew_at timestamptz,                   -- when an archive time-stamp is due; NULL: none is
  UNIQUE (bundle, version),
  CHECK ((issued IS NULL) = (issued_at IS NULL))
);
CREATE INDEX letter_recheck ON letter (recheck_at) WHERE recheck_at IS NOT NULL;
CREATE INDEX letter_renew ON letter (renew_at) WHERE renew_at IS NOT NULL;

-- Resources that the service stores for a letter, and that nobody else changes.
CREATE TABLE letter_part (
  letter uuid NOT NULL REFERENCES letter,
  part text NOT NULL CHECK (part IN ('task', 'issued', 'signed', 'document', 'provenance')),
  rid bigint NOT NULL UNIQUE,
  id text NOT NULL,
  PRIMARY KEY (letter, part)
);

-- ServiceRequests that the letter goes with.
CREATE TABLE letter_order (
  letter uuid NOT NULL REFERENCES letter,
  rid bigint NOT NULL,
  id text NOT NULL,
  PRIMARY KEY (letter, rid)
);
CREATE INDEX letter_order_rid ON letter_order (rid);

-- Append-only: every verification that was made of a letter, whether or not it came to stand.
CREATE TABLE letter_verification (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  letter uuid NOT NULL REFERENCES letter,
  at timestamptz NOT NULL,
  cause text NOT NULL CHECK (cause IN ('submitted', 'decided', 'rechecked', 'preserved', 'renewed')),
  result text NOT NULL CHECK (result IN ('VALID', 'INVALID', 'INDETERMINATE')),
  file bytea NOT NULL CHECK (octet_length(file) = 32), -- SHA-256 of what was verified; kept in evidence unless it was refused at once
  certificate bytea,                      -- SHA-256 of the signer's; NULL where no signature was read
  record json NOT NULL                    -- input and verdict, bytes by their SHA-256
);
CREATE INDEX letter_verification_letter ON letter_verification (letter);
CREATE INDEX letter_verification_certificate ON letter_verification (certificate);
ALTER TABLE letter ADD FOREIGN KEY (verification) REFERENCES letter_verification;

-- Submissions, taken note of before they are verified: so many for each letter in an hour. Kept for a day.
CREATE TABLE letter_attempt (
  letter uuid NOT NULL REFERENCES letter,
  at timestamptz NOT NULL,
  client text NOT NULL
);
CREATE INDEX letter_attempt_letter ON letter_attempt (letter, at);
CREATE INDEX letter_attempt_at ON letter_attempt (at);

-- What an institution said of a certificate: whose it is, or that it is none of theirs. Another institution says so for itself.
CREATE TABLE signer (
  organization bigint NOT NULL,
  certificate bytea NOT NULL CHECK (octet_length(certificate) = 32),
  practitioner bigint NOT NULL,
  practitioner_id text NOT NULL,
  confirmed boolean NOT NULL,
  name text NOT NULL,                     -- as the certificate gives it
  decided_at timestamptz NOT NULL,
  decided_by text NOT NULL,               -- client
  PRIMARY KEY (organization, certificate)
);

-- Jobs in the background, one at a time over all processes: who is at it holds it for a minute and says so again as long as it lives.
CREATE TABLE job (
  name text PRIMARY KEY,
  due_at timestamptz NOT NULL,
  held_by uuid,                           -- one turn of one process; NULL: nobody is at it
  held_until timestamptz,                 -- by the clock of the database
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0), -- in a row
  failure text,                           -- of the last one, for the operator
  CHECK ((held_by IS NULL) = (held_until IS NULL)),
  CHECK ((failures = 0) = (failure IS NULL))
);
