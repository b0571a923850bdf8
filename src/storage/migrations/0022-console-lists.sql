-- Credentials of partners that end at a moment.

-- A credential that is being replaced works beside its successor until then.
alter table partner_credential add column ends_at timestamptz;
