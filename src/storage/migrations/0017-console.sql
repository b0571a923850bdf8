-- The console: what a person of a business may do there, and what was done.

-- Of the party's team. Operators of the installation (sign_in.operator) may do everything.
alter table sign_in
  add column role text not null default 'owner' check (role in ('owner', 'member', 'viewer'));

-- Every act in the console, written before it is tried; `outcome` follows.
create table console_act (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  email text not null,
  party_id uuid not null,
  role text not null,
  address text not null,
  act text not null,               -- e.g. 'partner.rotate-credential'
  object text not null,            -- the path that it was done to
  detail jsonb not null default '{}', -- never a secret
  outcome text check (outcome in ('done', 'refused', 'failed'))
) with (fillfactor = 85);
create index console_act_party on console_act (party_id, id desc);
