-- Keys of resources that were erased, so that nobody is given their ids again: what others keep of them – the audit of a patient, references – would become
-- theirs. A key is a hash of type and id; neither can be read from it.
CREATE TABLE erased_resource (
  rid bigint PRIMARY KEY
);

-- A record of a disclosure is never changed.
CREATE FUNCTION disclosure_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'records of disclosures are never changed';
END $$;
CREATE TRIGGER disclosure_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosure FOR EACH STATEMENT EXECUTE FUNCTION disclosure_stays();
