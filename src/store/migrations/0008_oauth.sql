-- OAuth: apps of people beside the systems, what a person has allowed an app, and what follows from it.

-- A client is a system that acts for its institution, or an app in the hands of people.
ALTER TABLE client
  ADD COLUMN kind text NOT NULL DEFAULT 'system' CHECK (kind IN ('system', 'app')),
  ADD COLUMN auth_method text NOT NULL DEFAULT 'private_key_jwt'
    CHECK (auth_method IN ('private_key_jwt', 'tls_client_auth', 'none')),
  ADD COLUMN redirect_uris text[] NOT NULL DEFAULT '{}',
  ADD COLUMN launch_uris text[] NOT NULL DEFAULT '{}',
  ADD COLUMN jwks_uri text,               -- in the place of jwks
  ADD COLUMN id_token_alg text NOT NULL DEFAULT 'RS256' CHECK (id_token_alg IN ('RS256', 'ES256', 'ES384')),
  ALTER COLUMN jwks DROP NOT NULL,
  ADD CONSTRAINT client_keys CHECK (CASE auth_method
    WHEN 'private_key_jwt' THEN (jwks IS NULL) <> (jwks_uri IS NULL) ELSE jwks IS NULL AND jwks_uri IS NULL END);

-- One authorization: this person, at this app, with these scopes and this patient. Codes and tokens are alive only as long as it is,
-- so that ending it ends them all in one statement. The generations are those at its beginning: of the client, of the institution
-- whose client it is, of the person, and of the person's institution.
CREATE TABLE authorization_grant (
  id text COLLATE "C" PRIMARY KEY,
  client text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  session uuid,                           -- with which it ends; NULL where offline_access lets it go on
  strong boolean NOT NULL,                -- whether the person had shown two factors, and when the last proof was
  authenticated_at timestamptz NOT NULL,
  patient bigint,                         -- launch context: rid and id
  patient_id text,
  client_generation integer NOT NULL,
  owner_generation integer NOT NULL,
  person_generation integer NOT NULL,
  institution_generation integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  scope text NOT NULL,                    -- all that was granted
  oidc_scope text NOT NULL                -- of that, what OpenID Connect means
);
CREATE INDEX authorization_grant_person ON authorization_grant (person, client);
CREATE INDEX authorization_grant_session ON authorization_grant (session) WHERE session IS NOT NULL;
CREATE INDEX authorization_grant_expires ON authorization_grant (expires_at);

-- Single use, both: what is used stays until it would have expired, so that a second use is noticed. SHA-256, base64url.
CREATE TABLE authorization_code (
  hash text COLLATE "C" PRIMARY KEY,
  grant_id text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  content jsonb NOT NULL
);
CREATE INDEX authorization_code_expires ON authorization_code (expires_at);

CREATE TABLE refresh_token (
  hash text COLLATE "C" PRIMARY KEY,
  grant_id text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  content jsonb NOT NULL
);
CREATE INDEX refresh_token_expires ON refresh_token (expires_at);

-- An authorization request for as long as the person is asked.
CREATE TABLE interaction (
  hash text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  content jsonb NOT NULL
);
CREATE INDEX interaction_expires ON interaction (expires_at);

-- What a person lets an app have without being asked again.
CREATE TABLE app_consent (
  person uuid NOT NULL,
  client text COLLATE "C" NOT NULL,
  given_at timestamptz NOT NULL DEFAULT now(),
  scope text NOT NULL,
  PRIMARY KEY (person, client)
);
CREATE INDEX app_consent_client ON app_consent (client);

-- An app that was opened from another one, perhaps with a patient. Once, and within five minutes.
CREATE TABLE launch (
  hash text COLLATE "C" PRIMARY KEY,
  client text COLLATE "C" NOT NULL,
  institution bigint NOT NULL,            -- of the people who may follow it
  person uuid,                            -- the only one who may, where one is named
  patient bigint,
  patient_id text,
  usable_until timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,        -- until then what it says is looked at by the request that used it
  used_at timestamptz
);
CREATE INDEX launch_expires ON launch (expires_at);

-- Keys that sign ID tokens. The private half is sealed with a key that is not in the database.
CREATE TABLE signing_key (
  kid text COLLATE "C" PRIMARY KEY,
  alg text NOT NULL,
  made_at timestamptz NOT NULL,
  signs_from timestamptz NOT NULL,        -- published before that
  ends_at timestamptz,                    -- published until then; NULL for as long as it signs
  sealed bytea NOT NULL,
  sealed_kid text COLLATE "C" NOT NULL     -- with which secret of the file
);

-- Tokens of people belong to an authorization, which says the rest of them; those of systems to none.
ALTER TABLE access_token
  ADD COLUMN grant_id text COLLATE "C",
  ADD COLUMN certificate text COLLATE "C", -- x5t#S256 of the certificate that it is bound to (RFC 8705)
  ALTER COLUMN client_generation DROP NOT NULL,
  ALTER COLUMN institution_generation DROP NOT NULL,
  ADD CONSTRAINT access_token_generations
    CHECK ((grant_id IS NULL) = (client_generation IS NOT NULL AND institution_generation IS NOT NULL));
CREATE INDEX access_token_grant ON access_token (grant_id) WHERE grant_id IS NOT NULL;
