-- Keycodes: what a hospital hands to a patient, who hands it to the institutions that may then read the timeline. No column holds
-- the code itself: the locator finds the row, the hash proves the rest.
CREATE TABLE keycode (
  id uuid PRIMARY KEY,                    -- its public name, in Consent.identifier and the audit
  patient bigint NOT NULL,                -- rid of the hospital's own Patient
  locator text COLLATE "C" NOT NULL UNIQUE CHECK (locator ~ '^[0-9A-HJKMNP-TV-Z]{6}$'),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  salt bytea NOT NULL CHECK (octet_length(salt) = 16),
  pepper_kid text NOT NULL,               -- which secret of the pepper file went into the hash
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'rotated', 'revoked', 'locked')),
  created_by bigint NOT NULL,             -- rid of the hospital that issued it
  created_at timestamptz NOT NULL,
  not_before timestamptz,                 -- NULL: at once
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,                   -- when it stopped being active
  bound_to bigint,                        -- the only institution that may redeem it; NULL: any in the network
  max_redemptions integer CHECK (max_redemptions > 0), -- by different institutions; NULL: no limit
  redemptions integer NOT NULL DEFAULT 0,
  fail_count integer NOT NULL DEFAULT 0,  -- over its whole life
  lockouts integer NOT NULL DEFAULT 0,    -- how often it was locked for a time, each time twice as long
  locked_until timestamptz,
  CHECK (expires_at > coalesce(not_before, created_at) AND expires_at <= created_at + interval '8760 hours'),
  CHECK ((status = 'active') = (ended_at IS NULL)),
  CHECK (redemptions <= max_redemptions)
);
CREATE UNIQUE INDEX keycode_active ON keycode (patient) WHERE status = 'active';
CREATE INDEX keycode_patient ON keycode (patient);

-- Who redeemed it, and the Consent that came of it: the same institution may redeem it again without using it up.
CREATE TABLE keycode_redemption (
  keycode uuid NOT NULL REFERENCES keycode ON DELETE CASCADE,
  organization bigint NOT NULL,
  consent text NOT NULL,                  -- id of the Consent
  at timestamptz NOT NULL,
  PRIMARY KEY (keycode, organization)
);

-- Attempts to redeem, reserved before anything is hashed and counted by every process. One that succeeds is taken out again; one that
-- never came to an end (its process was killed) stays and counts like a failure. Kept for two days.
CREATE TABLE keycode_attempt (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  organization bigint NOT NULL,
  client text NOT NULL,
  keycode uuid REFERENCES keycode ON DELETE CASCADE, -- only where its hash was to be compared
  failed boolean NOT NULL DEFAULT false
);
CREATE INDEX keycode_attempt_at ON keycode_attempt (at);
CREATE INDEX keycode_attempt_client ON keycode_attempt (client, at);
CREATE INDEX keycode_attempt_organization ON keycode_attempt (organization, at);
CREATE INDEX keycode_attempt_keycode ON keycode_attempt (keycode, at) WHERE keycode IS NOT NULL;
