-- Who was shut out, by whom and why; the terminals that an institution works at; the software that was issued to it.

-- Shutting out and lifting, one row each, for good. At most one of person, client and terminal; none: the institution itself.
CREATE TABLE standing_event (
  id uuid PRIMARY KEY,
  place bigint GENERATED ALWAYS AS IDENTITY, -- in the order in which one subject's acts were done
  at timestamptz NOT NULL,
  act text NOT NULL CHECK (act IN ('suspend', 'lift', 'disable', 'retire')),
  institution bigint NOT NULL,            -- rid of the Organization concerned
  person uuid,
  client text COLLATE "C",
  terminal uuid,
  reason text CHECK (reason IN ('theft', 'loss', 'misuse', 'other')), -- NULL where it was lifted
  words text,                             -- what the one who did it wrote
  reporter text,                          -- who told it to the operator's desk, where it was not the one who did it
  by_organization bigint,
  by_client text COLLATE "C",
  by_person uuid,
  request text,
  CHECK (num_nonnulls(person, client, terminal) <= 1),
  CHECK ((act = 'lift') = (reason IS NULL))
);
CREATE INDEX standing_event_institution ON standing_event (institution, at);
CREATE INDEX standing_event_person ON standing_event (person, at) WHERE person IS NOT NULL;

-- Terminals, by the certificate that each has. One that was retired never comes back: it gets another certificate.
CREATE TABLE terminal (
  id uuid PRIMARY KEY,
  sha256 text COLLATE "C" NOT NULL UNIQUE CHECK (sha256 ~ '^[A-Za-z0-9_-]{43}$'), -- of the certificate, base64url: x5t#S256 of RFC 8705
  institution bigint NOT NULL,            -- rid of its Organization
  name text NOT NULL,
  place text,
  subject text NOT NULL,                  -- RFC 4514, for people
  issuer text NOT NULL,
  serial text NOT NULL,                   -- hexadecimal
  certificate bytea NOT NULL,             -- DER
  not_before timestamptz NOT NULL,
  not_after timestamptz NOT NULL,
  registered_at timestamptz NOT NULL,
  active boolean NOT NULL DEFAULT true,
  retired_at timestamptz,
  revoked_at timestamptz,                 -- when its authority's list was seen to have it
  CHECK (active = (retired_at IS NULL))
);
CREATE INDEX terminal_institution ON terminal (institution);

-- Whether an institution's systems and people get in at its terminals only.
ALTER TABLE institution ADD COLUMN mtls text NOT NULL DEFAULT 'optional' CHECK (mtls IN ('required', 'optional'));

-- A client that authenticates by the certificate of one terminal (tls_client_auth) names it here.
ALTER TABLE client ADD COLUMN terminal uuid REFERENCES terminal, ADD COLUMN disabled_at timestamptz;

-- Public keys that are to be taken now. While keys are changed those before stand beside the new ones until their `exp` (epoch seconds).
CREATE FUNCTION living_keys(jwks jsonb) RETURNS jsonb LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT jsonb_build_object('keys', coalesce(jsonb_agg(key - 'exp' ORDER BY place), '[]'::jsonb))
  FROM jsonb_array_elements(jwks -> 'keys') WITH ORDINALITY AS one (key, place)
  WHERE key -> 'exp' IS NULL OR to_timestamp((key ->> 'exp')::double precision) > now()
$$;

-- Software issued (like a credential): with a client or a terminal that it belongs to, or on its own.
CREATE TABLE software (
  id uuid PRIMARY KEY,
  institution bigint NOT NULL,
  client text COLLATE "C" REFERENCES client ON DELETE SET NULL,
  terminal uuid REFERENCES terminal ON DELETE SET NULL,
  name text NOT NULL,
  version text,
  issued_to text NOT NULL,                -- who answers for it
  issued_at timestamptz NOT NULL,
  returned_at timestamptz,
  outcome text CHECK (outcome IN ('returned', 'uninstalled', 'disabled', 'lost')),
  note text,
  CHECK ((returned_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX software_institution ON software (institution);

-- Who loses standing, on whatever way, is told to every process, so that streams end (LISTEN standing). The payload is the kind and
-- the key: `institution 123`, `person <uuid>`, `client <id>`, `terminal <sha256>`.
CREATE FUNCTION tell_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('standing', TG_ARGV[0] || ' ' || (to_jsonb(OLD) ->> TG_ARGV[1]));
  RETURN NULL;
END $$;

CREATE TRIGGER institution_told AFTER UPDATE ON institution FOR EACH ROW
  WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION tell_standing('institution', 'rid');
CREATE TRIGGER person_told AFTER UPDATE ON person FOR EACH ROW
  WHEN (OLD.generation < NEW.generation OR OLD.roles <> NEW.roles) EXECUTE FUNCTION tell_standing('person', 'id');
CREATE TRIGGER client_told AFTER UPDATE ON client FOR EACH ROW
  WHEN (OLD.generation < NEW.generation) EXECUTE FUNCTION tell_standing('client', 'id');
CREATE TRIGGER terminal_told AFTER UPDATE ON terminal FOR EACH ROW
  WHEN (OLD.active AND NOT NEW.active OR OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_standing('terminal', 'sha256');
CREATE TRIGGER institution_gone AFTER DELETE ON institution FOR EACH ROW EXECUTE FUNCTION tell_standing('institution', 'rid');
CREATE TRIGGER person_gone AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION tell_standing('person', 'id');
CREATE TRIGGER client_gone AFTER DELETE ON client FOR EACH ROW EXECUTE FUNCTION tell_standing('client', 'id');
CREATE TRIGGER terminal_gone AFTER DELETE ON terminal FOR EACH ROW EXECUTE FUNCTION tell_standing('terminal', 'sha256');
