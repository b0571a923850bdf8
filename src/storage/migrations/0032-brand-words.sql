-- one by one
-- Brands are searched by the beginnings of their words.
create index concurrently if not exists brand_words on brand
  using gin (to_tsvector('simple', translate(name || ' ' || slug, '-_./@:+&''"', '          ')));
