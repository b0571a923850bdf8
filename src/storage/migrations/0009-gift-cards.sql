-- Gift cards: who buys them (partners), what is sold (brands, stock), and what was sold (orders, cards). Amounts are minor units
-- of the brand's asset. Money is in the ledger; these rows are written in the transaction of the movement that they tell of.

-- A business that calls a partner protocol. Its floats are ordinary wallets of its party, one for each currency.
create table partner (
  id uuid primary key,
  party_id uuid not null references party,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  live boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz
);
create index partner_party on partner (party_id);

create table partner_float (
  partner_id uuid not null references partner,
  asset_id integer not null references asset,
  wallet_id bigint not null unique references wallet,
  primary key (partner_id, asset_id)
);

-- How a partner proves itself. The key finds the row; the secret signs and must be recoverable.
create table partner_credential (
  id uuid primary key,
  partner_id uuid not null references partner,
  protocol text not null check (protocol in ('walleo', 'tillo', 'pledg', 'jackpot')),
  key_hash bytea not null unique,  -- SHA-256 of the API key
  identifier text unique,          -- Walleo's Id
  secret bytea not null,           -- sealed
  addresses text[] not null default '{}', -- CIDR blocks that may use it; empty: any
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);
create index partner_credential_partner on partner_credential (partner_id);

create table brand (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  name text not null check (length(name) between 1 and 200),
  asset_id integer not null references asset,
  countries text[] not null default '{}',
  categories text[] not null default '{}',
  fixed_values bigint[],           -- either these, ascending,
  min_value bigint,                -- or all from here
  max_value bigint,                -- to here
  step_value bigint,               -- by this much
  discount_bp integer not null default 0 check (discount_bp between 0 and 10000), -- hundredths of a percent of the value
  discount_keeper text not null default 'partner' check (discount_keeper in ('partner', 'operator')),
  validity_days integer check (validity_days between 1 and 36500), -- null: cards do not expire
  delivery text[] not null default '{code}' check (delivery <@ '{code,url,email}' and delivery <> '{}'),
  barcode text not null default 'code128',
  supply text not null check (supply in ('own', 'stock', 'upstream')),
  upstream bytea,                  -- sealed: where and with which credentials it is bought
  asynchronous boolean not null default false, -- only sold by orders that are asked for later
  cancellable boolean not null default false,  -- whether an issued card may be handed back
  status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
  status_reason text,
  low_stock integer not null default 0 check (low_stock >= 0), -- tell when fewer than this are left; 0: never
  texts jsonb not null default '{}',           -- what is shown: terms, how to use, logos, and what single protocols need
  settlement_id bigint not null references wallet, -- what is owed to the brand
  revenue_id bigint not null references wallet,    -- discounts that the operator keeps
  breakage_id bigint not null references wallet,   -- what expired unspent
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  check ((fixed_values is null) = (min_value is not null)),
  check ((min_value is null) = (max_value is null) and (min_value is null) = (step_value is null)),
  check (min_value > 0 and min_value <= max_value and step_value > 0),
  check ((supply = 'upstream') = (upstream is not null))
);

-- What a protocol calls the brand.
create table brand_code (
  scheme text not null check (scheme in ('walleo', 'tillo', 'jackpot')),
  code text not null,
  brand_id uuid not null references brand,
  primary key (scheme, code),
  unique (brand_id, scheme)
);

create table stock_import (
  id uuid primary key,
  brand_id uuid not null references brand,
  name text not null,
  added integer not null,
  refused integer not null,
  principal text not null,
  at timestamptz not null default clock_timestamp()
);

-- Codes to sell. Selling adds one to `sold`, and a second sale breaks the check: no lock, no look.
create table stock_code (
  id bigint generated always as identity primary key,
  brand_id uuid not null,
  face bigint not null check (face > 0),
  expires_on date,
  import_id uuid not null,
  order_id uuid,
  sold smallint not null default 0,
  code_hash bytea not null,        -- keyed hash of brand and code: finds duplicates, tells nothing
  code bytea not null,             -- sealed, with its PIN and serial number
  constraint stock_code_twice unique (code_hash),
  constraint stock_code_sold_once check (sold between 0 and 1)
) with (fillfactor = 90);
create index stock_unsold on stock_code (brand_id, face, expires_on nulls last, id) where sold = 0;

