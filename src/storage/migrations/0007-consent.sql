-- What owners of wallets have allowed applications to do.

-- The live row of an (application, owner) pair is what counts: a new answer of the owner changes it, and every token issued under it
-- reaches no further than it from then on. A withdrawn row stays withdrawn; allowing again makes another one.
create table consent (
  id uuid primary key,
  client_id text not null references client,
  party_id uuid not null references party,
  scopes text[] not null check (cardinality(scopes) > 0),
  wallet_ids bigint[] not null check (cardinality(wallet_ids) between 1 and 50),
  granted_at timestamptz not null,
  last_used_at timestamptz,           -- a token was issued
  expires_at timestamptz,             -- null: until it is withdrawn
  revoked_at timestamptz
);
create unique index consent_live on consent (client_id, party_id) where revoked_at is null;
create index consent_party on consent (party_id);

-- The implicit flow hands tokens out through the address bar: off unless somebody turns it on.
alter table client add column implicit boolean not null default false;

-- A family that an owner's consent stands behind, and the authorization code that it came from: the same code again ends it.
alter table refresh_family add column consent_id uuid, add column code_hash bytea;
