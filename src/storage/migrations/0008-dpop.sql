-- DPoP (RFC 9449): tokens bound to a key that the client holds, and the proofs that were used.

-- One row per proof; the primary key is what lets a proof work once, in all processes. Kept for as long as the proof's time would
-- still be accepted, and a minute more for servers whose clocks differ.
create table dpop_proof (
  id bytea primary key,               -- SHA-256 over the key's thumbprint and the proof's jti
  expires_at timestamptz not null
);
create index dpop_proof_expiry on dpop_proof (expires_at);

-- The key that a public client's refresh tokens are bound to (RFC 9449 section 5): its RFC 7638 thumbprint.
alter table refresh_family add column jkt text;
