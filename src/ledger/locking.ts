import type { AccountState, AccountStatus, HoldState, HoldStatus } from '../domain/posting.ts'
import type { Reply, Step } from '../storage/pipeline.ts'
import type { KeyRecord, Locked, LockRequest } from './store.ts'

export const BEGIN: Step = { text: 'begin isolation level read committed' }

const lockAccounts = `
select string_agg(concat_ws(',', id, asset_id, balance, held, incoming, coalesce(lower::text, '-'), coalesce(upper::text, '-'),
    entries, version, status), ';'),
  floor(extract(epoch from clock_timestamp()) * 1000)::bigint,
  ceil(extract(epoch from max(changed_at)) * 1000)::bigint
from (select * from account where id = any($1::bigint[]) order by id for no key update) as locked`

const HOLD_COLUMNS = `id, source, target, asset_id, amount, status, floor(extract(epoch from expires_at) * 1000)::bigint`
const findExpired = `
select ${HOLD_COLUMNS} from hold
where status = 0 and expires_at <= clock_timestamp() and (source = any($1::bigint[]) or target = any($1::bigint[])) order by id`
const findHolds = `select ${HOLD_COLUMNS} from hold where id = any($1::uuid[])`
const findKeys = `
select replace(id::text, '-', ''), replace(request_hash::text, '-', ''), status, answer
from idempotency where id = any($1::uuid[])`
/** The statements that begin a batch: what it touches is locked, in the order of the ids, and read. */
export function lockSteps({ accounts, holds, keys }: LockRequest): Step[] {
  const ids = `{${[...accounts].join()}}`
  const steps: Step[] = [
    BEGIN,
    { name: 'lock', text: lockAccounts, values: [ids] },
    { name: 'expired', text: findExpired, values: [ids] },
  ]
  // These are statements of their own after the lock: inside the locking statement they would see an older snapshot.
  if (holds.size > 0) steps.push({ name: 'find-holds', text: findHolds, values: [`{${[...holds].join()}}`] })
  if (keys.length > 0) {
    steps.push({ name: 'find-keys', text: findKeys, values: [`{${keys.join()}}`] })
  }
  return steps
}

/** What their replies say. */
export function readLocked(request: LockRequest, replies: Reply[]): Locked {
  const [, locked, expired, ...rest] = replies as [Reply, Reply, Reply, ...Reply[]]
  const holds = request.holds.size > 0 ? (rest.shift()?.rows ?? []) : []
  const keys = request.keys.length > 0 ? (rest.shift()?.rows ?? []) : []
  const [rows, clock, last] = locked.rows[0] as [string | null, string, string | null]
  const accounts = new Map<bigint, AccountState>()
  if (rows) {
    for (const row of rows.split(';')) {
      const account = readAccount(row)
      accounts.set(account.id, account)
    }
  }
  const now = Number(clock)
  return {
    accounts,
    holds: new Map(holds.map(readHold).map((hold) => [hold.id, hold])),
    // The statement that found them read the clock a little later; what counts is one moment.
    expired: expired.rows.map(readHold).filter((hold) => hold.expiresAt <= now),
    keys: new Map(keys.map((row) => readKey(row as string[]))),
    now,
    at: Math.max(now, Number(last ?? 0)),
  }
}

const ACCOUNT_STATUSES: readonly AccountStatus[] = ['open', 'frozen', 'closed']
const HOLD_STATUSES: readonly HoldStatus[] = ['open', 'captured', 'released', 'expired']

function readAccount(row: string): AccountState {
  const [id, asset, balance, held, incoming, lower, upper, entries, version, status] = row.split(',') as string[] & {
    length: 10
  }
  return {
    id: BigInt(id as string),
    assetId: Number(asset),
    balance: BigInt(balance as string),
    held: BigInt(held as string),
    incoming: BigInt(incoming as string),
    lower: lower === '-' ? null : BigInt(lower as string),
    upper: upper === '-' ? null : BigInt(upper as string),
    entries: BigInt(entries as string),
    version: Number(version),
    status: ACCOUNT_STATUSES[Number(status)] as AccountStatus,
  }
}

function readHold(row: (string | null)[]): HoldState {
  const [id, source, target, asset, amount, status, expires] = row as string[]
  return {
    id: id as string,
    source: BigInt(source as string),
    target: BigInt(target as string),
    assetId: Number(asset),
    amount: BigInt(amount as string),
    status: HOLD_STATUSES[Number(status)] as HoldStatus,
    expiresAt: Number(expires),
  }
}

function readKey([id, hash, status, answer]: string[]): [string, KeyRecord] {
  return [id as string, { hash: hash as string, answer: { status: Number(status), body: answer as string } }]
}
