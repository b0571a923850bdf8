import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Asset } from '../domain/asset.ts'
import type { AccountState } from '../domain/posting.ts'
import { type Pipeline, PipelineError, type PipelineFailure, type Reply, type Step } from '../storage/pipeline.ts'
import { commitContent, JOURNAL_KIND, type JournalHead, journalHash } from './journal.ts'
import { BEGIN, lockSteps, readLocked } from './locking.ts'
import { EFFECT_STEP, encodeBatch, FORESEEN_STEP } from './statements.ts'
import { type Store, StoreError, type Write } from './store.ts'

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

const findAssets = 'select id, code, circle, exponent from asset where id = any($1::int[])'
const insertJournal = `
insert into journal (stream, seq, kind, at, hash, heads)
values ($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 millisecond', decode($5, 'hex'), $6)`
// The lock is a write: the commit after it waits for the replicas, which have then confirmed what was found too.
const findJournal = `select encode(hash, 'hex') from journal where stream = $1 and seq = $2 for key share`

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

type Pending = { readonly seq: bigint; readonly hash: Buffer }
type CommitOutcome = 'made' | 'not made' | 'unknown'

/** The ledger's rows in PostgreSQL, written over one connection, as one journal stream. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const key = createSecretKey(options.journalKey)
  let pipeline: Pipeline | null = null
  /** commits whose outcome is not known, each made after the one before: nothing else may happen before it is */
  let unsettled: Pending[] = []
  /** commits that were sent and not told of yet */
  let sent = 0
  /** what came of the last one that was sent */
  let last: Promise<CommitOutcome> = Promise.resolve('made')

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

  function unknownAssets(writes: readonly Write[]): number[] {
    const ids = writes.flatMap(({ effects }) => effects?.changed.map((account) => account.assetId) ?? [])
    return [...new Set(ids)].filter((id) => !assets.has(id))
  }

  /** Reads what the assets of opened and changed accounts are, if it is not known yet. */
  async function learnAssets(unknown: readonly number[]): Promise<void> {
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
  let lastSent: JournalHead = opening

  /**
   * Learns whether an interrupted commit happened: its journal row is there, or a void row takes its place, and then it can
   * never happen any more, even if the server still had it in hand.
   * @returns whether it was committed
   */
  async function settle(pending: Pending): Promise<boolean> {
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
        return hash.equals(pending.hash)
      } catch (error) {
        if (Date.now() > until) throw new StoreError('unknown', 'the outcome of a commit could not be learnt', error)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  /** The same for all that are unsettled. @returns whether the last of them was committed */
  async function settleAll(): Promise<boolean> {
    let made = true
    while (unsettled[0]) {
      made = await settle(unsettled[0])
      // A commit is made after the one before it, or not at all.
      unsettled = made ? unsettled.slice(1) : []
    }
    return made
  }

  function advance(next: JournalHead): void {
    head = next
    try {
      options.onHead?.(next)
    } catch {
      // The commit has happened; nothing that listens may make it look as if it had not.
    }
  }

  /** The statements of the commit that follows the last one that was sent. */
  function nextCommit(
    writes: readonly Write[],
    touched: readonly AccountState[],
    at: number,
    before?: ReadonlyMap<bigint, AccountState>,
  ): Pending & { steps: Step[] } {
    const previous = sent > 0 ? lastSent : head
    const seq = previous.seq + 1n
    const basis = before && { accounts: before, journalHash: previous.hash.toString('hex') }
    const batch = encodeBatch(writes, touched, at, { stream: head.stream, seq }, assets, basis)
    const row = { stream: head.stream, seq, kind: JOURNAL_KIND.commit, at }
    const hash = journalHash(key, previous.hash, row, commitContent(batch.transactions))
    const journal = { name: 'journal', text: insertJournal, values: journalValues(row, hash) }
    return { seq, hash, steps: [...(before ? [BEGIN] : []), ...batch.steps, journal, COMMIT] }
  }

  type Finished = { replies: Reply[] | null; failure: unknown }

  /** Sends a commit, and what comes after it; learns whether it was made. @returns replies: null where it had to be sought */
  function finish(pending: Pending & { steps: readonly Step[] }, steps: readonly Step[]): Promise<Finished> {
    const before = sent > 0 ? last : Promise.resolve('made' as const)
    lastSent = { stream: head.stream, seq: pending.seq, hash: pending.hash }
    sent++
    const finished = learn(pending, steps, before).finally(() => sent--)
    last = finished.then(
      () => 'made',
      (error) => (error instanceof StoreError && error.kind === 'unknown' ? 'unknown' : 'not made'),
    )
    return finished
  }

  async function learn(
    { seq, hash, steps: { length } }: Pending & { steps: readonly Step[] },
    steps: readonly Step[],
    before: Promise<CommitOutcome>,
  ): Promise<Finished> {
    const commitAt = length - 1
    let replies: Reply[]
    let failure: unknown = null
    try {
      replies = await run(steps)
    } catch (error) {
      const { code, completed } = (error as PipelineError).failure ?? {}
      failure = error
      replies = completed ?? []
      const earlier = await before
      // It names the one before, and fails without it.
      if (earlier === 'not made') throw new StoreError('stale', 'the commit before it was not made', error)
      if (earlier === 'unknown' || code === '01000' || (!code && replies.length <= commitAt)) {
        // The connection broke before the commit was answered, or a replica did not confirm: only the journal knows.
        unsettled.push({ seq, hash })
        if (earlier === 'unknown')
          throw new StoreError('unknown', 'the outcome of the commit before is not known', error)
        if (await settleAll()) return { replies: null, failure }
        throw new StoreError('retry', 'the commit was interrupted and did not happen', error)
      }
    }
    await before
    const tag = replies[commitAt]?.tag
    // Without the commit's own reply a statement before it failed, and the transaction is undone.
    if (tag === undefined) throw asStoreError(failure, steps[replies.length]?.name)
    if (tag !== 'COMMIT') throw new StoreError('retry', 'the commit was answered with a rollback')
    advance({ stream: head.stream, seq, hash })
    // What was made stands on all that was sent before it.
    unsettled = []
    return { replies, failure }
  }

  return {
    async lock(request) {
      try {
        await settleAll()
        return readLocked(request, await run(lockSteps(request)))
      } catch (error) {
        // Nothing of this batch was sent yet, so an earlier commit that is still unknown only delays it.
        const reason = asStoreError(error)
        throw reason.kind === 'unknown' ? new StoreError('retry', reason.message, error) : reason
      }
    },

    async commit(writes, touched, at, next) {
      // Nothing is written yet: a failure here is never ambiguous.
      const unknown = unknownAssets(writes)
      if (unknown.length > 0) await learnAssets(unknown).catch((error) => Promise.reject(asStoreError(error)))
      const pending = nextCommit(writes, touched, at)
      const steps = [...pending.steps, ...(next ? lockSteps(next) : [])]
      const { replies, failure } = await finish(pending, steps)
      // What failed after the commit is only the next batch's lock.
      return next && replies && !failure ? readLocked(next, replies.slice(pending.steps.length)) : null
    },

    async commitAhead(writes, after, at, before) {
      if (!pipeline || unsettled.length > 0 || unknownAssets(writes).length > 0) {
        throw new StoreError('stale', 'something must be asked first')
      }
      const pending = nextCommit(writes, [...after.values()], at, before)
      const { replies } = await finish(pending, pending.steps)
      return Number(replies?.[1]?.rows[0]?.[1] ?? at)
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

/** SQLSTATE to what the committer does about it. @param step the name of the statement that failed, where that matters */
function asStoreError(error: unknown, step = ''): StoreError {
  if (error instanceof StoreError) return error
  const failure: Partial<PipelineFailure> = error instanceof PipelineError ? error.failure : { message: String(error) }
  const { code, constraint, message = '' } = failure
  if (!code) return new StoreError('retry', message, error)
  if (code === '22012' && step === FORESEEN_STEP) return new StoreError('stale', message, error)
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
