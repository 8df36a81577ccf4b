-- Who acted as a person, and what the chain of hashes over the audit stands on (docs/audit.md).
ALTER TABLE audit ADD COLUMN person uuid; -- account of the person at the client; NULL: a system on its own
