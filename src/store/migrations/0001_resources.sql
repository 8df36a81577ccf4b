-- Resources, who may see them, and what was done with them. Times that searches compare are epoch milliseconds in
-- double precision (exact to the millisecond); times that only people read are timestamptz.

-- Secrets of this database: 'keys' goes into every 64-bit index key, 'cursor' seals page links. 244 random bits each.
CREATE TABLE secret (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO secret VALUES
  ('keys', gen_random_uuid()::text || gen_random_uuid()::text),
  ('cursor', gen_random_uuid()::text || gen_random_uuid()::text);

-- One narrow row for each resource that exists or existed: a deleted one stays as a tombstone without index keys, so that its
-- visibility (404 or 410) is decided as before.
CREATE TABLE resource (
  rid bigint PRIMARY KEY,                 -- 64-bit key of Type/id
  owner bigint NOT NULL,                  -- rid of the institution's Organization
  home bigint,                            -- owner of the patient: the hospital in whose timeline the resource is
  patient bigint,                         -- the patient it is about, where that is exactly one
  date double precision,                  -- main clinical date, first millisecond
  updated double precision NOT NULL,      -- meta.lastUpdated
  version integer NOT NULL,
  class "char" NOT NULL,                  -- class of the policy table
  deleted boolean NOT NULL,
  sealed boolean NOT NULL,                -- tagged as not to be given to any other institution
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  patients bigint[],                      -- all of them, where they are more than one
  keys bigint[] NOT NULL
);
-- A short pending list: writes put into it what every search has to walk through.
CREATE INDEX resource_keys ON resource USING gin (keys) WITH (fastupdate = on, gin_pending_list_limit = 64);
CREATE INDEX resource_type ON resource (type, rid) WHERE NOT deleted;
CREATE INDEX resource_updated ON resource (type, updated) WHERE NOT deleted;
CREATE INDEX resource_patient ON resource (patient, date DESC) WHERE patient IS NOT NULL;
CREATE INDEX resource_patients ON resource USING gin (patients) WHERE patients IS NOT NULL;
ALTER TABLE resource ALTER COLUMN keys SET STATISTICS 1000;

-- Append-only: the bytes of every version exactly as they are sent. (tx, place) is the commit order, read up to the oldest
-- transaction still running; it feeds history, _since and the outbox.
CREATE TABLE resource_version (
  rid bigint NOT NULL,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  organization bigint,                    -- who wrote it; NULL for the system
  patient bigint,
  at double precision NOT NULL,
  version integer NOT NULL,
  place integer NOT NULL,
  interaction "char" NOT NULL,            -- c create, u update, d delete
  patients bigint[],
  content bytea,                          -- NULL for a deletion
  PRIMARY KEY (rid, version)
);
CREATE INDEX resource_version_order ON resource_version (tx, place);

CREATE TABLE outbox_cursor (consumer text PRIMARY KEY, tx xid8 NOT NULL, place integer NOT NULL);

-- Dates (epoch milliseconds), numbers and quantities, in exact bounds of their precision.
CREATE TABLE range (
  rid bigint NOT NULL,
  param bigint NOT NULL,
  low double precision NOT NULL,
  high double precision NOT NULL,
  unit bigint NOT NULL,
  patient bigint
);
CREATE INDEX range_value ON range (param, low, high);
CREATE INDEX range_rid ON range (rid, param);

-- Folded strings.
CREATE TABLE string (
  rid bigint NOT NULL,
  param bigint NOT NULL,
  patient bigint,
  value text COLLATE "C" NOT NULL
);
CREATE INDEX string_value ON string (param, value);
CREATE INDEX string_rid ON string (rid, param);

-- What live Consents say: this institution may read this patient's timeline at this hospital.
CREATE TABLE "grant" (
  organization bigint NOT NULL,
  patient bigint NOT NULL,
  hospital bigint NOT NULL,
  consent bigint NOT NULL,
  starts timestamptz NOT NULL,
  ends timestamptz NOT NULL,
  PRIMARY KEY (organization, patient)
);
CREATE INDEX grant_patient ON "grant" (patient);

-- Who is named on a workflow resource (via itself), and what it carries to them.
CREATE TABLE party (
  rid bigint NOT NULL,
  organization bigint NOT NULL,
  via bigint NOT NULL,
  PRIMARY KEY (rid, organization, via)
);
CREATE INDEX party_via ON party (via);
CREATE INDEX party_organization ON party (organization, rid);

CREATE TABLE institution (
  rid bigint PRIMARY KEY,
  id text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  suspended_at timestamptz
);

CREATE TABLE affiliation (
  rid bigint PRIMARY KEY,
  hospital bigint NOT NULL,
  member bigint NOT NULL,
  medical boolean NOT NULL,
  care boolean NOT NULL,
  timeline boolean NOT NULL,
  active boolean NOT NULL,
  starts timestamptz NOT NULL DEFAULT '-infinity',
  ends timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE INDEX affiliation_member ON affiliation (member, hospital);
CREATE INDEX affiliation_hospital ON affiliation (hospital, member);

-- One compact row for each patient that an interaction touched (one without a patient where there was none), partitioned by
-- month. AuditEvents are rendered from it. The id carries the time in its first 48 bits (UUID version 7).
CREATE TABLE audit (
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  organization bigint,
  patient bigint,
  resource bigint,
  version integer,
  outcome smallint NOT NULL,              -- HTTP status class as AuditEvent.outcome: 0 success, 4 refused, 8 failed
  interaction text NOT NULL,
  type text,
  resource_id text,
  client text,
  purpose text,
  request text,
  detail text                             -- the query of a search; the consent of a decision; never a secret
) PARTITION BY RANGE (at);
CREATE TABLE audit_rest PARTITION OF audit DEFAULT;
CREATE INDEX audit_patient ON audit (patient, at) WHERE patient IS NOT NULL;
CREATE INDEX audit_organization ON audit (organization, at);
CREATE INDEX audit_id ON audit (id);
