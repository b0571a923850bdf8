import type { Sql } from './database.ts'
import { decimals, eventBody } from './events.ts'

const explicitId = (wallet: string) => `${wallet}.namespace || ':' || ${wallet}.number || ':' || ${wallet}.currency`

/** From now on the endpoint hears of its party's wallets; whatever they did until this moment is not told. */
export async function openCursors(sql: Sql, endpointId: string): Promise<void> {
  await sql.query(
    `insert into webhook_cursor (endpoint_id, account_id, entries, version)
     select e.id, a.id, a.entries, a.version
     from webhook_endpoint e join wallet w on w.party_id = e.party_id join account a on a.id = w.id
     where e.id = $1 order by a.id on conflict do nothing`,
    [endpointId],
  )
}

/** From now on it hears nothing of wallets. */
export async function closeCursors(sql: Sql, endpointId: string): Promise<void> {
  await sql.query('delete from webhook_cursor where endpoint_id = $1', [endpointId])
}

const LISTENING = `e.deleted_at is null and e.disabled_at is null
  and e.topics && '{*,wallet.*,wallet.opened,wallet.credited,wallet.debited,wallet.changed}'`

/**
 * Wallets that were opened since their party's endpoints began to listen, from their first entry on. An endpoint that listens has a
 * row for each wallet that was there when it began, written in the same transaction; so one without a row is new.
 */
export async function openNewCursors(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `insert into webhook_cursor (endpoint_id, account_id, entries, version)
     select e.id, w.id, 0, 0 from webhook_endpoint e join wallet w on w.party_id = e.party_id
     where ${LISTENING} and not exists (
       select from webhook_cursor c where c.endpoint_id = e.id and c.account_id = w.id)
     order by e.id, w.id limit $1 on conflict do nothing returning 1`,
    [atMost],
  )
  return rows.length
}

const member = (name: string, value: string) => `,"${name}":' || coalesce(to_json(${value})::text, 'null') || '`
const ASSET_MEMBERS = member('currency', 'b.currency') + member('circle', 'b.circle')

// JSON text that PostgreSQL would not read: a text with a null character or half a surrogate. It is told without its description.
const DESCRIPTION = `case when strpos(t.payload, '\\u0000') = 0 and strpos(lower(t.payload), '\\ud') = 0
  then t.payload::json ->> 'description' end`

const ENTRY_DATA = `'{"wallet":' || to_json(b.wallet) || '${member('kind', 't.kind')}${member('reference', 't.id')}${member(
  'amount',
  decimals('abs(n.amount)', 'b.exponent'),
)}${member('balance', decimals('n.balance', 'b.exponent'))}${ASSET_MEMBERS}${member(
  'counterparty',
  explicitId('o'),
)}${member('description', DESCRIPTION)}}'`

const CHANGE_DATA = `'{"wallet":' || to_json(b.wallet) || '${member('reference', 't.id')}${member(
  'status',
  `(array['open', 'frozen', 'closed'])[n.status + 1]`,
)}${member('lower', decimals('n.lower', 'b.exponent'))}${member('upper', decimals('n.upper', 'b.exponent'))}${ASSET_MEMBERS}}'`

// One statement, whose work is the database's: the server's thread has payments to answer. Cursors are locked and move with what is
// written. Entries are numbered without gaps under their account's lock, so those that a snapshot shows are all up to some number.
const TELL = `
with behind as materialized (
  select c.endpoint_id, c.account_id, c.entries, c.version, e.topics, s.code as currency, s.circle, s.exponent,
    ${explicitId('w')} as wallet
  from webhook_cursor c join account a on a.id = c.account_id join webhook_endpoint e on e.id = c.endpoint_id
  join wallet w on w.id = a.id join asset s on s.id = a.asset_id
  where (a.entries > c.entries or a.version > c.version) and ${LISTENING}
  order by c.account_id, c.endpoint_id limit $1 for update of c skip locked
), facts as materialized (
  select b.endpoint_id, b.account_id, b.topics, 0 as part, n.version::bigint as sequence, t.at, 'terms:' || b.wallet as object,
    case n.version when 1 then 'wallet.opened' else 'wallet.changed' end as type, ${CHANGE_DATA} as data
  from behind b cross join lateral (
    select * from account_change where account_id = b.account_id and version > b.version order by version limit $2
  ) as n join transaction t on t.id = n.transaction_id
  union all
  select b.endpoint_id, b.account_id, b.topics, 1, n.seq, n.at, 'wallet:' || b.wallet,
    case when n.amount > 0 then 'wallet.credited' else 'wallet.debited' end, ${ENTRY_DATA}
  from behind b cross join lateral (
    select * from entry where account_id = b.account_id and seq > b.entries order by seq limit $2
  ) as n join transaction t on t.id = n.transaction_id
  join transfer x on x.transaction_id = n.transaction_id and x.leg = n.leg
  left join wallet o on o.id = case when x.source = b.account_id then x.target else x.source end
), queued as (
  insert into delivery (id, form, receiver, object, topic, body, created_at, next_attempt_at)
  select gen_random_uuid(), 'webhook', endpoint_id, object, type, ${eventBody('type', 'at', 'object', 'sequence', 'data')}, at,
    least(at, clock_timestamp())
  from facts where topics && array[type, 'wallet.*', '*'] order by account_id, endpoint_id, part, sequence
), reached as (
  select endpoint_id, account_id, max(sequence) filter (where part = 1) as entries, max(sequence) filter (where part = 0) as version
  from facts group by endpoint_id, account_id
), moved as (
  update webhook_cursor c set entries = coalesce(r.entries, c.entries), version = coalesce(r.version::int, c.version)
  from reached r where r.endpoint_id = c.endpoint_id and r.account_id = c.account_id
)
select count(*)::int as told from facts`

/**
 * Makes deliveries of what wallets did since their endpoints were last told, and moves the cursors. Cursors that another process has in
 * hand are left to it.
 * @param cursors at most so many at once @param ofEach at most so many entries of each
 * @returns how many entries and changes were looked at
 */
export async function tellBehindCursors(sql: Sql, cursors: number, ofEach: number): Promise<number> {
  return (await sql.query<{ told: number }>(TELL, [cursors, ofEach]))[0]?.told ?? 0
}
