import type { Sql } from '../storage/database.ts'
import { shownNameOf } from '../storage/holders.ts'
import { readCourse } from './balance-course.ts'
import type { StatementLine } from './reads.ts'
import { explicitIdOf } from './transaction-rows.ts'

/** What a search looks for; absent members hold for every line. Amounts in minor units, without their sign. */
export type HistoryFilter = {
  /** part of the description, the counterparty's id or shown name, or the reference; capitals do not matter */
  readonly text?: string
  readonly kind?: string
  readonly direction?: 'in' | 'out'
  /** account id */
  readonly counterparty?: bigint
  readonly least?: bigint
  readonly most?: bigint
  /** the first moment that counts */
  readonly from?: Date
  /** the first moment that does not */
  readonly until?: Date
}

export type HistoryLine = StatementLine & {
  /** who holds the counterparty, as strangers may read it; null if it is no wallet */
  readonly counterpartyName: string | null
}

export type HistoryPage = {
  readonly lines: readonly HistoryLine[]
  /** the entry before which the next page begins; null: there is nothing further back */
  readonly next: bigint | null
  /** set when the search stopped at its bound rather than at a full page: the time of the oldest entry that was looked at */
  readonly searchedTo: Date | null
}

/** How many entries one page looks at: their number bounds its cost, whatever the history's size. */
export const SCAN = 12_000

// JSON may hold what PostgreSQL's text cannot, as an escape (a zero byte, half of a surrogate pair), and taking it out would be
// an error. Our JSON escapes nothing else by \u but control characters, so such a payload is searched as it stands.
const DESCRIPTION = "case when strpos(x.payload, '\\u') = 0 then x.payload::json ->> 'description' else x.payload end"

/**
 * One page of the lines that match, newest first. Entries of an account are numbered without gaps, so a page is a range of the
 * primary key: dates are turned into entry numbers by halves, and at most `scan` entries are looked at.
 */
export async function searchHistory(
  sql: Sql,
  account: bigint,
  {
    before,
    limit,
    filter = {},
    scan = SCAN,
  }: { before?: bigint; limit: number; filter?: HistoryFilter; scan?: number },
): Promise<HistoryPage> {
  const range = await readEntryRange(sql, account, filter)
  const high = before !== undefined && before <= range.last ? before - 1n : range.last
  const floor = high - BigInt(scan) > range.first - 1n ? high - BigInt(scan) : range.first - 1n
  const rows = await sql.query<HistoryLine>(
    `select e.seq, e.amount, e.balance, e.at, x.id as reference, x.kind, x.payload, t.counterparty,
       w.wallet as "counterpartyId", w.name as "counterpartyName"
     from entry e
     cross join lateral (
       select case when source = e.account_id then target else source end as counterparty
       from transfer where transaction_id = e.transaction_id and leg = e.leg limit 1
     ) t
     cross join lateral (select id, kind, payload from transaction where id = e.transaction_id limit 1) x
     left join lateral (
       select ${explicitIdOf('wallet')} as wallet, ${shownNameOf('party')} as name
       from wallet join party on party.id = wallet.party_id where wallet.id = t.counterparty limit 1
     ) w on true
     where e.account_id = $1 and e.seq > $2 and e.seq <= $3
       and ($5::bigint is null or abs(e.amount) >= $5) and ($6::bigint is null or abs(e.amount) <= $6)
       and ($7::integer is null or sign(e.amount) = $7)
       and ($8::text is null or x.kind = $8)
       and ($10::bigint is null or t.counterparty = $10)
       and ($9::text is null or strpos(lower(concat_ws(E'\\n', ${DESCRIPTION}, w.wallet, w.name, x.id)), $9) > 0)
     order by e.seq desc limit $4`,
    [
      account,
      floor,
      high,
      limit + 1,
      filter.least ?? null,
      filter.most ?? null,
      filter.direction ? (filter.direction === 'in' ? 1 : -1) : null,
      filter.kind ?? null,
      filter.text?.toLowerCase() ?? null,
      filter.counterparty ?? null,
    ],
  )
  const lines = rows.slice(0, limit)
  if (rows.length > limit) return { lines, next: lines.at(-1)?.seq ?? null, searchedTo: null }
  if (floor < range.first) return { lines, next: null, searchedTo: null }
  const [oldest] = await sql.query<{ at: Date }>('select at from entry where account_id = $1 and seq = $2', [
    account,
    floor + 1n,
  ])
  return { lines, next: floor + 1n, searchedTo: oldest?.at ?? null }
}

/** The entries between two moments, by number; `last` is `first - 1` when there are none. */
export async function readEntryRange(
  sql: Sql,
  account: bigint,
  { from, until }: { from?: Date; until?: Date },
): Promise<{ first: bigint; last: bigint }> {
  // Times are kept to the millisecond, so the one before a moment is one earlier.
  const before = (moment: Date) => ({ account, at: new Date(moment.getTime() - 1) })
  const probes = [before(from ?? new Date(0)), before(until ?? END_OF_TIME)]
  const [start, end] = await readCourse(sql, probes)
  return { first: (start?.entry ?? 0n) + 1n, last: end?.entry ?? 0n }
}

const END_OF_TIME = new Date('9999-01-01T00:00:00Z')
