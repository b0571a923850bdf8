-- What the wallet API promises about money: invoices, refunds, refills, transaction tokens. Rows are written as effects of a
-- command of the ledger, whose transaction says the same in its digested payload; `audit` holds the two against each other.
-- "Once" and "never above" are checks on a row that a conditional write adds to. PostgreSQL tries the checks of a row in the
-- order of their names, so a name also says which of two reasons is given. Amounts are minor units, wallets are account ids.

create table invoice (
  id uuid primary key,             -- the public reference: the transaction that wrote it
  issuer bigint not null,
  debtor bigint not null,
  amount bigint not null check (amount > 0),
  created_at timestamptz not null, -- the transaction's
  expires_at timestamptz,          -- null: never
  status smallint not null default 0 check (status between 0 and 3), -- open, paid, declined, cancelled
  settlements smallint not null default 0,
  settled_by uuid,                 -- the transaction that paid, declined or cancelled it
  settled_at timestamptz,
  check ((status = 0) = (settled_by is null) and (status = 0) = (settled_at is null) and (status = 0) = (settlements = 0)),
  constraint invoice_expires_later check (expires_at > created_at),
  constraint invoice_settled_once check (settlements <= 1),
  constraint invoice_two_wallets check (issuer <> debtor),
  constraint invoice_unexpired check (settled_at < expires_at)
);
create index invoice_debtor on invoice (debtor, status, id);
create index invoice_issuer on invoice (issuer, status, id);

-- One refund of one payment or charge.
create table refund (
  transaction_id uuid primary key,
  original_id uuid not null check (original_id <> transaction_id)
);
create index refund_original on refund (original_id);

create table refund_total (
  original_id uuid primary key,
  amount bigint not null,          -- of the original
  refunded bigint not null check (refunded > 0),
  constraint refund_within_original check (refunded <= amount)
);

-- What a child wallet may draw from its parent. Versions are added, the last one counts; one without amounts ends the policy. It is
-- the consent of one parent's owner: for a wallet that got another parent meanwhile it says nothing.
create table refill_policy (
  wallet_id bigint not null references wallet,
  version integer not null check (version > 0),
  transaction_id uuid not null unique,
  parent_id bigint,                -- null: the wallet had none
  per_refill bigint check (per_refill > 0),
  per_period bigint check (per_period > 0),
  period integer check (period between 60 and 31622400), -- seconds; periods are counted from 1970-01-01T00:00:00Z
  primary key (wallet_id, version),
  check (num_nulls(per_refill, per_period, period) in (0, 3))
);

create table refill (
  transaction_id uuid primary key,
  wallet_id bigint not null,
  parent_id bigint,
  version integer,                 -- of the policy
  period integer,
  starts_at timestamptz,           -- of the period
  per_refill bigint,
  amount bigint not null,
  constraint refill_from_parent check (parent_id is not null),
  constraint refill_has_policy check (num_nulls(version, period, starts_at, per_refill) = 0),
  constraint refill_within_cap check (amount <= per_refill)
);
create index refill_wallet on refill (wallet_id, period, starts_at);

create table refill_use (
  wallet_id bigint not null,
  period integer not null,
  starts_at timestamptz not null,
  per_period bigint not null,      -- as the policy said when it was last used
  used bigint not null check (used > 0),
  primary key (wallet_id, period, starts_at),
  constraint refill_within_period check (used <= per_period)
);

create table transaction_token (
  id uuid primary key,             -- its jti: the transaction that issued it
  endpoint text not null check (endpoint in ('charges', 'payments')),
  subject bigint not null,         -- the wallet whose owner consents: a charge's source, a payment's target
  audience bigint,                 -- the wallet whose side may use it; null: anyone
  counterparty bigint,             -- a charge's target, a payment's source; null: the presenter's
  amount bigint not null check (amount > 0),
  issued_at timestamptz not null,  -- the transaction's
  active_at timestamptz,           -- null: at once
  expires_at timestamptz not null,
  status smallint not null default 0 check (status between 0 and 2), -- open, used, revoked
  ends smallint not null default 0,
  ended_by uuid,                   -- the transaction that used or revoked it
  ended_at timestamptz,
  check ((status = 0) = (ended_by is null) and (status = 0) = (ended_at is null) and (status = 0) = (ends = 0)),
  constraint token_active check (status <> 1 or ended_at >= active_at),
  constraint token_expires_later check (expires_at > issued_at and expires_at > active_at),
  constraint token_used_once check (ends <= 1),
  constraint token_unexpired check (ended_at < expires_at)
);
create index transaction_token_subject on transaction_token (subject, id);
