-- What the console's first page counts, money that operators move by hand, and audits that were run from the console.

-- An account's asset never changes: said again beside the wallet, so that a search by currency and circle is one range of an index.
alter table wallet add column asset_id integer;

-- Sums over whole tables, made from time to time by one of the servers.
create table overview_figure (
  name text primary key,
  at timestamptz not null,
  took_ms integer not null,        -- a dear one is made less often
  value jsonb not null             -- amounts in minor units, as text
);

-- Transfers by day (UTC, of the transaction's id), each counted once: `flow_until` says how far.
create table flow_day (
  asset_id integer not null,
  day date not null,
  way text not null check (way in ('in', 'out', 'moved')), -- from an issuing account, to one, between others
  count bigint not null,
  amount numeric not null,
  primary key (asset_id, day, way)
) with (fillfactor = 70);

create table flow_until (
  id boolean primary key default true check (id), -- one row
  at timestamptz not null
);

-- Money that an operator moves in or out by hand. Above a limit a second person approves it, once and in time; below it the row is
-- written with the money. Rows are effects of commands: `audit` holds them against what the transactions say.
create table funding (
  id uuid primary key,             -- the transaction that asked for it, or made it at once
  direction text not null check (direction in ('in', 'out')),
  source bigint not null,
  target bigint not null check (source <> target),
  amount bigint not null check (amount > 0),
  reason text not null check (length(reason) between 1 and 500),
  asked_by text not null,          -- e-mail
  asked_party uuid not null,
  created_at timestamptz not null, -- the transaction's
  expires_at timestamptz,          -- null: made at once
  status smallint not null default 0 check (status between 0 and 2), -- waiting, made, refused
  decisions smallint not null default 0,
  decided_by text,
  decided_party uuid,
  decided_in uuid,                 -- transaction
  decided_at timestamptz,
  -- Checks are tried in the order of their names, and the name says why it is refused.
  constraint funding_by_another check (status <> 1 or expires_at is null or (decided_by <> asked_by and decided_party <> asked_party)),
  constraint funding_decided_once check (decisions <= 1),
  constraint funding_unexpired check (decided_at < expires_at),
  constraint row_decided check ((status = 0) = (decided_at is null)
    and num_nulls(decided_by, decided_party, decided_in, decided_at) in (0, 4) and (status = 0) = (decisions = 0)),
  constraint row_expires check (expires_at > created_at)
) with (fillfactor = 85);
create index funding_waiting on funding (id) where status = 0;

-- What the operators of a party have moved alone on a day (UTC).
create table funding_use (
  party_id uuid not null,
  asset_id integer not null,
  day date not null,
  most bigint not null,
  used bigint not null check (used > 0),
  primary key (party_id, asset_id, day),
  constraint funding_within check (used <= most)
);

-- Audits from the console, one at a time. `seen_at` is refreshed while one runs: without that for a while, its server has ended.
create table audit_run (
  id uuid primary key,
  principal text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ended_at timestamptz,
  status text not null default 'running' check (status in ('running', 'clean', 'findings', 'failed', 'lost')),
  step text not null default '',
  done real not null default 0 check (done between 0 and 1),
  counts jsonb,
  findings jsonb not null default '[]',
  unlisted integer not null default 0, -- findings beyond those that are listed
  check ((status = 'running') = (ended_at is null)),
  check ((status in ('clean', 'findings')) = (counts is not null))
) with (fillfactor = 70);
create unique index audit_run_one on audit_run ((true)) where status = 'running';
