import type { AccountState, Entry, HoldState } from '../../src/domain/posting.ts'
import { type KeyRecord, type Locked, type LockRequest, StoreError, type Write } from '../../src/ledger/store.ts'
import { sumOf } from './effects.ts'
import type { World } from './world.ts'

export type Connection = {
  readonly name: string
  /** its open transaction: the rows that it has locked, and the clock that it read after the last one */
  locked: Set<bigint>
  /** all that it asked for, and which of them did not exist */
  asked: ReadonlySet<bigint>
  now: number
  ended: boolean
}

/** What a commit has written, in the order in which it happened. */
export type Commit = Batch & { readonly connection: Connection }

export type Row = Entry & { readonly at: number; readonly transaction: string }

/** What the database keeps to. Planted bugs replace single members. */
export type Rules = {
  locksRows: boolean
  uniqueKeys: boolean
  uniqueEntries: boolean
  /** a transaction's rows are written all or none */
  atomic: boolean
  /** what a sum may reach */
  cap(cap: bigint): bigint
  /** whether an account is as a batch was decided on */
  asForeseen(account: AccountState, before: AccountState): boolean
  /** a commit ahead comes right after the one that it names, or not at all */
  followsJournal: boolean
  /** an account's last change is never before what happened to it */
  keepsTimes: boolean
}

export const RULES: Rules = {
  locksRows: true,
  uniqueKeys: true,
  uniqueEntries: true,
  atomic: true,
  cap: (cap) => cap,
  asForeseen: ({ balance, entries, version, held, incoming }, before) =>
    balance === before.balance &&
    entries === before.entries &&
    version === before.version &&
    held === 0n &&
    incoming === 0n,
  followsJournal: true,
  keepsTimes: true,
}

/** What one commit writes; `seq` tells it from the others of its stream, `previous` is the one that it names. */
export type Batch = {
  readonly seq: number
  readonly previous: number
  readonly writes: readonly Write[]
  readonly touched: readonly AccountState[]
  readonly at: number
}

/** A commit without a lock: what it was decided on. */
export type BatchAhead = Batch & {
  readonly before: ReadonlyMap<bigint, AccountState>
  /** named by it, and not there when it was sent */
  readonly absent: readonly bigint[]
}

export type Database = ReturnType<typeof createDatabase>

/**
 * What the production store promises of PostgreSQL, and no more: row locks in the order of ids, held until the transaction ends;
 * unique keys; checks; commits of everything or nothing; statements that wait for locks and give up after five seconds.
 * @param grain what its clock counts in, ms
 */
