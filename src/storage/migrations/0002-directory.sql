-- Who there is: parties, their wallets and the clients that act for them. Cold tables: foreign keys are welcome here.

create table party (
  id uuid primary key,
  kind text not null check (kind in ('person', 'business')),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default clock_timestamp()
);

-- How a person signs in to the pages. Operators run the system; everyone else sees only what is theirs.
create table sign_in (
  email text primary key check (email = lower(email) and length(email) <= 254),
  party_id uuid not null references party,
  password_hash text not null,
  operator boolean not null default false,
  created_at timestamptz not null default clock_timestamp()
);

-- What the API shows of an account; id is the account's. Everything but the parent is immutable.
create table wallet (
  id bigint primary key,
  namespace text not null check (namespace ~ '^[a-z]{2,}$'),
  number text not null,
  currency text not null,
  opaque_id text not null unique,
  party_id uuid not null references party,
  parent_id bigint references wallet check (parent_id <> id),
  opened_at timestamptz not null default clock_timestamp(),
  unique (namespace, number, currency)
);
create index wallet_party on wallet (party_id, id);
create index wallet_parent on wallet (parent_id) where parent_id is not null;

-- An OAuth application. A public client has neither secret; redirect URIs match exactly.
create table client (
  id text primary key check (id ~ '^[A-Za-z0-9._-]{1,64}$'),
  party_id uuid not null references party,
  name text not null check (length(name) between 1 and 200),
  public boolean not null default false,
  secret_hash bytea,            -- SHA-256 of a 256-bit random secret
  signing_secret bytea,         -- sealed with the server's key; recoverable, because an HMAC needs it
  redirect_uris text[] not null default '{}',
  scopes text[] not null,
  disabled_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check (public = (secret_hash is null)),
  check (not public or signing_secret is null)
);
create index client_party on client (party_id);

-- Keys of the admin API; the key itself is shown once.
create table api_key (
  id uuid primary key,
  party_id uuid not null references party,
  name text not null,
  key_hash bytea not null unique, -- SHA-256 of a 256-bit random key
  scopes text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);

-- Secrets that all servers of this database share, sealed with the server's key.
create table server_secret (
  name text primary key,
  sealed bytea not null
);
