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
  roles text[] NOT NULL CHECK (cardinality(roles) > 0),
  created_at timestamptz NOT NULL
);
CREATE INDEX person_institution ON person (institution);
CREATE UNIQUE INDEX person_practitioner ON person (practitioner) WHERE practitioner IS NOT NULL;
-- As for institutions: what belonged to the old generation stays dead.
CREATE TRIGGER person_shut_out BEFORE UPDATE ON person FOR EACH ROW
  WHEN (OLD.active AND OLD.suspended_at IS NULL AND NOT (NEW.active AND NEW.suspended_at IS NULL))
  EXECUTE FUNCTION next_generation();
