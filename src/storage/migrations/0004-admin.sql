-- The first answer to an operator's (principal, key), written in the transaction of its effect. Swept by age.
create table admin_idempotency (
  principal text not null,
  key text not null check (octet_length(key) between 1 and 200),
  request_hash bytea not null check (length(request_hash) = 32),
  status smallint,              -- HTTP status; null only inside the transaction that claimed the key
  answer bytea,                 -- sealed: an answer may hold a secret that is shown once
  at timestamptz not null default clock_timestamp(),
  primary key (principal, key),
  check ((status is null) = (answer is null))
);
create index admin_idempotency_age on admin_idempotency (at);
