-- By which release of the indexing rules the index rows were made, and how far a renewal has come: the rows of resources up to
-- `after` are new already.
CREATE TABLE index_state (release integer NOT NULL, after bigint);
INSERT INTO index_state VALUES (1, NULL);
