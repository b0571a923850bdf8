-- The ledger. Hot tables: no foreign keys where the writing statement proves the reference (audit checks them instead), no
-- index on a column that changes, room on the page for HOT updates. Amounts are minor units of the account's asset.

-- A unit of account: a code within a circle, the community that accepts it as money.
create table asset (
  id integer generated always as identity primary key,
  code text not null check (code ~ '^[A-Z0-9]{2,12}$'),
  circle text not null check (circle ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  exponent smallint not null check (exponent between 0 and 8),
  unique (code, circle)
);

create sequence account_id as bigint;
create sequence journal_stream as integer;

create table account (
  id bigint primary key,
  balance bigint not null default 0 check (balance between -4611686018427387904 and 4611686018427387904),
  held bigint not null default 0 check (held >= 0),         -- reserved by open holds on this account as their source
  incoming bigint not null default 0 check (incoming >= 0), -- reserved by open holds on this account as their target
  lower bigint,                                             -- null: no floor
  upper bigint,                                             -- null: no ceiling
  entries bigint not null default 0 check (entries >= 0),   -- number of the last entry
  changed_at timestamptz not null,                          -- never before the last entry
  asset_id integer not null,
  version integer not null default 1 check (version > 0),         -- number of the last account_change
  status smallint not null default 0 check (status in (0, 1, 2)), -- open, frozen, closed
  constraint lower_holds check (balance - held >= lower),
  constraint upper_holds check (balance + incoming <= upper),
  constraint limits_ordered check (lower <= upper),
  constraint closed_is_empty check (status <> 2 or (balance = 0 and held = 0 and incoming = 0))
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

-- What a caller asked for and got. Everything the ledger's door lets in belongs to one: transfers, holds, account changes.
create table transaction (
  id uuid primary key,           -- the public reference
  seq bigint not null,           -- the journal row that committed it: (stream, seq)
  at timestamptz not null,
  digest uuid not null,          -- first 16 bytes of SHA-256 over the transaction's lines (ledger/lines.ts)
  stream integer not null,
  kind text not null check (kind <> ''),
  principal text not null check (principal <> ''),
  payload text not null check (payload <> '') -- JSON text, as shown in histories
);

-- One amount from one account to another. Immutable.
create table transfer (
  transaction_id uuid not null,
  amount bigint not null check (amount > 0),
  source bigint not null,
  target bigint not null check (source <> target),
  asset_id integer not null,
  leg smallint not null check (leg >= 0),
  primary key (transaction_id, leg)
);

-- A transfer's two sides, numbered per account under the account's lock. Immutable.
create table entry (
  account_id bigint not null,
  seq bigint not null check (seq > 0),
  amount bigint not null check (amount <> 0),
  balance bigint not null,       -- after this entry
  at timestamptz not null,       -- never before the account's previous entry
  transaction_id uuid not null,
  leg smallint not null,
  primary key (account_id, seq)
);

-- An amount reserved on its source, and room for it on its target.
create table hold (
  id uuid primary key,
  source bigint not null,
  target bigint not null check (source <> target),
  amount bigint not null check (amount > 0),
  captured bigint not null default 0 check (captured between 0 and amount),
  expires_at timestamptz not null,
  opened_by uuid not null,       -- transaction
  closed_by uuid,                -- transaction
  asset_id integer not null,
  status smallint not null default 0 check (status in (0, 1, 2, 3)), -- open, captured, released, expired
  check ((status = 0) = (closed_by is null)),
  check ((status = 1) = (captured > 0))
);
create index hold_expiry on hold (expires_at) where status = 0;

-- What was said about an account: its opening first, then each change of limits or status. The account row is the last one's.
create table account_change (
  account_id bigint not null,
  transaction_id uuid not null,
  version integer not null check (version > 0),
  asset_id integer not null,
  lower bigint,
  upper bigint,
  status smallint not null,
  primary key (account_id, version)
);

-- The first answer to (principal, key). Kept for the retention time, then swept by age.
create table idempotency (
  id uuid primary key,           -- first 16 bytes of SHA-256 over principal and key: a third of the index that they would need
  request_hash uuid not null,    -- the same over the canonical request
  digest uuid not null,          -- first 16 bytes of SHA-256 over the row
  transaction_id uuid,           -- null: a stored refusal
  at timestamptz not null,
  status smallint not null,      -- HTTP status of the answer
  answer text not null
);
create index idempotency_age on idempotency using brin (at) with (pages_per_range = 32);

-- One row a commit, hash-chained per stream (one stream a running server), keyed outside the database.
create table journal (
  stream integer not null,
  seq bigint not null check (seq >= 0),
  kind smallint not null check (kind in (0, 1, 2)), -- genesis, commit, void (a commit that was given up and can no longer happen)
  at timestamptz not null,
  hash bytea not null check (length(hash) = 32),
  heads text,                    -- genesis only: the other streams' heads, as JSON
  primary key (stream, seq),
  check ((kind = 0) = (seq = 0)),
  check ((kind = 0) = (heads is not null))
);
