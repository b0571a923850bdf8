import { createHash } from 'node:crypto'
import type { AccountState } from '../../src/domain/posting.ts'
import type { Command, Ledger, Settled } from '../../src/ledger/command.ts'
import { type Locked, type Store, StoreError, type Write } from '../../src/ledger/store.ts'
import { RULES } from './database.ts'
import type { Seams } from './simulate.ts'

/** A store whose locked state is seen through `change`, whichever call returned it. */
function seen(change: (locked: Locked) => Locked): Seams {
  return {
    store: (store) => ({
      ...store,
      lock: async (request) => change(await store.lock(request)),
      commit: async (...all) => {
        const locked = await store.commit(...all)
        return locked && change(locked)
      },
    }),
  }
}

const accountsSeen = (change: (account: AccountState) => AccountState): Seams =>
  seen((locked) => ({ ...locked, accounts: new Map([...locked.accounts].map(([id, a]) => [id, change(a)])) }))

/** A store that writes something else than what was decided. */
function written(
  change: (writes: readonly Write[], touched: readonly AccountState[]) => [Write[], AccountState[]],
): Seams {
  return {
    store: (store) => ({
      ...store,
      commit: (writes, touched, at, next) => store.commit(...change(writes, touched), at, next),
    }),
  }
}

type Commit = Parameters<Store['commit']>

function committing(
  commit: (store: Store, chance: (p: number) => boolean, call: Commit) => ReturnType<Store['commit']>,
): Seams {
  return {
    store: (store, { world }) => ({ ...store, commit: (...call) => commit(store, world.random.chance, call) }),
  }
}

type Ahead = Parameters<Store['commitAhead']>

function committingAhead(
  commit: (store: Store, chance: (p: number) => boolean, call: Ahead) => Promise<number>,
): Seams {
  return {
    store: (store, { world }) => ({ ...store, commitAhead: (...call) => commit(store, world.random.chance, call) }),
  }
}

function submitting(submit: (ledger: Ledger, command: Command) => Promise<Settled>): Seams {
  return { ledger: (ledger) => ({ ...ledger, submit: (command) => submit(ledger, command) }) }
}

/**
 * What an engineer might break in a year: each is planted between the production code and the simulated parts, and each must be
 * found within a thousand lives.
 */
