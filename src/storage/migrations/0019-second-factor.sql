-- Second factors of a sign-in, application passwords beside it, and the role that an invitation gives.

-- An authenticator app (RFC 6238). A code belongs to a step of 30 seconds; only a later step than the last one used is taken.
create table totp_factor (
  email text primary key references sign_in on delete cascade,
  sealed bytea not null,              -- the secret, which must be known to check a code
  last_step bigint not null,
  created_at timestamptz not null default clock_timestamp()
);

-- Ten at a time, for whoever has lost the rest. Whoever sets used_at has used it.
create table recovery_code (
  email text not null references sign_in on delete cascade,
  code_hash bytea not null check (length(code_hash) = 32), -- SHA-256 of 80 random bits and the address
  used_at timestamptz,
  primary key (email, code_hash)
);

create table passkey (
  id text primary key check (length(id) between 16 and 1400), -- the credential's id, base64url
  email text not null references sign_in on delete cascade,
  name text not null check (length(name) between 1 and 100),
  public_key bytea not null,          -- COSE
  counter bigint not null check (counter >= 0),
  transports text not null,           -- separated by blanks
  backed_up boolean not null,
  created_at timestamptz not null default clock_timestamp(),
  used_at timestamptz
) with (fillfactor = 85);
create index passkey_email on passkey (email);

-- What a passkey knows of its owner: nothing but this.
alter table sign_in
  add column passkey_handle bytea unique check (length(passkey_handle) = 32);

-- Challenges prove themselves by a MAC; only those that were answered rightly stand here, until their time is over.
create table used_challenge (
  challenge_hash bytea primary key check (length(challenge_hash) = 32),
  expires_at timestamptz not null
);
create index used_challenge_expiry on used_challenge (expires_at);

-- Between a right password and the second factor.
create table half_session (
  token_hash bytea primary key check (length(token_hash) = 32), -- SHA-256 of 256 random bits
  email text not null references sign_in on delete cascade,
  expires_at timestamptz not null
);
create index half_session_email on half_session (email);
create index half_session_expiry on half_session (expires_at);

-- What programs sign in with for a person who has a second factor.
create table application_password (
  id uuid primary key,
  email text not null references sign_in on delete cascade,
  name text not null check (length(name) between 1 and 100),
  secret_hash bytea not null unique check (length(secret_hash) = 32), -- SHA-256 of 256 random bits
  created_at timestamptz not null default clock_timestamp(),
  used_at timestamptz
) with (fillfactor = 85);
create index application_password_email on application_password (email);

alter table one_time_link
  add column role text check (role in ('owner', 'member', 'viewer')); -- of an invitation; null: owner
