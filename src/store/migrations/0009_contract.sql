-- What institutions may use by their contracts.
ALTER TABLE institution ADD COLUMN services smallint NOT NULL DEFAULT 63; -- sum of the bits in access.ts (SERVICES); 0: no running contract