export function createDatabase(world: World, rules: Rules, grain: number, committed: (commit: Commit) => void) {
  const accounts = new Map<bigint, AccountState>()
  const changedAt = new Map<bigint, number>()
  const holds = new Map<string, HoldState>()
  const keys = new Map<string, KeyRecord>()
  const entries = new Map<bigint, Row[]>()
  const transactions = new Map<string, number>()
  const sums = new Map<string, bigint>()
  const holders = new Map<bigint, Connection>()
  /** the last commit of each stream; a process has one stream */
  const heads = new Map<string, number>()
  const waiting: { connection: Connection; account: bigint; again: () => void }[] = []
  let skew = 0

  function unlock(connection: Connection): void {
    for (const id of connection.locked) if (holders.get(id) === connection) holders.delete(id)
    connection.locked = new Set()
    for (let index = waiting.length - 1; index >= 0; index--) {
      const wait = waiting[index] as (typeof waiting)[number]
      if (holders.has(wait.account)) continue
      waiting.splice(index, 1)
      world.later('lock granted', null, wait.again)
    }
  }

  const clock = () => Math.floor((world.now() + skew) / grain) * grain

  function read(connection: Connection, request: LockRequest): Locked {
    const now = clock()
    connection.now = now
    const found = new Map<bigint, AccountState>()
    let at = now
    for (const id of request.accounts) {
      const account = accounts.get(id)
      if (!account || !connection.locked.has(id)) continue
      found.set(id, account)
      at = Math.max(at, changedAt.get(id) ?? 0)
    }
    const wanted = request.accounts
    const expired = [...holds.values()].filter(
      (hold) => hold.status === 'open' && hold.expiresAt <= now && (wanted.has(hold.source) || wanted.has(hold.target)),
    )
    return { accounts: found, holds: pick(holds, request.holds), expired, keys: pick(keys, request.keys), now, at }
  }

  /** Locks row after row in the order of ids; `done` gets the state, or that it took too long. */
  function lock(connection: Connection, request: LockRequest, done: (locked: Locked | StoreError) => void): void {
    const rows = [...request.accounts].filter((id) => accounts.has(id)).sort((a, b) => Number(a - b))
    connection.asked = request.accounts
    let giveUp = () => {}
    let over = false
    const next = () => {
      if (over || connection.ended) return
      for (const id of rows) {
        const holder = holders.get(id)
        if (rules.locksRows && holder && holder !== connection) {
          if (world.tracing) world.trace(`${connection.name} waits for account ${id}`)
          waiting.push({ connection, account: id, again: next })
          return
        }
        holders.set(id, connection)
        connection.locked.add(id)
      }
      over = true
      giveUp()
      done(read(connection, request))
    }
    giveUp = world.later(
      'lock timeout',
      null,
      () => {
        if (over || connection.ended) return
        over = true
        unlock(connection)
        done(new StoreError('retry', 'a lock took too long'))
      },
      5000,
    )
    next()
  }

  function conflict(code: 'already-exists' | 'effect-refused', constraint: string): StoreError {
    return new StoreError('conflict', constraint, undefined, { code, constraint })
  }

  /** The constraints in the order of the production store's statements. */
  function check(writes: readonly Write[], touched: readonly AccountState[]): StoreError | null {
    const opened = writes.flatMap(({ effects }) => effects?.changed.filter(({ version }) => version === 1) ?? [])
    if (opened.some(({ id }) => accounts.has(id))) return conflict('already-exists', 'account_pkey')
    const next = new Map<bigint, number>()
    const added = new Map<string, bigint>()
    for (const { command, effects } of writes) {
      if (!effects) continue
      if (transactions.has(command.transaction)) return conflict('already-exists', 'transaction_pkey')
      for (const { account, seq } of effects.entries) {
        const last = next.get(account) ?? entries.get(account)?.length ?? 0
        if (rules.uniqueEntries && Number(seq) <= last) return conflict('already-exists', 'entry_pkey')
        next.set(account, Number(seq))
      }
      if (effects.opened.some(({ id }) => holds.has(id))) return conflict('already-exists', 'hold_pkey')
    }
    for (const { id, balance, held, incoming, lower, upper } of touched) {
      const within = (lower === null || balance - held >= lower) && (upper === null || balance + incoming <= upper)
      if (!within || held < 0n || incoming < 0n) return new StoreError('fault', `account ${id} breaks a check`)
    }
    for (const { command, effects } of writes) {
      if (effects && command.payload === POISON) return new StoreError('fault', 'the content is rejected')
      for (const { effect, row } of effects ? (command.effects ?? []) : []) {
        const told = typeof row === 'function' ? row({ at: 0, entries: effects?.entries ?? [] }) : row
        const { name, adds, cap, code, constraint } = sumOf(effect.name, told)
        const sum = (added.get(name) ?? sums.get(name) ?? 0n) + adds
        if (sum > rules.cap(cap)) return conflict(code, constraint)
        added.set(name, sum)
      }
    }
    const taken = rules.uniqueKeys && writes.some(({ keyId }) => keyId !== null && keys.has(keyId))
    return taken ? new StoreError('key-taken', 'a key is taken') : null
  }

  function write({ command, keyId, effects, answer }: Write, at: number): void {
    if (command.key && keyId !== null) keys.set(keyId, { hash: command.key.hash, answer })
    if (!effects) return
    transactions.set(command.transaction, (transactions.get(command.transaction) ?? 0) + 1)
    for (const hold of effects.opened) holds.set(hold.id, hold)
    for (const { hold } of effects.ended) holds.set(hold.id, hold)
    for (const entry of effects.entries) {
      const rows = entries.get(entry.account) ?? []
      rows.push({ ...entry, at, transaction: command.transaction })
      entries.set(entry.account, rows)
    }
    for (const { effect, row } of command.effects ?? []) {
      const told = typeof row === 'function' ? row({ at, entries: effects.entries }) : row
      const { name, adds } = sumOf(effect.name, told)
      sums.set(name, (sums.get(name) ?? 0n) + adds)
    }
  }

  /** Writes all of it and ends the transaction, or says why not and undoes it. */
  function commit(
    connection: Connection,
    batch: Batch,
    changed: (id: bigint) => number = () => batch.at,
  ): StoreError | null {
    const { seq, writes, touched, at } = batch
    const refused = check(writes, touched)
    if (!refused || !rules.atomic) {
      for (const each of writes) write(each, at)
      if (!refused) {
        heads.set(connection.name, seq)
        for (const account of touched) {
          accounts.set(account.id, account)
          changedAt.set(account.id, changed(account.id))
        }
      }
      committed({ ...batch, connection })
    }
    unlock(connection)
    return refused
  }

  /** Locks the accounts of a batch that was decided without, and commits it if they are as it thought; `done` gets the clock. */
  function commitAhead(connection: Connection, batch: BatchAhead, done: (now: number | StoreError) => void): void {
    const { before, absent, previous, at } = batch
    lock(connection, { accounts: new Set(before.keys()), holds: new Set(), keys: [] }, (locked) => {
      if (locked instanceof StoreError) return done(locked)
      connection.asked = new Set([...before.keys(), ...absent])
      const foreseen = [...before].every(([id, account]) => {
        const found = locked.accounts.get(id)
        return found && rules.asForeseen(found, account)
      })
      const follows = !rules.followsJournal || (heads.get(connection.name) ?? 0) === previous
      if (!foreseen || !follows) {
        unlock(connection)
        return done(new StoreError('stale', foreseen ? 'it follows nothing' : 'an account is not as foreseen'))
      }
      // Of those that it does not open nothing but two columns is written; what is so already does not count as changed.
      const touched = batch.touched.flatMap((account) => {
        const found = before.has(account.id) && locked.accounts.get(account.id)
        if (!found) return [account]
        const { balance, entries } = account
        return found.balance === balance && found.entries === entries ? [] : [{ ...found, balance, entries }]
      })
      const changed = (id: bigint) => (rules.keepsTimes ? Math.max(changedAt.get(id) ?? 0, at) : at)
      done(commit(connection, { ...batch, touched }, changed) ?? locked.now)
    })
  }

  return {
    accounts,
    changedAt,
    holds,
    keys,
    entries,
    transactions,
    sums,
    lock,
    unlock,
    commit,
    commitAhead,

    /** Whether somebody else's transaction has one of the rows. */
    locked: (ids: Iterable<bigint>) => [...ids].some((id) => rules.locksRows && holders.has(id)),

    /** The connection is gone: what it had open is undone. */
    end(connection: Connection): void {
      connection.ended = true
      unlock(connection)
    },

    jump(milliseconds: number): void {
      skew += milliseconds
    },

    /** Whose transaction holds rows now. */
    busy: () => holders.size > 0,
  }
}

/** The payload of a command that the database rejects whenever it is written. */
export const POISON = '{"poison":true}'

function pick<K, V>(from: ReadonlyMap<K, V>, wanted: Iterable<K>): Map<K, V> {
  const found = new Map<K, V>()
  for (const key of wanted) {
    const value = from.get(key)
    if (value !== undefined) found.set(key, value)
  }
  return found
}
