-- What a business sees of itself in the console: its calls of the API, and when its keys were used last.

-- One request of a partner or merchant, told long enough to find out why it was refused. Rows are written in batches beside the
-- requests, and are deleted after a month; ids begin with the time, so both ends of the table are ends of its indexes. Never a
-- secret, a code or a body.
create table api_call (
  id uuid primary key,
  at timestamptz not null,
  party_id uuid not null,
  credential_id uuid,              -- a partner's credential or a merchant's key; null: neither was shown
  protocol text not null check (protocol in ('walleo', 'tillo', 'jackpot', 'pledg')),
  method text not null,
  route text not null,             -- the pattern
  request_id text,                 -- the caller's own
  status smallint not null,
  code text,                       -- of the error, as it was answered
  message text,                    -- the error's text, as it was answered
  failed text,                     -- which check failed, where the answer does not say it
  facts jsonb,                     -- with what: seconds, the string that was expected to be signed; nothing secret
  address text,
  micros integer not null
);
create index api_call_party on api_call (party_id, id);
create index api_call_refused on api_call (party_id, id) where status >= 400;
create index api_call_request on api_call (request_id, party_id) where request_id is not null;

-- When a key was shown last, with and without effect. Outlives the calls.
create table credential_use (
  credential_id uuid primary key,
  used_at timestamptz,
  refused_at timestamptz
) with (fillfactor = 70);

-- What a business sold on a day (UTC) that is over, counted when somebody first asked.
create table business_day (
  party_id uuid not null,
  day date not null,
  asset_id integer not null,
  what text not null check (what in ('cards', 'purchases', 'redemptions')),
  count bigint not null,
  amount numeric not null,
  primary key (party_id, day, asset_id, what)
);
-- Days that were counted, also those on which nothing was sold.
create table business_day_counted (
  party_id uuid not null,
  day date not null,
  primary key (party_id, day)
);

-- Movements of an account on a day (UTC) to which nothing can be added any more, summed up when somebody first asked. A day that has
-- movements has rows here or was not summed up yet; what line of a statement they belong to is decided when it is drawn.
create table statement_day (
  account_id bigint not null,
  day date not null,
  kind text not null,              -- of the transactions
  counterparty text not null,
  inward boolean not null,
  amount bigint not null,
  count bigint not null check (count > 0),
  primary key (account_id, day, kind, counterparty, inward)
);
