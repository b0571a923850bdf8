import { admin, businesses, consoleOf, everyone, type Group, nameOf, wallet } from './group.ts'

/** Parties, wallets, sign-ins, and what lets programs in. */
export const directory: Group = {
  name: 'parties, wallets, clients',
  fill: {
    party: `insert into party (id, kind, name, created_at)
    select grown_id(n), case when n % 50 = 0 then 'business' else 'person' end,
      case when n <= 40 then 'Rarely ' when n % 3 = 0 then 'Marta ' else 'Grown ' end || n, grown_at(n) from grown n`,
    account: `insert into account (id, changed_at, asset_id, status, entries, upper)
    select grown_account(n), grown_at(n), case when n <= 40 then (select eur from grown_facts) else (select usd from grown_facts) end,
      case when n % 200000 = 7 then 1 else 0 end, 0, null from grown n`,
    wallet: `insert into wallet (id, namespace, number, currency, opaque_id, party_id, parent_id, opened_at, kept, asset_id)
    select a.id, 'grown', n::text, case when n <= 40 then 'EUR' else 'USD' end, 'grown-' || n, grown_owner(n),
      case when n % 100 = 3 then grown_account(1) end, grown_at(n), n % 1000 = 9, a.asset_id
    from grown n join account a on a.id = grown_account(n)`,
    sign_in: `insert into sign_in (email, party_id, password_hash, created_at)
    select 'grown' || n || '@people.example', case when n % 2000 = 0 then grown_owner(n) else grown_id(n) end, '', grown_at(n) from grown n`,
    client: `insert into client (id, party_id, name, secret_hash, redirect_uris, scopes, created_at)
    select 'grown-' || lpad(n::text, 8, '0'), grown_owner(n), case when n % 3 = 0 then 'Till ' else 'Shop ' end || n, 'x', '{}', '{payments}',
      grown_at(n) from grown n`,
    consent: `insert into consent (id, client_id, party_id, scopes, wallet_ids, granted_at, revoked_at)
    select grown_id(n), 'grown-' || lpad((case when n <= 40 then n when n % 2 = 0 then 101 else n end)::text, 8, '0'), grown_id(n),
      '{payments}', array[grown_account(n)], grown_at(n), case when n % 3 = 0 then grown_at(n) end from grown n`,
    api_key: `insert into api_key (id, party_id, name, key_hash, scopes, created_at)
    select grown_id(n), grown_owner(n), 'key ' || n, int8send(n), '{wallets:read}', grown_at(n) from grown n`,
    webhook_endpoint: `insert into webhook_endpoint (id, party_id, url, topics, created_at, disabled_at, disabled_because, deleted_at)
    select grown_id(n), case when n <= 10 then (select small from grown_facts) when n <= 20 then (select big from grown_facts) else grown_id(n) end,
      'https://hooks.example/' || n, '{*}', grown_at(n), now(), 'asked', case when n > 20 and n % 3 = 0 then now() end from grown n`,
    invoice: `insert into invoice (id, issuer, debtor, amount, created_at, status, settlements, settled_by, settled_at)
    select grown_id(n), grown_account(101), case when n % 2 = 0 then grown_account(201) else grown_account(n) end, 100, grown_at(n),
      s.status, s.status, case when s.status > 0 then grown_id(n) end, case when s.status > 0 then grown_at(n) end
    from grown n, lateral (select (n > 40)::int as status) s where n <> 101`,
    transaction_token: `insert into transaction_token (id, endpoint, subject, amount, issued_at, expires_at)
    select grown_id(n), 'payments', grown_account(101), 100, grown_at(n), now() + interval '1 day' from grown n`,
  },
  lists: ({ id, facts: { big, small } }) => [
    consoleOf(
      '/wallets',
      'account',
      `currency=EUR currency=USD circle=default frozen=yes kind=books kind=all id=grown:77:USD owner=${big} owner=${small} owner=Rarely
        owner=Grown owner=grown500001@people.example owner=Grown&currency=EUR&frozen=yes kind=books&currency=EUR kind=books&frozen=yes
        owner=${big}&frozen=yes owner=${big}&currency=EUR frozen=yes&currency=EUR`,
      everyone,
    ),
    consoleOf(
      '/parties',
      'id',
      'q=Rarely q=Grown q=Marta q=nobody kind=business kind=person q=grown77@people.example q=Rarely&kind=business',
    ),
    consoleOf(`/parties/${big}`),
    consoleOf(`/parties/${small}`),
    consoleOf(`/parties/${big}/team`),
    consoleOf('/statements', 'account', `party=${big} party=${small}`, everyone),
    consoleOf(
      '/clients',
      'name',
      `name=Shop name=Till name=Shop+9999 name=nobody party=${big} party=${small} party=${small}&name=Till party=${big}&name=nobody`,
      everyone,
    ),
    consoleOf(`/clients/${nameOf(101)}`, null, '', ['operator', 'big']),
    consoleOf(
      '/grants',
      'id',
      `ended=yes client=${nameOf(101)} client=${nameOf(1)} person=${id(77)} person=grown77@people.example
        client=${nameOf(101)}&person=${id(77)}`,
      everyone,
    ),
    consoleOf('/api-keys', 'id', `party=${big} party=${small}`, everyone),
    consoleOf('/webhooks', 'id', `party=${big} party=${small}`, everyone),
    consoleOf('/keys', null, '', businesses),
    consoleOf('/team', null, '', businesses),
    wallet(''),
    wallet('/invoices', null, 'role=sent role=received'),
    wallet('/handovers', 'id'),
    wallet('/applications'),
    admin('/parties', 'id'),
    admin('/wallets', 'account', `party_id=${big} party_id=${small}`),
    admin('/clients', 'name'),
    admin('/api-keys', 'id'),
    admin('/webhooks', 'id', `party_id=${big} party_id=${small}`),
  ],
}
