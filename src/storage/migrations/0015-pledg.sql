-- Who sells by the Pledg protocol, and what is bought there. Amounts are minor units of the merchant's asset, wallets are account
-- ids. Money is in the ledger: the rows of acceptances, payments and credits are written in the transaction that moves it. "Once"
-- and "never above" are checks on a row that a conditional write adds to, as in migration 0005.

-- Merchants of one business, one for each currency.
create table company (
  id uuid primary key,
  uid text not null unique check (uid ~ '^cmp_[0-9a-f-]{36}$'),
  party_id uuid not null references party,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default clock_timestamp()
);
create index company_party on company (party_id);

create table merchant (
  id uuid primary key,
  uid text not null unique check (uid ~ '^mer_[0-9a-f-]{36}$'),
  party_id uuid not null references party,
  company_id uuid references company,
  name text not null check (length(name) between 1 and 200),
  wallet_id bigint not null references wallet,     -- is paid, and pays credits
  financing_id bigint references wallet,           -- pays for what is paid later; null: no such plans
  fees_id bigint references wallet,                -- gets the fees of plans; null: no plan has any
  secret bytea,                                    -- sealed: signs requests and notifications; null: none
  requires_signature boolean not null default true,
  manual_capture boolean not null default false,   -- accepted purchases are held until they are captured
  link_seconds integer not null default 86400 check (link_seconds between 60 and 31622400),
  payment_notification_url text,                   -- where a purchase names none
  error_notification_url text,
  redirect_hosts text[] not null default '{}',     -- where requests without a signature may lead people
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  check (wallet_id <> financing_id and wallet_id <> fees_id and financing_id <> fees_id)
);
create index merchant_party on merchant (party_id);
create index merchant_company on merchant (company_id);

-- What a merchant offers, by its own names.
create table merchant_plan (
  merchant_id uuid not null references merchant,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  kind text not null check (kind in ('now', 'deferred', 'instalments')),
  parts smallint check (parts between 2 and 48),
  days smallint check (days between 1 and 366),
  fee_bp smallint not null default 0 check (fee_bp between 0 and 10000),
  min_amount bigint not null default 1 check (min_amount > 0),
  max_amount bigint check (max_amount >= min_amount),
  primary key (merchant_id, name),
  check ((kind = 'instalments') = (parts is not null)),
  check ((kind = 'deferred') = (days is not null)),
  check (kind <> 'now' or fee_bp = 0)
);

-- Keys for access tokens: of one merchant, or of all merchants of a company.
create table merchant_key (
  id uuid primary key,
  merchant_id uuid references merchant,
  company_id uuid references company,
  key text not null unique,
  secret_hash bytea not null,      -- SHA-256 of 256 random bits
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  check (num_nonnulls(merchant_id, company_id) = 1)
);

