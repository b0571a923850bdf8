import type { Sql } from './database.ts'
import { firstId } from './order-listings.ts'

export const CALL_PROTOCOLS = ['walleo', 'tillo', 'jackpot', 'pledg'] as const
export type CallProtocol = (typeof CALL_PROTOCOLS)[number]

/** Which check a request failed, where its answer does not say it; see migration 0020. */
export type CallFacts = Readonly<Record<string, string | number>>

export type ApiCallRow = {
  /** begins with the time */
  readonly id: string
  readonly at: Date
  readonly party_id: string
  readonly credential_id: string | null
  readonly protocol: CallProtocol
  readonly method: string
  /** the pattern */
  readonly route: string
  readonly request_id: string | null
  readonly status: number
  readonly code: string | null
  readonly message: string | null
  readonly failed: string | null
  readonly facts: CallFacts | null
  readonly address: string | null
  readonly micros: number
}

/** All or none; rows that are there already, of an insert whose outcome was not learnt, stay as they are. */
export async function insertApiCalls(sql: Sql, rows: readonly ApiCallRow[]): Promise<void> {
  const column = <Value>(read: (row: ApiCallRow) => Value) => rows.map(read)
  await sql.query(
    `insert into api_call (id, at, party_id, credential_id, protocol, method, route, request_id, status, code, message, failed, facts,
       address, micros)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
       $9::smallint[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::text[], $15::integer[])
     on conflict (id) do nothing`,
    [
      column(({ id }) => id),
      column(({ at }) => at),
      column(({ party_id }) => party_id),
      column(({ credential_id }) => credential_id),
      column(({ protocol }) => protocol),
      column(({ method }) => method),
      column(({ route }) => route),
      column(({ request_id }) => request_id),
      column(({ status }) => status),
      column(({ code }) => code),
      column(({ message }) => message),
      column(({ failed }) => failed),
      column(({ facts }) => facts && JSON.stringify(facts)),
      column(({ address }) => address),
      column(({ micros }) => micros),
    ],
  )
}

/** When a key was shown last: to good effect, and in vain. Moments only rise. */
export type CredentialUse = { credential_id: string; used_at: Date | null; refused_at: Date | null }

/** Each credential once. */
export async function putCredentialUses(sql: Sql, uses: readonly CredentialUse[]): Promise<void> {
  // In one order, so that servers that write of the same keys at once wait for each other and never in a ring.
  const rows = [...uses].sort((a, b) => (a.credential_id < b.credential_id ? -1 : 1))
  await sql.query(
    `insert into credential_use as u (credential_id, used_at, refused_at)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
     on conflict (credential_id) do update set used_at = greatest(u.used_at, excluded.used_at),
       refused_at = greatest(u.refused_at, excluded.refused_at)`,
    [
      rows.map(({ credential_id }) => credential_id),
      rows.map(({ used_at }) => used_at),
      rows.map(({ refused_at }) => refused_at),
    ],
  )
}

export async function readCredentialUses(sql: Sql, ids: readonly string[]): Promise<Map<string, CredentialUse>> {
  const rows = await sql.query<CredentialUse>(
    'select credential_id, used_at, refused_at from credential_use where credential_id = any($1::uuid[])',
    [ids],
  )
  return new Map(rows.map((row) => [row.credential_id, row]))
}

export type CallFilter = {
  /** of one business */
  readonly partyId?: string | undefined
  readonly protocol?: CallProtocol | undefined
  /** a status, or only those that were refused */
  readonly status?: number | 'refused' | undefined
  /** part of the pattern */
  readonly route?: string | undefined
  readonly requestId?: string | undefined
  readonly from?: Date | undefined
  /** the first moment that does not count */
  readonly until?: Date | undefined
}

/** How many calls one page looks at: their number bounds its cost, whatever the table's size. */
export const CALL_SCAN = 20_000

export type CallPage = {
  readonly rows: readonly ApiCallRow[]
  /** set when the search stopped at its bound rather than at a full page: the id that it goes on after, and its time */
  readonly stopped: { readonly after: string; readonly at: Date } | null
}

