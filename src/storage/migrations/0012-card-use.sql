-- What happens with a card after it was sold. Amounts are minor units of the card's asset; `balance` is the card's after the
-- movement. Money is in the ledger; the rows of movements are written in their transaction and bear its id.

-- Who takes a brand's cards, beside the business whose settlement account it is.
create table brand_merchant (
  brand_id uuid not null references brand,
  party_id uuid not null references party,
  since timestamptz not null default clock_timestamp(),
  primary key (brand_id, party_id)
);
create index brand_merchant_party on brand_merchant (party_id);

-- What is reserved of a card for a merchant; how it ended is the ledger's row of the same id.
create table card_hold (
  id uuid primary key,
  card_id uuid not null,
  wallet_id bigint not null,       -- the merchant's
  party_id uuid not null,
  amount bigint not null check (amount > 0),
  note text,
  principal text not null,
  transaction_id uuid not null,
  at timestamptz not null,
  valid_until timestamptz,         -- the card's expiry
  expires_at timestamptz not null, -- the hold's
  constraint card_hold_unexpired check (at < valid_until),
  constraint card_hold_expires_later check (at < expires_at)
);
create index card_hold_card on card_hold (card_id);

-- What was spent of a card. What is given back onto it is added up here: more than was spent breaks the check.
create table card_redemption (
  id uuid primary key,
  card_id uuid not null,
  wallet_id bigint not null,
  party_id uuid not null,
  amount bigint not null check (amount > 0),
  refunded bigint not null default 0,
  hold_id uuid unique,             -- that was captured
  balance bigint not null check (balance >= 0),
  note text,
  principal text not null,
  at timestamptz not null,
  valid_until timestamptz,         -- the card's expiry; null for a captured hold, which was opened in time
  constraint card_redemption_unexpired check (at < valid_until),
  constraint card_refund_within_redemption check (refunded between 0 and amount)
) with (fillfactor = 85);
create index card_redemption_party on card_redemption (party_id, id desc);
create index card_redemption_card on card_redemption (card_id, id desc);

create table card_refund (
  id uuid primary key,
  redemption_id uuid not null,
  amount bigint not null check (amount > 0),
  balance bigint not null,
  principal text not null,
  at timestamptz not null,
  valid_until timestamptz,
  constraint card_refund_unexpired check (at < valid_until)
);
create index card_refund_redemption on card_refund (redemption_id, id);

-- What a merchant put onto a card. A card holds no more than the brand's greatest value.
create table card_top_up (
  id uuid primary key,
  card_id uuid not null,
  wallet_id bigint not null,
  party_id uuid not null,
  amount bigint not null check (amount > 0),
  balance bigint not null,
  max_balance bigint not null,
  principal text not null,
  at timestamptz not null,
  valid_until timestamptz,
  constraint card_top_up_unexpired check (at < valid_until),
  constraint card_top_up_within check (balance <= max_balance)
);
create index card_top_up_card on card_top_up (card_id, id desc);

-- Where the card's page is. Version 0 is the link that the card was issued with; claiming and giving make the next one, and only
-- the last one opens the page.
alter table card add column link_version integer not null default 0;
create table card_link (
  card_id uuid not null,
  version integer not null check (version > 0),
  link_hash bytea not null unique, -- SHA-256 of the secret in the address
  link bytea not null,             -- sealed, to show it again
  principal text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (card_id, version)
);
