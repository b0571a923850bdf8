-- Jackpot: partners whose users turn an amount into a voucher of a brand. A voucher is an order with an offer, a reservation of the
-- partner's float and a confirmation; money is in the ledger, and these rows are written in its transactions.

-- A reserved order waits for its confirmation. `revenue` is what stays with the operator, below zero what the operator adds; null:
-- it follows from the discount.
alter table gift_order
  drop constraint gift_order_status_check,
  drop constraint gift_order_check1,
  drop constraint gift_order_kind_check,
  add constraint gift_order_status_check
    check (status in ('requested', 'processing', 'succeeded', 'failed', 'cancelled', 'reserved')) not valid,
  add constraint gift_order_ends check ((status in ('requested', 'processing', 'reserved')) = (ended_at is null)) not valid,
  add constraint gift_order_kind_check check (kind in ('card', 'top-up', 'activation', 'plastic', 'voucher')) not valid,
  add column revenue bigint;

-- What a partner has beyond its credentials.
create table jackpot_account (
  partner_id uuid primary key references partner,
  asset_id integer not null references asset,
  client_secret_hash bytea not null,  -- SHA-256
  allowed_domains text[] not null default '{}', -- origins that may frame the page of a session
  notification_url text,
  confirmation text not null default 'manual' check (confirmation in ('manual', 'automatic')),
  callback_url text,               -- deprecated: told of reservations; its answer confirms nothing
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);

-- On which terms a brand's cards are sold as vouchers. Terms never change: an offer ends, and another one is made.
create table voucher_offer (
  id uuid primary key,
  brand_id uuid not null references brand,
  kind text not null check (kind in ('bonus', 'discount')),
  rate_bp integer not null check (rate_bp between 0 and 10000 and (kind = 'bonus' or rate_bp < 10000)),
  rounding text not null check (rounding in ('minor', 'whole')),
  funder text not null check (funder in ('brand', 'operator')),
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index voucher_offer_brand on voucher_offer (brand_id) where ended_at is null;

-- Initialization tokens that have opened a session: each works once, by its bytes and by the partner's own key.
create table jackpot_token (
  partner_id uuid not null,
  notification_key text not null,
  digest bytea not null unique,    -- SHA-256 of the partner and the decoded header and payload
  at timestamptz not null,
  primary key (partner_id, notification_key)
);

create table jackpot_session (
  id uuid primary key,
  token_hash bytea not null unique, -- SHA-256
  partner_id uuid not null,
  credential_id uuid not null,     -- that it was opened with, and ends with
  asset_id integer not null,
  amount bigint check (amount > 0), -- what may be spent; null: of the partner's own machine, which spends nothing
  notification_key text,
  user_id bytea,                   -- sealed
  manual boolean not null,         -- a reservation waits for the partner's confirmation
  created_at timestamptz not null,
  expires_at timestamptz not null,
  check ((amount is null) = (notification_key is null))
);
create index jackpot_session_expiry on jackpot_session (expires_at);

create table voucher (
  id uuid primary key,             -- of its order
  partner_id uuid not null,
  session_id uuid not null,
  offer_id uuid not null,
  notification_key text not null,
  coupon_id text not null unique check (coupon_id ~ '^[A-Z]{10}$'),
  state text not null check (state in
    ('reserved', 'confirmed', 'ready', 'canceled', 'refunding', 'refunded', 'refund_rejected')),
  automatic boolean not null,      -- nobody is waited for
  hold_id uuid not null,           -- of the partner's float
  operator_hold_id uuid,           -- of what the operator adds
  reserved_at timestamptz not null,
  expires_at timestamptz not null, -- of the reservation
  confirmed_at timestamptz,
  ready_at timestamptz,
  constraint voucher_session unique (session_id),
  check (confirmed_at is not null or state in ('reserved', 'canceled'))
) with (fillfactor = 85);
create index voucher_partner on voucher (partner_id, id desc);
create index voucher_reserved on voucher (expires_at) where state = 'reserved';
create index voucher_refunding on voucher (id) where state = 'refunding';

-- What became of a voucher: each step is taken once, one way or the other.
create table voucher_step (
  voucher_id uuid not null,
  step text not null check (step in ('decision', 'issue', 'refund', 'outcome')),
  what text not null,
  transaction_id uuid not null,
  at timestamptz not null,
  primary key (voucher_id, step),
  check (case step when 'decision' then what in ('confirmed', 'canceled', 'expired')
    when 'issue' then what in ('ready', 'failed')
    when 'refund' then what = 'asked'
    else what in ('refunded', 'rejected') end)
);