export const PLANTED_BUGS: Readonly<Record<string, Seams>> = {
  'rows are read without being locked': { rules: { locksRows: false } },
  'rows are read without being locked, and entries have no unique number': {
    rules: { locksRows: false, uniqueEntries: false },
  },
  'a key may be claimed twice': { rules: { uniqueKeys: false } },
  'a sum may exceed its cap by one': { rules: { cap: (cap) => cap + 1n } },
  'a batch that fails leaves its rows behind': { rules: { atomic: false } },
  'keys that are taken are not found when they are looked up': seen((locked) => ({ ...locked, keys: new Map() })),
  'a repeat gets a new rendering of its answer': seen((locked) => ({
    ...locked,
    keys: new Map(
      [...locked.keys].map(([id, { hash, answer }]) => [id, { hash, answer: { ...answer, body: `${answer.body} ` } }]),
    ),
  })),
  'expired holds go on to count': seen((locked) => ({ ...locked, expired: [] })),
  'expiry is judged by the clock of the server': seen((locked) => ({ ...locked, now: Date.now() })),
  'times may go backwards with the clock': seen((locked) => ({ ...locked, at: locked.now })),
  'what holds reserve may be spent': accountsSeen((account) => ({ ...account, held: 0n })),
  'the upper limit does not count what is on its way': accountsSeen((account) => ({ ...account, incoming: 0n })),
  'a frozen account pays': accountsSeen((account) =>
    account.status === 'frozen' ? { ...account, status: 'open' } : account,
  ),
  'the lower limit is off by one': accountsSeen((account) =>
    account.lower === null ? account : { ...account, lower: account.lower - 1n },
  ),
  'an ended hold counts as open': seen((locked) => ({
    ...locked,
    holds: new Map(
      [...locked.holds].map(([id, hold]) => [id, hold.status === 'released' ? { ...hold, status: 'open' } : hold]),
    ),
  })),
  'state is kept from the batch before': {
    store(store) {
      const kept = new Map<bigint, AccountState>()
      const fresh = (locked: Locked): Locked => ({
        ...locked,
        accounts: new Map([...locked.accounts].map(([id, account]) => [id, kept.get(id) ?? account])),
      })
      return {
        ...store,
        lock: async (request) => fresh(await store.lock(request)),
        async commit(writes, touched, at, next) {
          const locked = await store.commit(writes, touched, at, next)
          for (const account of touched) kept.set(account.id, account)
          return locked && fresh(locked)
        },
      }
    },
  },
  'half a unit is rounded the wrong way on one side': written((writes, touched) => [
    [...writes],
    touched.map((account) => (account.balance % 7n === 3n ? { ...account, balance: account.balance + 1n } : account)),
  ]),
  'an entry number is left out': written((writes, touched) => [
    [...writes],
    touched.map((account) => (account.entries === 5n ? { ...account, entries: 6n } : account)),
  ]),
  'a refusal is not kept under its key': written((writes, touched) => [
    writes.filter(({ effects }) => effects !== null),
    [...touched],
  ]),
  'the last write of a large batch is lost': written((writes, touched) => [
    writes.length > 3 ? writes.slice(0, -1) : [...writes],
    [...touched],
  ]),
  'callers are answered before the commit': committing(async (store, chance, call) => {
    if (!chance(0.05)) return store.commit(...call)
    store.commit(...call).catch(() => {})
    return null
  }),
  'an interrupted commit that happened is called undone': committing(async (store, chance, call) => {
    const locked = await store.commit(...call)
    if (locked === null && chance(0.05)) throw new StoreError('retry', 'planted')
    return locked
  }),
  'an interrupted commit that happened is called impossible': committing(async (store, chance, call) => {
    const locked = await store.commit(...call)
    if (locked === null && chance(0.05)) throw new StoreError('unavailable', 'planted')
    return locked
  }),
  'an interrupted commit that did not happen is called done': committing((store, _, call) =>
    store.commit(...call).catch((error: StoreError) => {
      if (error.message.includes('interrupted')) return null
      throw error
    }),
  ),
  'an unknown outcome is called done': committing((store, _, call) =>
    store.commit(...call).catch((error: StoreError) => {
      if (error.kind === 'unknown') return null
      throw error
    }),
  ),
  'what was foreseen is not compared': { rules: { asForeseen: () => true } },
  'of what was foreseen only the balance is compared': {
    rules: { asForeseen: ({ balance }, before) => balance === before.balance },
  },
  'what was foreseen may have entries since then': {
    rules: { asForeseen: (now, before) => RULES.asForeseen({ ...now, entries: before.entries }, before) },
  },
  'what was foreseen may have holds': {
    rules: { asForeseen: (now, before) => RULES.asForeseen({ ...now, held: 0n, incoming: 0n }, before) },
  },
  'a commit is made although the one before it failed': { rules: { followsJournal: false } },
  'a commit ahead turns the time of an account back': { rules: { keepsTimes: false } },
  'callers are answered before a commit ahead': committingAhead(async (store, chance, call) => {
    if (!chance(0.05)) return store.commitAhead(...call)
    store.commitAhead(...call).catch(() => {})
    return call[2]
  }),
  'a commit ahead that was made is called stale': committingAhead(async (store, chance, call) => {
    const now = await store.commitAhead(...call)
    if (chance(0.05)) throw new StoreError('stale', 'planted')
    return now
  }),
  'a commit ahead that is stale is called made': committingAhead((store, _, call) =>
    store.commitAhead(...call).catch((error: StoreError) => {
      if (error.kind === 'stale') return call[2]
      throw error
    }),
  ),
  'a commit ahead of unknown outcome is called undone': committingAhead((store, _, call) =>
    store.commitAhead(...call).catch((error: StoreError) => {
      throw error.kind === 'unknown' ? new StoreError('stale', 'planted') : error
    }),
  ),
  'a commit ahead takes its time from the server': committingAhead((store, _, [writes, after, , before]) =>
    store.commitAhead(writes, after, Date.now(), before),
  ),
  'locks are kept when nothing is written': { store: (store) => ({ ...store, release: async () => {} }) },
  'an answer is lost now and then': {
    ledger: (ledger) => ({
      ...ledger,
      submit: (command) =>
        ledger.submit(command).then((settled) => (Math.random() < 0.01 ? new Promise<never>(() => {}) : settled)),
    }),
  },
  'an altered repeat gets the first answer': submitting(async (ledger, command) => {
    const settled = await ledger.submit(command)
    const { outcome } = settled
    if (!outcome || outcome.accepted || outcome.refusal.code !== 'idempotency-conflict') return settled
    return { answer: settled.answer, outcome: null, replayed: true }
  }),
  'the key is made new on each try': submitting((ledger, command) => {
    if (!command.key) return ledger.submit(command)
    const value = createHash('md5').update(command.transaction).digest('hex')
    return ledger.submit({ ...command, key: { ...command.key, value } })
  }),
  'a command without an answer is submitted again': submitting((ledger, command) =>
    ledger.submit(command).catch(() => ledger.submit(command)),
  ),
}
