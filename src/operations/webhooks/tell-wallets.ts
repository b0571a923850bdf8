import { wants } from '../../domain/event-types.ts'
import { formatAmount } from '../../domain/money.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { ACCOUNT_STATUS } from '../../ledger/lines.ts'
import type { Database, Sql } from '../../storage/database.ts'
import { deliveryValues, queueDeliveries } from '../../storage/deliveries.ts'
import {
  type BehindCursor,
  lockBehindCursors,
  moveCursors,
  type NewChange,
  type NewEntry,
  readChangesAfter,
  readEntriesAfter,
} from '../../storage/webhook-cursors.ts'

const CURSORS = 50
const OF_EACH = 200

type Fact = { type: string; object: string; sequence: bigint | number; at: Date; data: object }

/**
 * Makes deliveries of what wallets did since their endpoints were last told: the ledger's entries, which are numbered without gaps
 * under the account's lock, are the events. A payment does nothing for it. Cursor and deliveries move in one transaction, so each
 * entry is told once, whichever process does it and wherever one is killed.
 * @returns how many accounts were looked at
 */
export function tellWallets(deps: { db: Database; clock: () => number }): Promise<number> {
  return deps.db.transaction(async (sql) => {
    const cursors = await lockBehindCursors(sql, CURSORS)
    if (cursors.length === 0) return 0
    const entries = groups(await readEntriesAfter(sql, cursors, OF_EACH), cursors.length)
    const changes = groups(await readChangesAfter(sql, cursors, OF_EACH), cursors.length)
    await queue(sql, deps.clock(), cursors, (cursor, place) => [
      ...(changes[place] ?? []).map((change) => changeFact(cursor, change)),
      ...(entries[place] ?? []).map((entry) => entryFact(cursor, entry)),
    ])
    await moveCursors(
      sql,
      cursors.map((cursor, place) => ({
        ...cursor,
        entries: entries[place]?.at(-1)?.seq ?? cursor.entries,
        version: changes[place]?.at(-1)?.version ?? cursor.version,
      })),
    )
    return cursors.length
  })
}

async function queue(
  sql: Sql,
  now: number,
  cursors: readonly BehindCursor[],
  factsOf: (cursor: BehindCursor, place: number) => Fact[],
): Promise<void> {
  const rows = cursors.flatMap((cursor, place) =>
    factsOf(cursor, place)
      .filter(({ type }) => wants(cursor.topics, type))
      .map(({ type, object, sequence, at, data }) =>
        deliveryValues(
          {
            id: uuidV7(now),
            form: 'webhook',
            receiver: cursor.endpoint_id,
            url: null,
            object,
            topic: type,
            body: JSON.stringify({
              type,
              timestamp: at.toISOString(),
              data: { object, sequence: Number(sequence), ...data },
            }),
          },
          at.getTime(),
        ),
      ),
  )
  await queueDeliveries(sql, rows)
}

function entryFact(cursor: BehindCursor, entry: NewEntry): Fact {
  const { wallet, currency, circle, exponent } = cursor
  const { amount, counterparty } = entry
  return {
    type: amount > 0n ? 'wallet.credited' : 'wallet.debited',
    object: `wallet:${wallet}`,
    sequence: entry.seq,
    at: entry.at,
    data: {
      wallet,
      kind: entry.kind,
      reference: entry.transaction_id,
      amount: formatAmount(amount < 0n ? -amount : amount, exponent),
      balance: formatAmount(entry.balance, exponent),
      currency,
      circle,
      counterparty,
      description: descriptionOf(entry.payload),
    },
  }
}

/** What is said about an account is numbered by itself: its object is not that of the money. */
function changeFact(cursor: BehindCursor, change: NewChange): Fact {
  const { wallet, currency, circle, exponent } = cursor
  const limit = (minor: bigint | null) => (minor === null ? null : formatAmount(minor, exponent))
  return {
    type: change.version === 1 ? 'wallet.opened' : 'wallet.changed',
    object: `terms:${wallet}`,
    sequence: change.version,
    at: change.at,
    data: {
      wallet,
      reference: change.transaction_id,
      status: STATUSES[change.status] as string,
      lower: limit(change.lower),
      upper: limit(change.upper),
      currency,
      circle,
    },
  }
}

const STATUSES = Object.keys(ACCOUNT_STATUS)

function descriptionOf(payload: string): string | null {
  const { description } = JSON.parse(payload) as { description?: unknown }
  return typeof description === 'string' ? description : null
}

/** Rows by their place among what was asked for. */
function groups<Row extends { n: bigint }>(rows: readonly Row[], count: number): Row[][] {
  const grouped: Row[][] = Array.from({ length: count }, () => [])
  for (const row of rows) grouped[Number(row.n) - 1]?.push(row)
  return grouped
}
