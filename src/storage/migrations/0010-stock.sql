-- What an operator is told about stock: what became of each upload, and which values run low.

-- An upload is worked off in batches. One that was cut off goes on when it is sent again under its key: each batch is claimed by
-- its first line, and tells by its hash whether it is the same.
alter table stock_import
  add column key text,
  add column status text not null default 'done' check (status in ('running', 'done')),
  add column content_hash bytea,      -- SHA-256 of the whole upload; null while it runs
  add column lines integer not null default 0,
  add column in_file integer not null default 0,   -- refused because the same code stood above
  add column in_stock integer not null default 0,  -- refused because the code was there before
  add column malformed integer not null default 0,
  add column ended_at timestamptz;

create table stock_import_batch (
  import_id uuid not null,
  first_line integer not null,
  hash bytea not null,
  lines integer not null,
  added integer not null,
  in_file integer not null,
  in_stock integer not null,
  malformed integer not null,
  primary key (import_id, first_line)
);

-- The lines of an upload that were refused. Nothing of a code stands here but its mask.
create table stock_import_refusal (
  import_id uuid not null,
  line integer not null,
  reason text not null check (reason in ('in-file', 'in-stock', 'malformed')),
  detail text,
  mask text,
  primary key (import_id, line)
);

-- The values of a brand that ever had codes, and whether what is left of them is below the brand's `low_stock`.
create table stock_value (
  brand_id uuid not null,
  face bigint not null,
  low boolean not null default false,
  primary key (brand_id, face)
);

-- Written once each time that a value falls below; to be sent to whoever wants to know.
create table stock_notice (
  id bigint generated always as identity primary key,
  brand_id uuid not null,
  face bigint not null,
  remaining integer not null,
  low_stock integer not null,
  at timestamptz not null default clock_timestamp()
);
create index stock_notice_brand on stock_notice (brand_id, id desc);
