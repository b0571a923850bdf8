-- What the authorization server remembers. Secrets stand hashed (SHA-256 of 256 random bits) or sealed, never as they are.

-- Codes, sessions, interactions and grants of the OAuth library. The payload is sealed: it quotes ids that are secrets.
create table oauth_artifact (
  model text not null,
  id_hash bytea not null,
  payload bytea not null,
  grant_hash bytea,
  user_code_hash bytea,
  uid_hash bytea,
  expires_at timestamptz,
  consumed_at timestamptz,
  primary key (model, id_hash)
);
create index oauth_artifact_grant on oauth_artifact (grant_hash) where grant_hash is not null;
create index oauth_artifact_uid on oauth_artifact (model, uid_hash) where uid_hash is not null;
create index oauth_artifact_user_code on oauth_artifact (user_code_hash) where user_code_hash is not null;
create index oauth_artifact_expiry on oauth_artifact (expires_at);

-- One row is one family of refresh tokens: only its newest member is live, the one before it is known by its hash for the
-- grace window. Rotation is one conditional update of this row; there is nothing else to keep in step with it.
create table refresh_family (
  id uuid primary key,
  client_id text not null,
  party_id uuid not null,
  scopes text not null,               -- separated by spaces
  current_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamptz,
  successor bytea,                    -- sealed answer of the last rotation, for retries; emptied after the window
  expires_at timestamptz not null,
  revoked_at timestamptz,
  check ((previous_hash is null) = (rotated_at is null))
) with (fillfactor = 80);
-- Every grant inserts here, so the sweeper's path must cost nothing at insert: BRIN, as expiry follows insertion.
create index refresh_family_expiry on refresh_family using brin (expires_at) with (autosummarize = on);
create index refresh_family_successor on refresh_family (rotated_at) where successor is not null;

-- Access tokens are JWTs and live nowhere; this lists those to refuse before they expire, by jti or by their family's mark.
create table token_revocation (
  id uuid primary key,
  revoked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index token_revocation_revoked on token_revocation (revoked_at);
create index token_revocation_expiry on token_revocation (expires_at);

-- Keys that sign tokens. The newest active one signs; all are published until the last token they signed has expired.
create table signing_key (
  kid text primary key,
  alg text not null check (alg = 'ES256'),
  public_jwk jsonb not null,
  private_jwk bytea not null,         -- sealed
  created_at timestamptz not null,
  active_at timestamptz not null,
  retired_at timestamptz
);