create table purchase (
  id uuid primary key,
  uid text not null unique check (uid ~ '^pur_[0-9a-f-]{36}$'),
  merchant_id uuid not null,
  reference text not null check (length(reference) between 1 and 200),
  via text not null check (via in ('link', 'front', 'transfer')),
  amount bigint not null check (amount > 0),       -- as asked for
  asset_id integer not null,
  title text not null,
  second_date date,                                -- of the second instalment
  details bytea not null,                          -- sealed: who is asked, texts, addresses to return and report to
  link_hash bytea not null unique,                 -- SHA-256 of the secret in the checkout page's address
  created_at timestamptz not null,                 -- moments of a purchase are of the due clock, those of its transactions the ledger's
  expires_at timestamptz not null,
  state text not null default 'created' check (state in ('created', 'authorized', 'completed', 'cancelled', 'expired', 'voided')),
  decisions smallint not null default 0,           -- accepted, cancelled or expired
  decided_by uuid,                                 -- the transaction
  decided_at timestamptz,
  request_key text,                                -- of who accepted it
  party_id uuid,
  wallet_id bigint,
  plan text,                                       -- name and terms as they were accepted
  kind text check (kind in ('now', 'deferred', 'instalments')),
  terms jsonb,
  settlements smallint not null default 0,         -- paid out or voided
  settled_by uuid,
  settled_at timestamptz,
  captured bigint,                                 -- what the merchant was paid
  authorized_until timestamptz,
  credited bigint not null default 0 check (credited >= 0),
  constraint purchase_decided_once check (decisions <= 1),
  constraint purchase_settled_once check (settlements <= 1),
  constraint purchase_in_time check (state in ('created', 'cancelled', 'expired') or decided_at < expires_at),
  constraint purchase_credit_within check (credited <= coalesce(captured, 0)),
  constraint purchase_capture_within check (captured between 1 and amount),
  -- Checks are tried in the order of their names: these after the ones above, which say who came second.
  constraint row_decided check ((decisions = 0) = (state = 'created') and (decisions = 0) = (decided_by is null)
    and (decisions = 0) = (decided_at is null)),
  constraint row_settled check ((settlements = 0) = (state not in ('completed', 'voided'))
    and (settlements = 0) = (settled_by is null) and (settlements = 0) = (settled_at is null)),
  constraint row_paid check ((state = 'completed') = (captured is not null)),
  constraint row_accepted check ((state in ('authorized', 'completed', 'voided')) = (wallet_id is not null)
    and num_nulls(party_id, wallet_id, plan, kind, terms) in (0, 5)),
  constraint row_authorized check (state <> 'authorized' or authorized_until is not null)
) with (fillfactor = 80);
create index purchase_by_merchant on purchase (merchant_id, id desc);
create index purchase_by_reference on purchase (merchant_id, reference);
create index purchase_by_party on purchase (party_id, id desc) where party_id is not null;
create index purchase_open on purchase (expires_at) where state = 'created';
create index purchase_authorized on purchase (authorized_until) where state = 'authorized';

-- A reference that was successfully used: never again.
create table purchase_reference (
  merchant_id uuid not null,
  reference text not null,
  purchase_id uuid not null unique,
  constraint purchase_reference_once primary key (merchant_id, reference)
);

-- What an authorized purchase has held; the ledger's rows of the same ids tell how they ended.
create table purchase_hold (
  id uuid primary key,
  purchase_id uuid not null,
  source bigint not null,
  target bigint not null,
  amount bigint not null check (amount > 0),
  role text not null check (role in ('amount', 'first-part', 'first-fee')),
  unique (purchase_id, role)
);

-- The schedule. What is paid and what credits cancel together never exceed the part: so a part is collected once.
create table purchase_part (
  id uuid primary key,
  purchase_id uuid not null,
  number smallint not null check (number > 0),
  amount bigint not null check (amount > 0),
  fee bigint not null check (fee >= 0),            -- paid with what is left of the part; falls away with the whole of it
  due_on date not null,
  paid bigint not null default 0 check (paid >= 0),
  fee_paid bigint not null default 0 check (fee_paid in (0, fee)),
  reduced bigint not null default 0 check (reduced >= 0),
  state text not null check (state in ('scheduled', 'late', 'paid', 'cancelled', 'failed')),
  attempts smallint not null default 0,            -- that failed
  next_attempt_at timestamptz,
  paid_by uuid,                                    -- transaction
  request_key text,                                -- of a person who paid it early
  constraint purchase_part_twice unique (purchase_id, number),
  constraint part_within check (paid + reduced <= amount),
  check ((paid > 0) = (paid_by is not null)),
  check (paid > 0 or fee_paid = 0),
  check ((state = 'paid') = (paid > 0 and paid + reduced = amount)),
  check ((state = 'cancelled') = (reduced = amount)),
  check ((paid > 0) <= (paid + reduced = amount)), -- a part is paid whole
  check ((state in ('scheduled', 'late')) = (next_attempt_at is not null))
) with (fillfactor = 80);
create index purchase_part_due on purchase_part (next_attempt_at, id) where state in ('scheduled', 'late');

create table purchase_credit (
  id uuid primary key,                             -- its transaction
  purchase_id uuid not null,
  amount bigint not null check (amount > 0),
  to_financing bigint not null check (to_financing >= 0),
  to_wallet bigint not null check (to_wallet >= 0),
  request_key text,
  at timestamptz not null,                         -- of the due clock
  check (amount = to_financing + to_wallet),
  constraint purchase_credit_key unique (purchase_id, request_key)
);

-- How far the sandbox's due clock is ahead of the real one.
create table due_clock (
  id boolean primary key default true check (id),  -- one row
  ahead_ms bigint not null check (ahead_ms >= 0)
);
