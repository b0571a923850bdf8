import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from '../../storage/database.ts'
import { type EntryRange, type MovementSum, sumMovements } from '../../storage/statement-lines.ts'
import {
  dayRange,
  type HeavyAccount,
  listHeavyAccounts,
  putPart,
  type StatementPart,
} from '../../storage/statement-parts.ts'

/** Fewer entries are summed up when somebody looks: in some 20 ms. Each read of a page that was not read before may cost the log that page. */
const WORTH_IT = 10_000
/** Summed up at once: hundredths of a second, which payments have to share a processor with. */
const AT_ONCE = 4_000
/** How many times as long as it took it waits before the next ones: a tenth of one connection's time is enough for what payments book. */
const REST = 9
const ACCOUNTS = 100
/** A look at all accounts that took long is not taken often: a hundredth of one connection's time goes into it. */
const SHARE = 100

/**
 * Sums up what heavy accounts have booked, so that the first look at a statement costs no more than a later one. Most of the
 * time it waits: nobody waits for it.
 * @returns called again and again; how many parts it wrote
 */
export function createSumAhead(sql: Sql, rest = REST): (signal?: AbortSignal) => Promise<number> {
  let notBefore = 0
  return async (signal) => {
    if (performance.now() < notBefore) return 0
    const began = performance.now()
    const accounts = await listHeavyAccounts(sql, WORTH_IT, ACCOUNTS)
    const ended = performance.now()
    notBefore = accounts.length === ACCOUNTS ? 0 : ended + SHARE * (ended - began)
    let parts = 0
    for (const account of accounts) parts += await sumAccount(sql, account, rest, signal)
    return parts
  }
}

async function sumAccount(
  sql: Sql,
  { id, entries, through }: HeavyAccount,
  rest: number,
  signal?: AbortSignal,
): Promise<number> {
  let parts = 0
  for (let first = through + 1n; first <= entries && !signal?.aborted; parts++) {
    const began = performance.now()
    const most = first + BigInt(AT_ONCE) - 1n
    const last = await dayRange(sql, id, { first, last: most < entries ? most : entries })
    if (last === undefined) return parts
    if (last === entries && last - first + 1n < BigInt(WORTH_IT)) return parts
    await putPart(sql, id, { first, last, sums: await sumMovements(sql, id, { first, last }) })
    first = last + 1n
    await delay(Math.min(1_000, rest * (performance.now() - began)), undefined, { signal }).catch(() => {})
  }
  return parts
}

/** Sums a range of entries, with the help of those parts of it that were summed up before. @param parts in their order */
export async function sumWithParts(
  sql: Sql,
  account: bigint,
  { first, last }: EntryRange,
  parts: readonly StatementPart[],
): Promise<MovementSum[]> {
  const found: MovementSum[] = []
  let next = first
  for (const part of parts) {
    if (part.first < next || part.last > last) continue
    if (part.first > next) found.push(...(await sumMovements(sql, account, { first: next, last: part.first - 1n })))
    found.push(...part.sums)
    next = part.last + 1n
  }
  if (next <= last) found.push(...(await sumMovements(sql, account, { first: next, last })))
  return merged(found)
}

function merged(sums: readonly MovementSum[]): MovementSum[] {
  const alike = Map.groupBy(sums, ({ kind, counterparty, inward }) => `${kind} ${counterparty} ${inward}`)
  return [...alike.values()].map((group) => ({
    ...(group[0] as MovementSum),
    amount: group.reduce((sum, { amount }) => sum + amount, 0n),
    count: group.reduce((sum, { count }) => sum + count, 0n),
  }))
}
