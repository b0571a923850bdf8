-- What reports and statements would otherwise add up anew for each look.

-- What was sold and what expired of a brand on a day (UTC), each order and end counted once; `gift_until` says how far. What was
-- taken back of a day's sales changes later, and has an index of its own instead.
create table gift_day (
  brand_id uuid not null,
  day date not null,
  orders bigint not null default 0,
  value bigint not null default 0,
  cost bigint not null default 0,
  expired bigint not null default 0,       -- cards
  expired_value bigint not null default 0,
  primary key (brand_id, day)
) with (fillfactor = 70);

create table gift_until (
  id boolean primary key default true check (id), -- one row
  at timestamptz not null,                        -- -infinity: nothing was counted yet
  checked date                                    -- the last day that was counted a second time
);
insert into gift_until (at) values ('-infinity');

-- Movements of an account from one entry to another, all on one day (UTC): entries never change, and neither does their sum. A heavy
-- account's are written ahead, before anybody asks for its statement.
create table statement_part (
  account_id bigint not null,
  first bigint not null,
  last bigint not null check (last >= first),
  sums jsonb not null,             -- as rows of statement_day, amounts and counts as text
  primary key (account_id, first)
);
