-- Contracts: what institutions may use, from when, until when.

-- Sum of the bits in access.ts (SERVICES); 0: nobody of it gets in. The operator has no contract with itself.
ALTER TABLE institution ADD COLUMN services smallint NOT NULL DEFAULT 0 CHECK (services BETWEEN 0 AND 63);

-- Who is in service when contracts come stays so, with all that its kind may have, until the operator has put a contract under it.
UPDATE institution SET services = CASE WHEN kind IN ('cooperating-hospital', 'medical') THEN 63 WHEN kind = 'operator' THEN 0 ELSE 6 END;

-- As before, and where the last service ends: what belonged to the old generation stays dead.
DROP TRIGGER institution_shut_out ON institution;
CREATE TRIGGER institution_shut_out BEFORE UPDATE ON institution FOR EACH ROW
  WHEN (OLD.active AND OLD.suspended_at IS NULL AND NOT (NEW.active AND NEW.suspended_at IS NULL)
    OR OLD.services <> 0 AND NEW.services = 0)
  EXECUTE FUNCTION next_generation();

-- One row for each Contract, which is its rendering. Days are calendar days in TIME_ZONE. Changed only with its row locked.
CREATE TABLE contract (
  rid bigint PRIMARY KEY,                 -- of the Contract
  id text NOT NULL,
  number text COLLATE "C" NOT NULL UNIQUE, -- 契約者ID: what the desk asks for
  institution bigint NOT NULL,            -- rid of the Organization; never another's
  institution_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('applied', 'refused', 'withdrawn', 'accepted', 'running', 'ended')),
  application text NOT NULL,              -- id of the QuestionnaireResponse
  omissions text[] NOT NULL,              -- linkIds that the form asks for and that have no answer
  papers text[] NOT NULL,                 -- references to scans
  services smallint NOT NULL CHECK (services BETWEEN 0 AND 63), -- applied for; from the acceptance on: agreed
  received date NOT NULL,
  accepted date,
  starts date,
  term_end date,                          -- last day of the period that runs
  notice date,                            -- when the user's notice to end it was received
  contacted date,                         -- when the operator spoke with the user before ending it
  ends date,                              -- last day of service; NULL: none is set
  cause text,                             -- code of CodeSystem contract-end
  next_services smallint CHECK (next_services BETWEEN 1 AND 63),
  next_services_on date,
  told text[] NOT NULL DEFAULT '{}',      -- reminders that were sent, or came too late to be
  due date,                               -- when the job has something to do; NULL: nothing
  CHECK ((accepted IS NULL) = (starts IS NULL) AND (starts IS NULL) = (term_end IS NULL)),
  CHECK (state IN ('applied', 'refused', 'withdrawn') OR accepted IS NOT NULL),
  CHECK ((next_services IS NULL) = (next_services_on IS NULL)),
  CHECK (state NOT IN ('refused', 'withdrawn', 'ended') OR cause IS NOT NULL)
);
CREATE UNIQUE INDEX contract_one ON contract (institution) WHERE state IN ('applied', 'accepted', 'running');
CREATE INDEX contract_institution ON contract (institution);
CREATE INDEX contract_due ON contract (due, rid) WHERE due IS NOT NULL;