const COLUMNS = `id, at, party_id, credential_id, protocol, method, route, request_id, status, code, message, failed, facts, address,
  micros`

/**
 * Newest first. What an index finds (business, period, request id, refusals of a business) narrows what is looked at; the rest of
 * the search is a filter over the newest so many of that.
 * @param page.before the id that the page before ended with
 */
export async function listApiCalls(
  sql: Sql,
  filter: CallFilter,
  { before, limit, scan = CALL_SCAN }: { before?: string | undefined; limit: number; scan?: number },
): Promise<CallPage> {
  const values: unknown[] = []
  const put = (value: unknown) => `$${values.push(value)}`
  const narrow: string[] = []
  const sift: string[] = []
  const when = <Value>(to: string[], value: Value | undefined, condition: (parameter: string) => string) => {
    if (value !== undefined) to.push(condition(put(value)))
  }
  when(narrow, filter.partyId, (it) => `party_id = ${it}::uuid`)
  when(narrow, filter.requestId, (it) => `request_id = ${it}`)
  when(narrow, filter.from && firstId(filter.from), (it) => `id >= ${it}::uuid`)
  when(narrow, filter.until && firstId(filter.until), (it) => `id < ${it}::uuid`)
  when(narrow, before, (it) => `id < ${it}::uuid`)
  if (filter.status === 'refused') narrow.push('status >= 400')
  else when(sift, filter.status, (it) => `status = ${it}::smallint`)
  when(sift, filter.protocol, (it) => `protocol = ${it}`)
  when(sift, filter.route, (it) => `strpos(route, ${it}) > 0`)
  const where = (conditions: string[]) => (conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`)
  const plain = sift.length === 0
  const looked = `select ${COLUMNS} from api_call ${where(narrow)} order by id desc limit ${put(plain ? limit : scan)}`
  if (plain) return { rows: await sql.query<ApiCallRow>(looked, values), stopped: null }
  const found = await sql.query<ApiCallRow & { seen: bigint; last: string; lastAt: Date }>(
    `with looked as materialized (${looked}),
     bound as (select count(*) as seen, (array_agg(id order by id))[1] as last, min(at) as "lastAt" from looked),
     found as (select * from looked ${where(sift)} order by id desc limit ${put(limit)})
     select found.*, bound.* from bound left join found on true order by found.id desc`,
    values,
  )
  const rows = found.filter(({ id }) => id !== null)
  const [bound] = found
  const stopped = bound !== undefined && rows.length < limit && Number(bound.seen) >= scan
  return { rows, stopped: stopped ? { after: bound.last, at: bound.lastAt } : null }
}

/** Names by id. */
export async function nameBusinesses(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.query<{ id: string; name: string }>('select id, name from party where id = any($1::uuid[])', [
    ids,
  ])
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** @param partyId of one business; undefined: any */
export async function findApiCall(
  sql: Sql,
  id: string,
  partyId: string | undefined,
): Promise<(ApiCallRow & { party: string }) | undefined> {
  const rows = await sql.query<ApiCallRow & { party: string }>(
    `select c.*, p.name as party from api_call c join party p on p.id = c.party_id
     where c.id = $1 and ($2::uuid is null or c.party_id = $2)`,
    [id, partyId ?? null],
  )
  return rows[0]
}

/** What was refused most since a moment, among the newest thousand refusals of a business. */
export async function sumRefusals(
  sql: Sql,
  partyId: string,
  since: Date,
): Promise<
  { protocol: CallProtocol; code: string | null; failed: string | null; message: string | null; calls: number }[]
> {
  return sql.query(
    `select protocol, code, failed, max(message) as message, count(*)::int as calls from (
       select protocol, code, failed, message from api_call where party_id = $1 and status >= 400 and id >= $2::uuid
       order by id desc limit 1000
     ) as c group by protocol, code, failed order by calls desc, protocol, code limit 8`,
    [partyId, firstId(since)],
  )
}

/** Forgets calls from before a moment. @returns how many */
export async function deleteApiCalls(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from api_call where id in (select id from api_call where id < $1::uuid order by id limit $2) returning 1`,
    [firstId(before), limit],
  )
  return rows.length
}
