-- Who calls: registered clients, their access tokens, and the assertions that were used up.

CREATE TABLE client (
  id text COLLATE "C" PRIMARY KEY,
  institution bigint NOT NULL,
  generation integer NOT NULL DEFAULT 0,  -- counts the times it was shut out
  active boolean NOT NULL DEFAULT true,
  registered_at timestamptz NOT NULL DEFAULT now(),
  name text NOT NULL,
  scope text NOT NULL,                    -- the most it may be granted, in normal form
  jwks jsonb NOT NULL                     -- public keys only
);
CREATE INDEX client_institution ON client (institution);

-- An institution that loses access gets a new generation, whoever wrote the change: tokens of the old one stay dead when it is
-- let in again.
ALTER TABLE institution ADD COLUMN generation integer NOT NULL DEFAULT 0;

CREATE FUNCTION next_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.generation := OLD.generation + 1;
  RETURN NEW;
END $$;

CREATE TRIGGER institution_shut_out BEFORE UPDATE ON institution FOR EACH ROW
  WHEN (OLD.active AND OLD.suspended_at IS NULL AND NOT (NEW.active AND NEW.suspended_at IS NULL))
  EXECUTE FUNCTION next_generation();
CREATE TRIGGER client_shut_out BEFORE UPDATE ON client FOR EACH ROW
  WHEN (OLD.active AND NOT NEW.active)
  EXECUTE FUNCTION next_generation();

-- Opaque access tokens. What is stored is SHA-256 of the token, base64url: who reads the table holds no token.
CREATE TABLE access_token (
  hash text COLLATE "C" PRIMARY KEY,
  client text COLLATE "C" NOT NULL,
  client_generation integer NOT NULL,
  institution_generation integer NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  scope text NOT NULL                     -- granted, in normal form
);
CREATE INDEX access_token_expires ON access_token (expires_at);

-- Client assertions (RFC 7523) that were used: SHA-256 of client and jti, kept for as long as the assertion could be sent again.
CREATE TABLE used_assertion (
  hash text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX used_assertion_expires ON used_assertion (expires_at);