-- The wish for a card, from request to card or error.
create table gift_order (
  id uuid primary key,
  partner_id uuid,                 -- null: sold by the operator
  protocol text not null,
  request_id text not null,        -- the caller's
  brand_id uuid not null,
  asset_id integer not null,
  face bigint not null check (face > 0),
  cost bigint not null check (cost >= 0),  -- what the float pays
  discount_bp integer not null,
  delivery text not null,
  details bytea,                   -- sealed: recipient and texts, as asked for
  hold_id uuid,                    -- where the card comes later: what is held of the float until then
  status text not null check (status in ('requested', 'processing', 'succeeded', 'failed', 'cancelled')),
  error text,                      -- why it failed
  float_after bigint,              -- of the float, when the order was paid
  transaction_id uuid not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((status = 'failed') = (error is not null)),
  check ((status in ('requested', 'processing')) = (ended_at is null))
) with (fillfactor = 85);
create index gift_order_partner on gift_order (partner_id, id desc);
create index gift_order_brand on gift_order (brand_id, id desc);
create index gift_order_open on gift_order (status, created_at) where status in ('requested', 'processing');

-- What happened to an order; each thing once.
create table order_event (
  order_id uuid not null,
  what text not null check (what in ('processing', 'end', 'cancelled', 'delivered')),
  at timestamptz not null,
  detail text,
  primary key (order_id, what)
);

-- Every request of a partner that changed something: its id is used once, whatever it was for.
create table partner_request (
  partner_id uuid not null,
  scope text not null,             -- protocols that share ids share a scope
  request_id text not null,
  operation text not null,
  content text not null,           -- what a repeat must have in common with it
  order_id uuid,
  card_id uuid,
  float_after bigint,
  transaction_id uuid not null,
  at timestamptz not null,
  primary key (partner_id, scope, request_id)
);

create table card (
  id uuid primary key,
  order_id uuid,
  brand_id uuid not null,
  asset_id integer not null,
  face bigint not null check (face > 0),
  account_id bigint unique,        -- of a card that Billfold issues: its balance is in the ledger
  code_hash bytea not null unique, -- keyed
  code bytea not null,             -- sealed: code, PIN, serial number, address of the vendor's page
  tail text not null,              -- the last characters of the code, for masks
  link_hash bytea not null unique, -- SHA-256 of the secret in the card page's address
  link bytea not null,             -- sealed, to show it again
  wallet_party_id uuid,            -- the person who keeps it
  status text not null default 'active' check (status in ('active', 'blocked', 'ended')),
  issued_at timestamptz not null,
  expires_at timestamptz
) with (fillfactor = 85);
create index card_order on card (order_id);
create index card_expiry on card (expires_at) where status <> 'ended' and account_id is not null;
create index card_holder on card (wallet_party_id, id) where wallet_party_id is not null;

-- How a card ended, once: cancelled and reversed cards were refunded, expired ones went to breakage, cashed-out ones back.
create table card_end (
  card_id uuid primary key,
  how text not null check (how in ('cancelled', 'reversed', 'expired', 'cashed-out')),
  amount bigint not null check (amount >= 0),
  transaction_id uuid not null,
  at timestamptz not null
);

-- Who looked at a code or PIN, and what else is worth knowing about a card.
create table card_event (
  id uuid primary key,
  card_id uuid not null,
  what text not null,
  principal text not null,
  detail text,
  at timestamptz not null default clock_timestamp()
);
create index card_event_card on card_event (card_id, id);

-- How much may be bought in a period: by a partner, of a brand, for a card or a recipient.
create table velocity_rule (
  id uuid primary key,
  partner_id uuid references partner,
  brand_id uuid references brand,
  subject text not null check (subject in ('partner', 'card', 'recipient')),
  period_seconds integer not null check (period_seconds between 1 and 31622400),
  max_count bigint check (max_count > 0),
  max_amount bigint check (max_amount > 0),
  asset_id integer references asset,
  created_at timestamptz not null default clock_timestamp(),
  check (max_count is not null or max_amount is not null),
  check ((max_amount is null) = (asset_id is null))
);

-- What was used of a rule in one period; more than the rule's maximum breaks a check.
create table velocity_use (
  rule_id uuid not null,
  subject text not null,           -- whose use it is
  period bigint not null,          -- number of the period since 1970
  count bigint not null,
  amount bigint not null,
  max_count bigint,
  max_amount bigint,
  primary key (rule_id, subject, period),
  constraint velocity_count check (count <= max_count),
  constraint velocity_amount check (amount <= max_amount)
);

-- What a partner asks to be credited; an operator approves it.
create table float_request (
  id uuid primary key,
  partner_id uuid not null references partner,
  asset_id integer not null references asset,
  reference text not null,
  amount bigint not null check (amount > 0),
  approved bigint check (approved > 0),
  status text not null default 'pending' check (status in ('pending', 'approved', 'approved_edited', 'removed', 'cancelled')),
  details jsonb not null default '{}',
  transaction_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  unique (partner_id, reference),
  check ((status in ('approved', 'approved_edited')) = (transaction_id is not null))
);
create index float_request_partner on float_request (partner_id, id desc);
