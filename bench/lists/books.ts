import { admin, consoleOf, type Group, midst, wallet } from './group.ts'

/** A million movements of one wallet, holds on it, and money that operators moved by hand. */
export const books: Group = {
  name: 'entries and fundings',
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
    funding: `insert into funding (id, direction, source, target, amount, reason, asked_by, asked_party, created_at, expires_at, status, decisions,
      decided_by, decided_party, decided_in, decided_at)
    select grown_id(n), 'in', grown_account(101), grown_account(201), 100, 'a reason', 'a@people.example', grown_id(1), grown_at(n),
      now() + interval '1 day', s.made, s.made, case s.made when 1 then 'b@people.example' end, case s.made when 1 then grown_id(2) end,
      case s.made when 1 then grown_id(n) end, case s.made when 1 then grown_at(n) end
    from grown n, lateral (select (n > 40)::int as made) s`,
    hold: `insert into hold (id, source, target, amount, expires_at, opened_by, asset_id)
    select grown_id(n), grown_account(101), grown_account(201), 1, now() + interval '5 days', grown_id(n), f.usd from grown n, grown_facts f`,
    transaction: `insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
    select grown_id(n), 0, grown_at(n), grown_id(n), 0, case when n <= 40 then 'fundings' else 'payments' end, 'client:grown',
      '{"description":"coffee and cake"}' from grown n`,
    transfer: `insert into transfer (transaction_id, amount, source, target, asset_id, leg)
    select grown_id(n), 125, case when n % 2 = 1 then grown_account(101) else grown_account(201) end,
      case when n % 2 = 1 then grown_account(201) else grown_account(101) end, f.usd, 0 from grown n, grown_facts f`,
    entry: `insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
    select grown_account(101), n, case when n % 2 = 1 then -125 else 125 end, case when n % 2 = 1 then -125 else 0 end, grown_at(n), grown_id(n), 0
    from grown n`,
  },
  lists: () => [
    consoleOf('', null, '', ['operator', 'big']),
    consoleOf('/wallets/grown:101:USD', null, '', ['operator', 'big']),
    consoleOf(
      '/wallets/grown:101:USD/statement',
      'number',
      `kind=fundings direction=in least=2 q=coffee q=nowhere from=${midst()} until=${midst()}&kind=fundings least=2&direction=in`,
      ['operator', 'big'],
    ),
    consoleOf('/funding', 'id', 'waiting=yes'),
    wallet('/grown:101:USD', 'number', 'kind=fundings q=coffee q=nowhere direction=in least=2'),
    admin('/wallets/grown:101:USD/statement', 'number'),
  ],
}
