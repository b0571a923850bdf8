-- When clients were used, and what was done about compromised credentials.

-- When a token was last issued to a client, to the minute: not with every grant, which would write one row again and again.
alter table client add column last_used_at timestamptz;

-- A credential that somebody else may have: what was ended, by whom, when. Kept with what would be forgotten with the rows that
-- were deleted; never a secret.
create table compromise (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('party', 'client', 'grant', 'api-key', 'partner-credential', 'jackpot-account',
    'merchant-key', 'merchant', 'webhook', 'sign-in')),
  target text not null,              -- the credential's or the party's id; of a sign-in its address
  name text not null,
  party_id uuid not null,            -- whose it is
  actor text not null,
  since timestamptz not null,        -- from when on its uses are listed
  principals text[] not null,        -- under which names it acts in the ledger
  ended jsonb not null,              -- how many of what
  sessions jsonb not null default '[]' -- device, address and times of sessions that ended
);
create index compromise_party on compromise (party_id, id desc);
