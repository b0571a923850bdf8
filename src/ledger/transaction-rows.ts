import type { Asset } from '../domain/asset.ts'
import type { Sql } from '../storage/database.ts'
import type { RowReader, Snapshot } from '../storage/snapshot.ts'

/** Amounts in minor units; times in ms since the epoch, with a fraction only if somebody changed the row. */
export type TransactionRow = {
  id: string
  kind: string
  principal: string
  payload: string
  /** 32 hex digits */
  digest: string
  at: number
  stream: number
  seq: bigint
}

type Child = { readonly by: string }
export type TransferRow = Child & {
  leg: number
  source: bigint
  target: bigint
  amount: bigint
  assetId: number
  /** explicit ids of the accounts' wallets; read when asked for */
  sourceName?: string | null
  targetName?: string | null
}
export type OpenedHoldRow = Child & {
  id: string
  source: bigint
  target: bigint
  amount: bigint
  assetId: number
  expiresAt: number
}
export type EndedHoldRow = Child & { id: string; status: number; captured: bigint; assetId: number }
export type AccountChangeRow = Child & {
  id: bigint
  version: number
  assetId: number
  lower: bigint | null
  upper: bigint | null
  status: number
  /** null: there is no such asset */
  asset: Omit<Asset, 'id'> | null
}

/** A transaction with all that it did, each part in the order in which the ledger took its digest. */
export type TransactionRecord = TransactionRow & {
  readonly transfers: readonly TransferRow[]
  readonly opened: readonly OpenedHoldRow[]
  readonly ended: readonly EndedHoldRow[]
  readonly changes: readonly AccountChangeRow[]
}

/** ms since the epoch as text: exact to the microsecond, and an infinite time is no error. */
export const millisecondsOf = (column: string) => `(extract(epoch from ${column}) * 1000)::text`

/** The explicit id of a wallet that was joined under that name; null if there is none. */
export function explicitIdOf(wallet: string): string {
  return `${wallet}.namespace || ':' || ${wallet}.number || ':' || ${wallet}.currency`
}

const TRANSACTIONS = `select id, kind, principal, payload, replace(digest::text, '-', '') as digest, ${millisecondsOf('at')} as at,
  stream, seq from transaction order by id`
const TRANSFERS = `select transaction_id as by, leg, source, target, amount, asset_id as "assetId"
  from transfer order by transaction_id, leg`
const NAMED_TRANSFERS = `select x.transaction_id as by, x.leg, x.source, x.target, x.amount, x.asset_id as "assetId",
    ${explicitIdOf('s')} as "sourceName", ${explicitIdOf('t')} as "targetName"
  from transfer x left join wallet s on s.id = x.source left join wallet t on t.id = x.target order by x.transaction_id, x.leg`
const OPENED = `select opened_by as by, id, source, target, amount, asset_id as "assetId", ${millisecondsOf('expires_at')} as "expiresAt"
  from hold order by opened_by, id`
const ENDED = `select closed_by as by, id, status, captured, asset_id as "assetId" from hold where closed_by is not null order by closed_by, id`
const CHANGES = `select c.transaction_id as by, c.account_id as id, c.version, c.asset_id as "assetId", c.lower, c.upper, c.status,
    case when s.id is not null then json_build_object('code', s.code, 'circle', s.circle, 'exponent', s.exponent) end as asset
  from account_change c left join asset s on s.id = c.asset_id order by c.transaction_id, c.account_id, c.version`

/** A part whose transaction does not exist. */
export type Orphan =
  | { readonly table: 'transfer'; readonly row: TransferRow }
  | { readonly table: 'hold'; readonly row: OpenedHoldRow | EndedHoldRow }
  | { readonly table: 'account_change'; readonly row: AccountChangeRow }

/**
 * All transactions in the order of their ids, which is nearly that of time. Five ordered reads are merged, so that memory does
 * not grow with the ledger.
 */
