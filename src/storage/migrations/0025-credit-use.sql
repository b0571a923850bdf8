-- Credit that the operators of a party have given alone on a day (UTC): limits of wallets that were lowered below zero.
create table credit_use (
  party_id uuid not null,
  asset_id integer not null,
  day date not null,
  most bigint not null,
  used bigint not null check (used > 0),
  primary key (party_id, asset_id, day),
  constraint credit_within check (used <= most)
);
