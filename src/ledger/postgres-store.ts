import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Asset } from '../domain/asset.ts'
import type { AccountState, AccountStatus, HoldState, HoldStatus } from '../domain/posting.ts'
import { type Pipeline, PipelineError, type PipelineFailure, type Reply, type Step } from '../storage/pipeline.ts'
import { commitContent, JOURNAL_KIND, type JournalHead, journalHash } from './journal.ts'
import { EFFECT_STEP, encodeBatch } from './statements.ts'
import { type KeyRecord, type Locked, type LockRequest, type Store, StoreError, type Write } from './store.ts'

/** What every ledger connection says first: nothing may wait for ever, and nothing counts that is not on disk. */
export const LEDGER_SETTINGS = [
  "set lock_timeout = '5s'",
  "set statement_timeout = '30s'",
  // A server that is cut off keeps its batch's accounts locked for so long: others must get them before they give up waiting.
  "set idle_in_transaction_session_timeout = '4s'",
  'set plan_cache_mode = force_generic_plan',
  // Plans are made once, on tables that may be empty yet, where reading them whole is cheapest: it would be kept while they grow, until
  // their first statistics come. Every statement here, and every check of a reference, has an index that serves it, row by row.
  'set enable_seqscan = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set default_transaction_isolation = "read committed"',
  // Where replicas confirm commits: what a crash of the primary made visible before they had it is theirs once this row of the log is.
  `select case when current_setting('synchronous_standby_names') <> '' and not pg_is_in_recovery()
     then pg_logical_emit_message(true, 'billfold', 'connected') end`,
]

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
const findAssets = 'select id, code, circle, exponent from asset where id = any($1::int[])'
const insertJournal = `
insert into journal (stream, seq, kind, at, hash, heads)
values ($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 millisecond', decode($5, 'hex'), $6)`
// The lock is a write: the commit after it waits for the replicas, which have then confirmed what was found too.
const findJournal = `select encode(hash, 'hex') from journal where stream = $1 and seq = $2 for key share`

const BEGIN: Step = { text: 'begin isolation level read committed' }
const COMMIT: Step = { text: 'commit' }
const ROLLBACK: Step = { text: 'rollback' }

export type PostgresStoreOptions = {
  connect: () => Promise<Pipeline>
  /** 32 bytes; keys the journal's chain */
  journalKey: Buffer
  /** told after every commit, so that the stream's head also stands outside the database */
  onHead?: (head: JournalHead) => void
  /** how long the outcome of an interrupted commit is sought; ms */
  settleWithin?: number
}

