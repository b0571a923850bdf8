import { createKeyring } from '../../src/credentials/keyring.ts'
import { sealDetails } from '../../src/operations/purchases/purchase-details.ts'
import { BENCH_KEY } from '../orders.ts'
import { admin, consoleOf, everyone, type Group, midst } from './group.ts'

/** What was bought at checkouts, told to others, asked for and done. */
export const logs: Group = {
  name: 'purchases, deliveries and logs',
  fill: {
    // The shops' own.
    account: `insert into account (id, changed_at, asset_id, status, entries, upper)
    select grown_account(n), grown_at(n), f.usd, 0, 0, null from unnest(array[2, 101]::bigint[]) n, grown_facts f`,
    wallet: `insert into wallet (id, namespace, number, currency, opaque_id, party_id, opened_at, asset_id)
    select grown_account(n), 'grown', n::text, 'USD', 'grown-' || n, case when n = 2 then f.small else f.big end, grown_at(n), f.usd
    from unnest(array[2, 101]::bigint[]) n, grown_facts f`,
    purchase: `insert into purchase (id, uid, merchant_id, reference, via, amount, asset_id, title, details, link_hash, created_at, expires_at, state,
      decisions, decided_by, decided_at, party_id, wallet_id, plan, kind, terms, settlements, settled_by, settled_at, captured)
    select grown_id(n), 'pur_' || grown_id(n), case when n <= 40 then f.small_merchant else f.merchant end, 'reference-' || n, 'link', 2500,
      f.usd, 'Shoes', '', int8send(n), grown_at(n), grown_at(n) + interval '2 hours', s.state, 1, grown_id(n), grown_at(n),
      s.party, s.wallet, s.plan, s.plan, s.terms, s.paid::int, case when s.paid then grown_id(n) end, case when s.paid then grown_at(n) end,
      case when s.paid then 2500 end
    from grown n, grown_facts f, lateral (
      select true as paid, 'completed' as state, grown_owner(n) as party, grown_account(101) as wallet, 'now' as plan, '{}'::jsonb as terms
      where n % 20 <> 7 and n > 20
      union all select false, case when n <= 20 then 'expired' else 'cancelled' end, null, null, null, null where n % 20 = 7 or n <= 20) s`,
    delivery: `insert into delivery (id, form, receiver, object, topic, body, status, attempts, next_attempt_at, created_at, ended_at)
    select grown_id(n), 'webhook', case when n <= 40 then (select small_merchant from grown_facts) when n % 10 = 0 then grown_id(n % 5000) else (select merchant from grown_facts) end,
      case when n % 2 = 0 then 'wallet:big' else 'order:' || n end, 'order.succeeded', '{}',
      case when n % 1000 = 3 or n <= 20 then 'failed' else 'delivered' end, 1, grown_at(n), grown_at(n), grown_at(n) from grown n`,
    delivery_attempt: `insert into delivery_attempt (delivery_id, number, at, ms, status)
    select grown_id(n), 1, grown_at(n), 20, 200 from grown n`,
    console_act: `insert into console_act (id, at, email, party_id, role, address, act, object, outcome)
    select grown_id(n), grown_at(n), case when n <= 40 then 'rare@people.example' else 'often@people.example' end, grown_owner(n), 'owner',
      '127.0.0.1', case when n <= 40 then 'rare.act' else 'wallet.freeze' end, '/wallets/1', 'done' from grown n`,
    api_call: `insert into api_call (id, at, party_id, protocol, method, route, request_id, status, code, address, micros)
    select grown_id(n), grown_at(n), grown_owner(n), case when n <= 40 then 'tillo' else 'walleo' end, 'POST', '/api/purchase',
      'request-' || n, case when n % 200 = 3 then 422 else 200 end, null, '127.0.0.1', 900 from grown n`,
    compromise: `insert into compromise (id, at, kind, target, name, party_id, actor, since, principals, ended)
    select grown_id(n), grown_at(n), 'client', 'grown-00000101', 'Shop', grown_owner(n), 'operator:x', now() - interval '30 days',
      '{client:nobody}', '{}' from grown n`,
    audit_run: `insert into audit_run (id, principal, started_at, seen_at, ended_at, status, counts)
    select grown_id(n), 'operator:x', grown_at(n), grown_at(n), grown_at(n), 'clean', '{}' from grown n`,
    alert: `insert into alert (id, kind, object, raised_at, mailed, cleared_at)
    select grown_id(n), 'float-low', 'x:' || n, grown_at(n), true, grown_at(n) from grown n`,
  },
  async seal(sql, rows) {
    const keyring = createKeyring([Buffer.from(BENCH_KEY, 'hex')])
    const shown = await sql.query<{ id: string }>(
      'select grown_id(n) as id from unnest($1::bigint[]) as s (start), generate_series(start, start + 120) n',
      [[1, rows / 2 - 60, rows - 120]],
    )
    const sealed = shown.map(({ id }) => sealDetails(keyring, id, { firstName: 'Ana', language: 'en' }))
    await sql.query(
      'update purchase p set details = u.details from unnest($1::uuid[], $2::bytea[]) as u (id, details) where p.id = u.id',
      [shown.map(({ id }) => id), sealed.map((bytes) => `\\x${bytes.toString('hex')}`)],
    )
  },
  lists: ({ id, rows, facts }) => [
    consoleOf('', null, '', everyone),
    consoleOf(
      '/purchases',
      'id',
      `reference=reference-77 state=completed state=cancelled state=expired state=authorized merchant=${facts.small_merchant}
        merchant=${facts.merchant} merchant=${facts.merchant}&state=expired person=${facts.big} person=${facts.small}
        person=${facts.big}&state=expired person=${facts.small}&merchant=${facts.merchant} from=${midst()} until=${midst()}
        from=${midst()}&state=expired`,
      everyone,
    ),
    consoleOf(`/merchants/${facts.merchant}`, null, '', ['operator', 'big']),
    consoleOf(
      '/deliveries',
      'number',
      `status=failed status=delivered status=waiting object=wallet:big object=order:77 receiver=${facts.small_merchant} receiver=${facts.merchant}
        receiver=${facts.merchant}&status=failed receiver=${facts.small_merchant}&object=wallet:big object=wallet:big&status=failed
        receiver=${facts.merchant}&status=waiting`,
      everyone,
    ),
    consoleOf(
      '/acts',
      'id',
      `email=rare@people.example email=often@people.example email=nobody@people.example act=rare.act act=wallet act=nothing
        email=often@people.example&act=rare.act`,
      everyone,
    ),
    consoleOf(
      '/calls',
      'id',
      `protocol=tillo status=refused status=422 status=500 route=purchase route=nowhere request=request-77 from=${midst()}
        until=${midst()}&protocol=tillo business=${facts.small} business=Small status=refused&protocol=tillo`,
      everyone,
    ),
    consoleOf('/compromise', 'id', '', everyone),
    consoleOf(`/compromise/${id(rows)}`),
    consoleOf('/books', 'id'),
    consoleOf('/alerts'),
    admin(`/merchants/mer_${facts.merchant}/purchases`, 'id'),
    admin(`/merchants/mer_${facts.small_merchant}/purchases`, 'id'),
    admin(
      '/deliveries',
      'number',
      `receiver=${facts.small_merchant} status=failed status=waiting receiver=${facts.merchant}&status=waiting`,
    ),
  ],
}
