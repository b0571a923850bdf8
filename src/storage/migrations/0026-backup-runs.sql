-- Backups that came to their end: the console says when the last one was. Which file it went to is no business of the database's.
create table backup_run (
  id uuid primary key,
  -- the moment whose state it holds
  taken_at timestamptz not null,
  ended_at timestamptz not null,
  -- what its rows take uncompressed, and what the file takes
  bytes bigint not null check (bytes >= 0),
  file_bytes bigint not null check (file_bytes >= 0),
  rows bigint not null check (rows >= 0),
  -- it was read again from the file, and was whole
  verified boolean not null
);