export async function* readTransactions(
  snapshot: Snapshot,
  { onOrphan = () => {}, names = false }: { onOrphan?: (orphan: Orphan) => void; names?: boolean } = {},
): AsyncGenerator<TransactionRecord> {
  const transactions = await snapshot.read<Omit<TransactionRow, 'at'> & { at: string }>(TRANSACTIONS)
  const transfers = await snapshot.read<TransferRow>(names ? NAMED_TRANSFERS : TRANSFERS)
  const opened = await snapshot.read<Omit<OpenedHoldRow, 'expiresAt'> & { expiresAt: string }>(OPENED)
  const ended = await snapshot.read<EndedHoldRow>(ENDED)
  const changes = await snapshot.read<AccountChangeRow>(CHANGES)

  const orphans = {
    transfer: (row: TransferRow) => onOrphan({ table: 'transfer', row }),
    hold: (row: OpenedHoldRow | EndedHoldRow) => onOrphan({ table: 'hold', row }),
    change: (row: AccountChangeRow) => onOrphan({ table: 'account_change', row }),
  }
  const expiring = (row: { expiresAt: string } & Omit<OpenedHoldRow, 'expiresAt'>): OpenedHoldRow => ({
    ...row,
    expiresAt: Number(row.expiresAt),
  })
  const itself = <Row>(row: Row) => row
  /** Sorts after every id. */
  const end = 'g'
  for (;;) {
    const row = transactions.current
    const id = row?.id ?? end
    const record = {
      transfers: (await take(transfers, id, itself, orphans.transfer)) ?? [],
      opened: (await take(opened, id, expiring, orphans.hold)) ?? [],
      ended: (await take(ended, id, itself, orphans.hold)) ?? [],
      changes: (await take(changes, id, itself, orphans.change)) ?? [],
    }
    if (!row) return
    yield { ...row, at: Number(row.at), ...record }
    const fetching = transactions.next()
    if (fetching) await fetching
  }
}

/** Reads up to the rows of one transaction and hands them over; those that come before it belong to none. */
function take<Row extends Child, Result extends Child>(
  reader: RowReader<Row>,
  id: string,
  map: (row: Row) => Result,
  orphan: (row: Result) => void,
): Result[] | undefined | Promise<Result[] | undefined> {
  // Nothing for this transaction: the usual case costs no promise.
  if (!reader.current || reader.current.by > id) return undefined
  return takeRows(reader, id, map, orphan)
}

async function takeRows<Row extends Child, Result extends Child>(
  reader: RowReader<Row>,
  id: string,
  map: (row: Row) => Result,
  orphan: (row: Result) => void,
): Promise<Result[]> {
  const rows: Result[] = []
  while (reader.current && reader.current.by <= id) {
    const row = map(reader.current)
    if (row.by === id) rows.push(row)
    else orphan(row)
    const fetching = reader.next()
    if (fetching) await fetching
  }
  return rows
}

/** The same for some transactions, all at once. Holds have no index by transaction: their table is read once. */
export async function findTransactions(sql: Sql, ids: readonly string[]): Promise<TransactionRecord[]> {
  const those = (text: string, column: string) => {
    const [head = '', order = ''] = text.split(/\s*order by /)
    const where = head.includes(' where ') ? `${head} and` : `${head} where`
    return sql.query(`${where} ${column} = any($1::uuid[]) order by ${order}`, [ids])
  }
  const transactions = (await those(TRANSACTIONS, 'id')) as (Omit<TransactionRow, 'at'> & { at: string })[]
  const transfers = (await those(TRANSFERS, 'transaction_id')) as TransferRow[]
  const opened = (await those(OPENED, 'opened_by')) as (Omit<OpenedHoldRow, 'expiresAt'> & { expiresAt: string })[]
  const ended = (await those(ENDED, 'closed_by')) as EndedHoldRow[]
  const changes = (await those(CHANGES, 'c.transaction_id')) as AccountChangeRow[]
  const by = <Row extends Child>(rows: readonly Row[]) => Map.groupBy(rows, (row) => row.by)
  const parts = [by(transfers), by(opened), by(ended), by(changes)] as const
  return transactions.map((row) => ({
    ...row,
    at: Number(row.at),
    transfers: parts[0].get(row.id) ?? [],
    opened: (parts[1].get(row.id) ?? []).map((hold) => ({ ...hold, expiresAt: Number(hold.expiresAt) })),
    ended: parts[2].get(row.id) ?? [],
    changes: parts[3].get(row.id) ?? [],
  }))
}
