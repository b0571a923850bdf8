-- People who sign in to the pages: their sessions, the links mailed to them, and the mails themselves.

alter table sign_in
  add column language text check (language in ('en', 'fr')),  -- null: as the browser says
  add column email_verified_at timestamptz;

-- One row is one browser that is signed in; ending it deletes it. Every request of a page reads its row.
create table web_session (
  id uuid primary key,                -- names the session in lists; opens nothing
  token_hash bytea not null unique check (length(token_hash) = 32), -- SHA-256 of 256 random bits
  email text not null references sign_in,
  device text not null,               -- e.g. 'Firefox · Linux', as far as the browser told
  address text not null,
  created_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
) with (fillfactor = 80);
create index web_session_email on web_session (email);
create index web_session_expiry on web_session (expires_at);

-- Attempts that are slowed down, counted before their outcome is known. Keyed by a MAC, so that nobody's address stands here.
create table sign_in_throttle (
  key_hash bytea primary key check (length(key_hash) = 32),
  failures integer not null check (failures >= 0),
  at timestamptz not null,
  blocked_until timestamptz not null
) with (fillfactor = 80);
create index sign_in_throttle_age on sign_in_throttle (at);

-- What a mailed link may do, once. Whoever sets used_at has used it.
create table one_time_link (
  token_hash bytea primary key check (length(token_hash) = 32),   -- SHA-256 of 256 random bits
  purpose text not null check (purpose in ('recover-password', 'invitation', 'verify-email')),
  email text not null check (email = lower(email) and length(email) <= 254),
  party_id uuid not null references party,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index one_time_link_email on one_time_link (email, purpose) where used_at is null;
create index one_time_link_expiry on one_time_link (expires_at);

-- Mails, written in the transaction of what they tell of. A worker sends them, at least once.
create table mail_outbox (
  id uuid primary key,
  sealed bytea,                       -- recipient, subject and texts, which hold links; emptied when it was sent or given up
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,             -- later than that nobody could use it
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  failed_at timestamptz,              -- given up
  last_error text
) with (fillfactor = 80);
create index mail_outbox_due on mail_outbox (next_attempt_at) where sent_at is null and failed_at is null;
create index mail_outbox_age on mail_outbox (created_at);
