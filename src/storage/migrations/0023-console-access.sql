-- What the console searches clients, consents, keys, purchases and deliveries by, and what was done about compromised credentials.

create index client_name on client (lower(name) text_pattern_ops, id);
create index client_of_party on client (party_id, id);
create index consent_of_client on consent (client_id, id desc);
create index consent_of_party on consent (party_id, id desc);
create index api_key_of_party on api_key (party_id, id);
create index merchant_name on merchant (lower(name) text_pattern_ops, id);
create index merchant_of_party on merchant (party_id, id);
create index merchant_key_merchant on merchant_key (merchant_id) where merchant_id is not null;
create index merchant_key_company on merchant_key (company_id) where company_id is not null;
create index webhook_endpoint_of_party on webhook_endpoint (party_id, id);
create index purchase_of_reference on purchase (reference, id desc);
create index purchase_in_state on purchase (state, id desc);
create index purchase_of_merchant_in_state on purchase (merchant_id, state, id desc);
-- A delivery that went well is in no index of this kind.
create index delivery_failed_newest on delivery (sequence desc) where status = 'failed';
create index delivery_failed_of_receiver on delivery (receiver, sequence desc) where status = 'failed';

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
