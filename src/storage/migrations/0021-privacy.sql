-- People's data: who was erased, and how the books vouch for texts that were taken out of them. What operators are alerted of, and
-- which mails a person wants.

-- One row is one person who was erased, or is being erased. Once it is done, nothing here tells who it was.
create table erasure (
  id uuid primary key,
  party_id uuid not null,
  whole boolean not null,          -- the party with all that it has; false: one sign-in of a business
  pseudonym text not null unique check (pseudonym ~ '^erased-[0-9a-f]{16}$'),
  principal text not null,
  begun_at timestamptz not null,
  done_at timestamptz,
  identifiers bytea,               -- sealed: what has to be looked for, until it is done
  counts jsonb not null default '{}',
  check ((done_at is null) = (identifiers is not null))
);
create unique index erasure_party on erasure (party_id) where whole;
create index erasure_open on erasure (party_id) where done_at is null;
create index erasure_done on erasure (done_at) where done_at is not null;

-- A transaction whose texts were changed by an erasure. Its digest is that of the texts as they stand; the first one, which the
-- journal chains, is sealed with the journal's key, because a digest of a phone number tells the number to whoever tries them all.
create table redaction (
  transaction_id uuid primary key,
  digest bytea not null,           -- sealed: the first digest
  redacted_by uuid not null        -- the transaction of the erasure, whose payload has the digest that stands now
);
create index redaction_by on redaction (redacted_by);

-- A link that was mailed to whoever asks to be erased.
alter table one_time_link drop constraint one_time_link_purpose_check,
  add constraint one_time_link_purpose_check
    check (purpose in ('recover-password', 'invitation', 'verify-email', 'erase-account'));

-- Mails that a person wants beside those about the safety of the sign-in, which always go out. 'alerts' is for operators, who get
-- them unless they said otherwise; null: nothing was said.
alter table sign_in add column wanted_mails text[] check (wanted_mails <@ '{money,invoices,alerts}'::text[]);

-- How far somebody was told by mail: of the money that came into a wallet, and of invoices.
create table mail_cursor (
  email text not null references sign_in on delete cascade,
  account_id bigint not null,
  entries bigint not null,
  invoices_until timestamptz not null,
  primary key (email, account_id)
) with (fillfactor = 70);

-- Below which amount an operator wants to hear of a float; minor units.
create table float_alert (
  wallet_id bigint primary key references wallet,
  below bigint not null check (below > 0)
);

-- Background jobs whose last run failed, in whichever server; a run that succeeds deletes the row.
create table job_failure (
  job text primary key,
  failures integer not null check (failures > 0),
  since timestamptz not null,
  last_at timestamptz not null,
  error text not null
) with (fillfactor = 70);

-- A condition that operators were alerted of, until it clears.
create table alert (
  id uuid primary key,
  kind text not null check (kind in
    ('float-low', 'job-failing', 'deliveries-failing', 'mail-failing', 'stock-low', 'audit-findings', 'journal-mismatch')),
  object text not null,
  detail jsonb not null default '{}',
  raised_at timestamptz not null,
  mailed boolean not null default false,
  cleared_at timestamptz
);
create unique index alert_open on alert (kind, object) where cleared_at is null;
create index alert_cleared on alert (cleared_at desc) where cleared_at is not null;

-- What a purchase says of a person goes when its time is over.
alter table purchase add column details_blanked boolean not null default false;

-- How far sealed recipients of orders were destroyed by age: ids begin with the time, so their own index is enough.
create table retention_cursor (
  what text primary key,
  upto uuid not null
);
