-- How often callers have asked, as all processes together know it. Unlogged: after a crash counting begins anew, and nothing else is lost.
create unlogged table request_rate (
  -- MAC of a limit's name and a caller: the table is no list of addresses
  key_hash bytea primary key,
  ends_at timestamptz not null,
  taken bigint not null
) with (fillfactor = 60);