/** The ledger's rows in PostgreSQL, written over one connection, as one journal stream. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const key = createSecretKey(options.journalKey)
  let pipeline: Pipeline | null = null
  /** a commit whose outcome is not known: nothing else may happen before it is */
  let unsettled: { seq: bigint; hash: Buffer } | null = null

  async function connected(): Promise<Pipeline> {
    try {
      pipeline ??= await options.connect()
      return pipeline
    } catch (error) {
      throw new StoreError('retry', 'the database cannot be reached', error)
    }
  }

  async function drop(): Promise<void> {
    const broken = pipeline
    pipeline = null
    await broken?.close()
  }

  /** Runs a group; after any failure the connection is clean again or gone. */
  async function run(steps: readonly Step[]): Promise<Reply[]> {
    const current = await connected()
    try {
      return await current.run(steps)
    } catch (error) {
      const { code } = (error as PipelineError).failure ?? {}
      if (!code || code.startsWith('57P') || code === '25006') await drop()
      else await current.run([ROLLBACK]).catch(drop)
      throw error
    }
  }

  /** what never changes */
  const assets = new Map<number, Asset>()

  /** Reads what the assets of opened and changed accounts are, if it is not known yet. */
  async function learnAssets(writes: readonly Write[]): Promise<void> {
    const ids = writes.flatMap(({ effects }) => effects?.changed.map((account) => account.assetId) ?? [])
    const unknown = [...new Set(ids)].filter((id) => !assets.has(id))
    if (unknown.length === 0) return
    const found = await run([{ text: findAssets, values: [`{${unknown.join()}}`] }])
    for (const [id, code, circle, exponent] of found.flatMap(({ rows }) => rows as string[][])) {
      assets.set(Number(id), {
        id: Number(id),
        code: code as string,
        circle: circle as string,
        exponent: Number(exponent),
      })
    }
    const missing = unknown.find((id) => !assets.has(id))
    if (missing !== undefined) throw new StoreError('fault', `there is no asset ${missing}`)
  }

  const opening = await openStream(run, key)
  let head: JournalHead = opening

  /**
   * Learns whether an interrupted commit happened: its journal row is there, or a void row takes its place, and then it can
   * never happen any more, even if the server still had it in hand.
   * @returns whether it was committed
   */
  async function settle(pending: { seq: bigint; hash: Buffer }): Promise<boolean> {
    const until = Date.now() + (options.settleWithin ?? 10_000)
    for (;;) {
      try {
        const at = Date.now()
        const row = { stream: head.stream, seq: pending.seq, kind: JOURNAL_KIND.void, at }
        const voided = journalHash(key, head.hash, row, '')
        const replies = await run([
          BEGIN,
          // Waits for the commit in question if the server still has it in hand.
          { text: `${insertJournal} on conflict do nothing`, values: journalValues(row, voided) },
          { text: findJournal, values: [String(row.stream), String(row.seq)] },
          COMMIT,
        ])
        const hash = Buffer.from(replies[2]?.rows[0]?.[0] ?? '', 'hex')
        advance({ stream: head.stream, seq: pending.seq, hash })
        unsettled = null
        return hash.equals(pending.hash)
      } catch (error) {
        if (Date.now() > until) throw new StoreError('unknown', 'the outcome of a commit could not be learnt', error)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  function advance(next: JournalHead): void {
    head = next
    try {
      options.onHead?.(next)
    } catch {
      // The commit has happened; nothing that listens may make it look as if it had not.
    }
  }

  return {
    async lock(request) {
      try {
        if (unsettled) await settle(unsettled)
        return readLocked(request, await run(lockSteps(request)))
      } catch (error) {
        // Nothing of this batch was sent yet, so an earlier commit that is still unknown only delays it.
        const reason = asStoreError(error)
        throw reason.kind === 'unknown' ? new StoreError('retry', reason.message, error) : reason
      }
    },

    async commit(writes, touched, at, next) {
      // Nothing is written yet: a failure here is never ambiguous.
      await learnAssets(writes).catch((error) => Promise.reject(asStoreError(error)))
      const seq = head.seq + 1n
      const batch = encodeBatch(writes, touched, at, { stream: head.stream, seq }, assets)
      const row = { stream: head.stream, seq, kind: JOURNAL_KIND.commit, at }
      const hash = journalHash(key, head.hash, row, commitContent(batch.transactions))
      const steps = [...batch.steps, { name: 'journal', text: insertJournal, values: journalValues(row, hash) }, COMMIT]
      const commitAt = steps.length - 1
      if (next) steps.push(...lockSteps(next))
      let replies: Reply[]
      let failure: unknown = null
      try {
        replies = await run(steps)
      } catch (error) {
        const { code, completed } = (error as PipelineError).failure ?? {}
        failure = error
        replies = completed ?? []
        if (code === '01000' || (!code && replies.length <= commitAt)) {
          // The connection broke before the commit was answered, or a replica did not confirm: only the journal knows.
          unsettled = { seq, hash }
          if (await settle(unsettled)) return null
          throw new StoreError('retry', 'the commit was interrupted and did not happen', error)
        }
      }
      const tag = replies[commitAt]?.tag
      // Without the commit's own reply a statement before it failed, and the transaction is undone.
      if (tag === undefined) throw asStoreError(failure, steps[replies.length]?.name)
      if (tag !== 'COMMIT') throw new StoreError('retry', 'the commit was answered with a rollback')
      advance({ stream: head.stream, seq, hash })
      // What failed after the commit is only the next batch's lock.
      return next && !failure ? readLocked(next, replies.slice(commitAt + 1)) : null
    },

    async release() {
      await run([ROLLBACK]).catch(() => {})
    },

    poll: () => pipeline?.poll?.(),

    async close() {
      await drop()
    },
  }
}

// From stream to stream, one step in the index for each: the number of commits must not delay a start.
const findHeads = `
with recursive head as (
  (select stream, seq, hash from journal order by stream desc, seq desc limit 1)
  union all
  select before.* from head cross join lateral (
    select stream, seq, hash from journal where stream < head.stream order by stream desc, seq desc limit 1
  ) as before
)
select coalesce(json_agg(json_build_array(stream, seq, encode(hash, 'hex')) order by stream)::text, '[]') from head`

/** Starts a stream whose first row names the heads of the others, so that a stream that is cut or removed shows. */
async function openStream(run: (steps: readonly Step[]) => Promise<Reply[]>, key: KeyObject): Promise<JournalHead> {
  const shown = await run([
    { text: 'show synchronous_commit' },
    { text: 'show transaction_read_only' },
    { text: "select nextval('journal_stream'), floor(extract(epoch from clock_timestamp()) * 1000)::bigint" },
    { text: findHeads },
  ])
  const [sync, readOnly, numbers, heads] = shown.map((reply) => reply.rows[0] as (string | null)[])
  if (sync?.[0] === 'off') throw new Error('synchronous_commit is off: the ledger answers only for what is on disk')
  if (readOnly?.[0] === 'on') throw new Error('the database is read-only')
  const row = { stream: Number(numbers?.[0]), seq: 0n, kind: JOURNAL_KIND.genesis, at: Number(numbers?.[1]) }
  const content = String(heads?.[0])
  const hash = journalHash(key, null, row, content)
  await run([{ text: insertJournal, values: journalValues(row, hash, content) }])
  return { stream: row.stream, seq: 0n, hash }
}

function journalValues(
  row: { stream: number; seq: bigint; kind: number; at: number },
  hash: Buffer,
  heads: string | null = null,
): (string | null)[] {
  return [String(row.stream), String(row.seq), String(row.kind), String(row.at), hash.toString('hex'), heads]
}

function lockSteps({ accounts, holds, keys }: LockRequest): Step[] {
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

function readLocked(request: LockRequest, replies: Reply[]): Locked {
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

/** SQLSTATE to what the committer does about it. @param step the name of the statement that failed, where that matters */
function asStoreError(error: unknown, step = ''): StoreError {
  if (error instanceof StoreError) return error
  const failure: Partial<PipelineFailure> = error instanceof PipelineError ? error.failure : { message: String(error) }
  const { code, constraint, message = '' } = failure
  if (!code) return new StoreError('retry', message, error)
  if (code === '23505' && constraint === 'idempotency_pkey') return new StoreError('key-taken', message, error)
  // The ledger's own checks are decided on before: one that fails there is a defect.
  const checked = code === '23514' && step.startsWith(EFFECT_STEP)
  if (code === '23505' || checked) {
    const refusal = checked ? 'effect-refused' : 'already-exists'
    return new StoreError('conflict', message, error, { code: refusal, ...(constraint && { constraint }) })
  }
  // serialization, deadlock, lock timeout, statement timeout, shutdown, read-only after a failover, a transaction that stood idle too long
  if (/^(40001|40P01|55P03|57014|57P0.|25006|25P03)$/.test(code)) return new StoreError('retry', message, error)
  if (/^(53|58)/.test(code)) return new StoreError('unavailable', message, error)
  return new StoreError('fault', message, error)
}
