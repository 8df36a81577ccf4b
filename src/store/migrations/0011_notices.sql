-- Notices: to whom a Communication of the information function is shown, and from when. One row for each, in its transaction.
CREATE TABLE notice (
  rid bigint PRIMARY KEY,                 -- of the Communication
  id text NOT NULL,
  publisher bigint NOT NULL,              -- rid of the institution that published it
  kind text COLLATE "C" NOT NULL,         -- code of CodeSystem notice-kind
  everyone boolean NOT NULL,
  networks bigint[] NOT NULL,             -- hospitals in whose networks it is shown, to them too
  institutions bigint[] NOT NULL,         -- and these
  published timestamptz NOT NULL,         -- shown from then on
  starts timestamptz,                     -- when it takes effect; of works and outages: when they begin
  ends timestamptz,                       -- and end; NULL: for good, or nobody knows yet
  stops boolean NOT NULL DEFAULT false,   -- the service does not answer from starts until ends
  withdrawn timestamptz,
  override text,                          -- why it came later than the rule wants
  title text NOT NULL,
  body text NOT NULL,
  title_en text,
  body_en text,
  CHECK (everyone OR cardinality(networks) + cardinality(institutions) > 0),
  CHECK (ends IS NULL OR starts IS NULL OR starts <= ends),
  CHECK (NOT stops OR starts IS NOT NULL AND ends IS NOT NULL)
);
-- For the status page and the windows of maintenance: few rows, asked for every few seconds.
CREATE INDEX notice_everyone ON notice (kind, published) WHERE everyone;
CREATE INDEX notice_published ON notice (published DESC);

-- Who has read it: an institution's system (person is NULL), or a person of it.
CREATE TABLE notice_read (
  rid bigint NOT NULL,
  institution bigint NOT NULL,
  person uuid REFERENCES person ON DELETE CASCADE,
  at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (rid, institution, person)
);

-- Versions of the terms of use. Published ones are never changed.
CREATE TABLE terms (
  version text COLLATE "C" PRIMARY KEY,
  published timestamptz NOT NULL,
  effective timestamptz NOT NULL,
  prevails boolean NOT NULL,              -- over the service specification, where the two differ (Art. 27, 2)
  override text,                          -- why it was published later than a month before
  title text NOT NULL,
  body text NOT NULL,
  title_en text,
  body_en text,
  document text NOT NULL,                 -- id of the DocumentReference
  notice text                             -- id of the Communication that announced it
);
CREATE INDEX terms_effective ON terms (effective DESC, published DESC);

CREATE TABLE terms_accepted (
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  version text COLLATE "C" NOT NULL REFERENCES terms,
  at timestamptz NOT NULL,
  PRIMARY KEY (person, version)
);

-- Each disclosure of users' personal information to a third party (Art. 17, 2). Never changed.
CREATE TABLE disclosure (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  ground text NOT NULL CHECK (ground IN ('subcontractor', 'statistics', 'inquiry', 'protection', 'emergency')),
  recipient text NOT NULL,
  classes text[] NOT NULL CHECK (cardinality(classes) > 0),
  purpose text NOT NULL,
  legal_reference text,
  institution bigint,                     -- whose users; NULL: of all
  persons uuid[] NOT NULL,                -- these of them; empty: all of the institution
  requester text NOT NULL,                -- person's account or client
  requester_name text NOT NULL,
  approver uuid,                          -- account; NULL where the operator has no people here
  approver_name text NOT NULL,
  secret_until date,                      -- not told to those concerned before this day; 'infinity': for good
  CHECK (secret_until IS NULL OR ground = 'inquiry'),
  CHECK (ground <> 'inquiry' OR legal_reference IS NOT NULL)
);
CREATE INDEX disclosure_institution ON disclosure (institution, at);
CREATE INDEX disclosure_at ON disclosure (at);
