-- People: one account for each, of one institution.
CREATE TABLE person (
  id uuid PRIMARY KEY,
  institution bigint NOT NULL,            -- rid of its Organization
  generation integer NOT NULL DEFAULT 0,  -- counts the times the person was shut out
  active boolean NOT NULL DEFAULT true,
  suspended_at timestamptz,
  login text COLLATE "C" NOT NULL UNIQUE, -- folded: NFKC, lower case
  name text NOT NULL,
  practitioner bigint,                    -- rid and id of the Practitioner that stands for the person
  practitioner_id text,
  practitioner_role_id text,              -- id of the PractitionerRole that follows the roles
  roles text[] NOT NULL CHECK (cardinality(roles) > 0),
  created_at timestamptz NOT NULL,
  password text,                          -- argon2id of the peppered password as a PHC string; NULL: none was chosen yet
  password_at timestamptz,
  password_long boolean NOT NULL DEFAULT false, -- long enough to stand without a second factor
  last_login_at timestamptz,              -- with all that was asked
  failures integer NOT NULL DEFAULT 0,    -- failed tries since then
  reviewed_at timestamptz NOT NULL,       -- when an administrator last gave or confirmed the roles
  CHECK ((password IS NULL) = (password_at IS NULL))
);
CREATE INDEX person_institution ON person (institution, login);
CREATE UNIQUE INDEX person_practitioner ON person (practitioner) WHERE practitioner IS NOT NULL;
-- As for institutions: what belonged to the old generation stays dead.
CREATE TRIGGER person_shut_out BEFORE UPDATE ON person FOR EACH ROW
  WHEN (OLD.active AND OLD.suspended_at IS NULL AND NOT (NEW.active AND NEW.suspended_at IS NULL))
  EXECUTE FUNCTION next_generation();

-- Passwords that were used before, which may not come back.
CREATE TABLE person_password (
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  until timestamptz NOT NULL,             -- when it was replaced
  password text NOT NULL
);
CREATE INDEX person_password_person ON person_password (person, until);

-- Where a person has logged in from: strangers who guess elsewhere do not keep the person out here.
CREATE TABLE person_address (
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  address text NOT NULL,                  -- IPv4, or the first 64 bits of IPv6
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (person, address)
);

-- A way in for whoever has no password: shown once to the administrator, stored as a hash. One at a time.
CREATE TABLE invitation (
  person uuid PRIMARY KEY REFERENCES person ON DELETE CASCADE,
  hash text COLLATE "C" NOT NULL UNIQUE,  -- SHA-256 of the code, base64url
  person_generation integer NOT NULL,
  institution_generation integer NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Sessions. Ending one deletes it. What is stored is SHA-256 of the token in the cookie, base64url; the id is its public name.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  hash text COLLATE "C" NOT NULL UNIQUE,  -- a new one at each step that gives it more rights
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  person_generation integer NOT NULL,     -- alive only as long as both are what they were
  institution_generation integer NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,           -- to the minute
  idle_at timestamptz NOT NULL,           -- when it is over unless it is used before
  expires_at timestamptz NOT NULL,        -- when it is over anyhow
  authenticated_at timestamptz NOT NULL,  -- when the person last proved who they are
  strong boolean NOT NULL,                -- with two factors
  amr text[] NOT NULL,                    -- by what (RFC 8176)
  address text NOT NULL,
  agent text NOT NULL,                    -- the device in plain words
  last_login_at timestamptz,              -- the login before this one, and the failed tries in between
  failures integer NOT NULL DEFAULT 0
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expires ON session (expires_at);

CREATE FUNCTION session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('standing', 'session ' || OLD.id);
  RETURN NULL;
END $$;
CREATE TRIGGER session_ended AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION session_ended();

-- Second factors. A seed is encrypted with a key that is not in the database.
CREATE TABLE factor (
  id uuid PRIMARY KEY,
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('totp', 'passkey')),
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  seed bytea,                             -- of a totp, sealed
  seed_kid text COLLATE "C",
  step bigint,                            -- the last time step whose code was used: no code twice, no older one
  credential text COLLATE "C" UNIQUE,     -- of a passkey: its id, base64url
  public_key bytea,                       -- COSE
  counter bigint,
  transports text[],
  CHECK (CASE kind WHEN 'totp' THEN seed IS NOT NULL AND seed_kid IS NOT NULL AND step IS NOT NULL AND credential IS NULL
    ELSE seed IS NULL AND credential IS NOT NULL AND public_key IS NOT NULL AND counter IS NOT NULL END)
);
CREATE INDEX factor_person ON factor (person);

-- HMAC-SHA256 with a secret that is not in the database. What is used stays, to say how many are left.
CREATE TABLE recovery_code (
  person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  hash bytea NOT NULL,
  kid text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (person, hash)
);

-- What a session is in the middle of: a seed that was shown and not confirmed yet, a challenge that was given to a passkey.
CREATE TABLE factor_setup (
  session uuid NOT NULL REFERENCES session ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('totp', 'passkey', 'assertion')),
  expires_at timestamptz NOT NULL,
  seed bytea,
  seed_kid text COLLATE "C",
  challenge text,
  PRIMARY KEY (session, kind)
);

-- How often something may still be tried, taken before anything is hashed and counted by every process. What is taken comes back when the
-- try succeeds; of a try that failed, or never came to an end as its process was killed, it does not until the window is over.
CREATE TABLE throttle (
  key text COLLATE "C" PRIMARY KEY,       -- SHA-256, base64url: what people type as their login may be a password
  free integer NOT NULL,                  -- tries that may still begin
  failures integer NOT NULL DEFAULT 0,
  since timestamptz NOT NULL,             -- the first try of the window
  expires_at timestamptz NOT NULL,        -- when all of this counts for nothing
  lockouts integer NOT NULL DEFAULT 0,    -- how often it was locked for a time, each time twice as long
  locked_until timestamptz,
  told_at timestamptz                     -- when the audit last said that somebody was turned away
);
CREATE INDEX throttle_expires ON throttle (expires_at);
