-- What others are told: who wants to hear of what, and every notification that is to be sent, in whichever form. An event that
-- somebody wants is written as deliveries in the transaction in which it happens; one that nobody wants is not written. Money of
-- wallets is told from `entry`, which says it already.

-- How many events of an object have been told. Its row is locked by whoever tells the next one, so that the numbers have no gaps
-- and follow the order of the commits.
create table event_count (
  object text primary key,          -- e.g. 'order:<uuid>'
  last bigint not null check (last > 0)
) with (fillfactor = 80);

-- An address of a party's that wants to be told.
create table webhook_endpoint (
  id uuid primary key,
  party_id uuid not null references party,
  url text not null check (length(url) between 1 and 2000),
  topics text[] not null check (cardinality(topics) between 1 and 50), -- types, 'invoice.*', or '*'
  note text check (length(note) <= 200),
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  disabled_because text check (disabled_because in ('asked', 'gone')), -- by its owner; it answered 410
  deleted_at timestamptz,           -- the log of its deliveries stays
  check ((disabled_at is null) = (disabled_because is null))
);
create index webhook_endpoint_party on webhook_endpoint (party_id) where deleted_at is null;

-- What deliveries are signed with. Two are valid while one takes the other's place.
create table webhook_secret (
  id uuid primary key,
  endpoint_id uuid not null references webhook_endpoint,
  secret bytea not null,            -- sealed
  created_at timestamptz not null,
  ends_at timestamptz               -- null: the current one
);
create unique index webhook_secret_current on webhook_secret (endpoint_id) where ends_at is null;
create index webhook_secret_endpoint on webhook_secret (endpoint_id, ends_at);

-- How far a wallet's entries, and what was said about its account, have been told to an endpoint. An endpoint has rows while it
-- wants to hear of wallets; a wallet without one was opened after that began.
create table webhook_cursor (
  endpoint_id uuid not null references webhook_endpoint,
  account_id bigint not null,
  entries bigint not null,          -- number of the last entry told
  version integer not null,         -- number of the last account_change told
  primary key (endpoint_id, account_id)
) with (fillfactor = 70);

-- An invoice whose time ran out; written once, with its event.
create table invoice_expiry (
  invoice_id uuid primary key,
  at timestamptz not null
);

-- A notification to be sent, at least once. Those of one object to one receiver go out in the order of `sequence`.
create table delivery (
  id uuid primary key,
  sequence bigint generated always as identity,
  form text not null check (form in ('webhook', 'pledg', 'jackpot')),
  receiver uuid not null,           -- webhook endpoint, merchant or partner
  url text,                         -- null: the receiver's own, as it is at the attempt
  object text not null,
  topic text not null,
  body text not null,
  status text not null default 'waiting' check (status in ('waiting', 'delivered', 'failed')),
  attempts integer not null default 0,
  attempts_before integer not null default 0, -- attempts before it was last asked for again: the schedule counts from there
  next_attempt_at timestamptz not null, -- while an attempt is made: when another server may make one
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((status = 'waiting') = (ended_at is null))
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
create index delivery_due on delivery (receiver, next_attempt_at, sequence) where status = 'waiting';
create index delivery_order on delivery (receiver, object, sequence) where status = 'waiting';
create index delivery_log on delivery (receiver, sequence desc);
create index delivery_newest on delivery (sequence);
create index delivery_ended on delivery (ended_at) where ended_at is not null;

-- What came of each attempt.
create table delivery_attempt (
  delivery_id uuid not null,
  number integer not null check (number > 0),
  at timestamptz not null,
  ms integer not null check (ms >= 0),
  status integer,                   -- HTTP status; null: there was no answer
  error text,                       -- why it counts as failed
  excerpt text,                     -- how the answer to a failed attempt begins
  primary key (delivery_id, number)
);
