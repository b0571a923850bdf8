-- What Tillo has beyond cards that are sold one by one: value on a card that is there, cards of plastic, promotions, and money
-- that is asked to be put into a float.

-- What an order is for: a card of its own, value on the card `card_id`, a plastic card that is given its value, or one that is to
-- be sent and is given its value by whoever sends it. A card that is topped up holds no more than the brand's greatest value.
alter table gift_order
  add column kind text not null default 'card' check (kind in ('card', 'top-up', 'activation', 'plastic')),
  add column card_id uuid,
  add column card_balance bigint,  -- of the card, after the top-up
  add column card_most bigint,
  add constraint gift_order_loads_card check ((kind = 'top-up') = (card_id is not null)) not valid,
  add constraint gift_order_card_within check (card_balance <= card_most) not valid;

-- A card that was made without value, to be printed. It is worth something once a row of `card` has its code.
create table plastic_card (
  id uuid primary key,
  brand_id uuid not null references brand,
  code_hash bytea not null unique, -- as in card
  code bytea not null,             -- sealed: code and PIN
  principal text not null,         -- who had it made
  created_at timestamptz not null default clock_timestamp()
);
create index plastic_card_brand on plastic_card (brand_id, id);

-- A greater discount for a while.
create table promotion (
  brand_id uuid not null references brand,
  code text not null check (code ~ '^[A-Z0-9]{7}$'),
  name text not null check (length(name) between 1 and 200),
  description text,
  discount_bp integer not null check (discount_bp between 0 and 10000),
  starts_at timestamptz not null,
  ends_at timestamptz,             -- null: until it is ended
  priority integer,                -- of several the lowest number counts; null: after all others
  restrictions text,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (brand_id, code),
  check (ends_at > starts_at)
);

-- What became of a request for money, once.
create table float_decision (
  request_id uuid primary key,
  status text not null check (status in ('approved', 'approved_edited', 'removed')),
  principal text not null,
  transaction_id uuid not null,
  at timestamptz not null
);
