import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Command, type Effect, LedgerUnavailable, once } from '../../src/ledger/command.ts'
import { type CommitterOptions, createCommitter } from '../../src/ledger/committer.ts'
import { StoreError, type StoreErrorKind, type Write } from '../../src/ledger/store.ts'
import { command, openAccounts, submit, transfer } from '../support/ledger.ts'
import { createScriptedStore } from './scripted-store.ts'

// What the committer does about each failure of its store. That PostgreSQL fails in these ways is tried elsewhere.

type Fails = (writes: readonly Write[], nth: number) => Error | null
const storeError = (kind: StoreErrorKind) => new StoreError(kind, `the store says ${kind}`)

/** A ledger with a payer, 1, without a limit, and two payees, in one commit. */
async function ledgerOn(fails: Fails, options: CommitterOptions = {}) {
  const scripted = createScriptedStore((writes, nth) => (nth === 1 ? null : fails(writes, nth - 1)))
  const ledger = createCommitter(scripted.store, { foresight: false, ...options })
  await openAccounts(ledger, 1, [
    [1n, null, null],
    [2n, 0n, null],
    [3n, 0n, null],
  ])
  scripted.asked.length = 0
  return { ...scripted, ledger }
}

const pay = (amount = 5n, options: Parameters<typeof command>[1] = {}) => command([transfer(1n, 2n, amount)], options)
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('it is settled'),
    (error) => error,
  )

test('a batch that may be repeated is, with the same commands, and the log is told', async () => {
  const warned: unknown[] = []
  const { ledger, commits, locks, accounts } = await ledgerOn((_, nth) => (nth <= 2 ? storeError('retry') : null), {
    log: { warn: (fields, message) => warned.push([fields, message]) },
  })
  const began = performance.now()
  assert.deepEqual(await Promise.all([submit(ledger, pay()), submit(ledger, pay(6n))]), ['accepted', 'accepted'])
  // 5 to 10 ms, then 10 to 20 ms
  assert.ok(performance.now() - began >= 14)
  assert.equal(commits().length, 3)
  assert.deepEqual(
    locks().map(({ keys }) => keys),
    [[], [], []],
  )
  assert.equal(accounts.get(2n)?.balance, 11n)
  const told = (attempt: number) => [{ err: storeErrorLike('retry'), attempt, commands: 2 }, 'ledger batch is repeated']
  assert.deepEqual(JSON.parse(JSON.stringify(warned)), JSON.parse(JSON.stringify([told(1), told(2)])))
})

const storeErrorLike = (kind: StoreErrorKind) => ({ name: 'StoreError', kind })

for (const kind of ['retry', 'key-taken'] as const) {
  test(`a batch that meets "${kind}" as often as it may be tried is given up, and nothing was applied`, async () => {
    const { ledger, commits, accounts } = await ledgerOn(() => storeError(kind), { attempts: 3 })
    const errors = await Promise.all([failure(ledger.submit(pay())), failure(ledger.submit(pay()))])
    for (const error of errors) {
      assert.ok(error instanceof LedgerUnavailable)
      assert.equal(error.name, 'LedgerUnavailable')
      assert.equal(error.unknown, false)
      assert.match(error.message, /nothing was applied/)
      assert.equal((error.cause as StoreError).kind, kind)
    }
    assert.equal(commits().length, 3)
    assert.equal(accounts.get(2n)?.balance, 0n)
  })
}

test('a batch is tried eight times where nothing else is said', async () => {
  const { ledger, commits } = await ledgerOn(() => storeError('key-taken'))
  await failure(ledger.submit(pay(5n, { id: 'k' })))
  assert.equal(commits().length, 8)
})

for (const [kind, unknown] of [
  ['unknown', true],
  ['unavailable', false],
] as const) {
  test(`"${kind}" is told to every caller of the batch and to repeats of it, and is not tried again`, async () => {
    const { ledger, commits, asked } = await ledgerOn(() => storeError(kind))
    const twin = () => ledger.submit(pay(5n, { id: 'twin' }))
    const errors = await Promise.all([failure(twin()), failure(twin()), failure(ledger.submit(pay()))])
    for (const error of errors) {
      assert.ok(error instanceof LedgerUnavailable)
      assert.equal(error.unknown, unknown)
      assert.match(error.message, unknown ? /repeat with the same key/ : /nothing was applied/)
      assert.equal((error.cause as StoreError).kind, kind)
    }
    assert.equal(commits().length, 1)
    assert.ok(!asked.includes('release'))
  })
}

test('a key that another process has taken is looked up, and so are the keys of the second that follows', async (t) => {
  const { ledger, locks } = await ledgerOn((_, nth) => (nth === 1 ? storeError('key-taken') : null))
  const now = Date.now
  let time = now()
  Date.now = () => time
  t.after(() => {
    Date.now = now
  })
  const lookedUp = async (id: string) => {
    locks().length = 0
    const before = locks().length
    assert.equal(await submit(ledger, pay(1n, { id })), 'accepted')
    return locks()
      .slice(before)
      .map(({ keys }) => keys.length)
  }
  assert.deepEqual(await lookedUp('first'), [0, 1])
  time += 999
  assert.deepEqual(await lookedUp('within'), [1])
  time += 1
  assert.deepEqual(await lookedUp('after'), [0])
})

test('a batch that is repeated looks its keys up if it did before', async () => {
  const { ledger, locks } = await ledgerOn((_, nth) => [storeError('key-taken'), storeError('retry')][nth - 1] ?? null)
  await submit(ledger, pay(1n, { id: 'k' }))
  assert.deepEqual(
    locks().map(({ keys }) => keys.length),
    [0, 1, 1],
  )
})

test('a command whose content is rejected fails alone, with the locks let go', async () => {
  const poison = pay(6n)
  const own = storeError('fault')
  const { ledger, asked, accounts, commits } = await ledgerOn((writes) =>
    writes.some(({ command }) => command === poison) ? own : null,
  )
  const settled = await Promise.allSettled([pay(), poison, pay(), pay(), pay()].map((each) => ledger.submit(each)))
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  )
  assert.equal((settled[1] as PromiseRejectedResult).reason, own)
  assert.equal(accounts.get(2n)?.balance, 20n)
  // five; two, of which one each; the other three
  assert.deepEqual(
    commits().map(({ commit }) => commit.length),
    [5, 2, 1, 1, 3],
  )
  assert.equal(asked.filter((each) => each === 'release').length, 3)
})

test('an answer that cannot be rendered fails its command alone, with its own error', async () => {
  const { ledger, asked } = await ledgerOn(() => null)
  const own = new TypeError('no answer')
  const bad = pay(5n, {
    answer: () => {
      throw own
    },
  })
  const [good, failed] = await Promise.allSettled([ledger.submit(pay()), ledger.submit(bad)])
  assert.equal(good.status, 'fulfilled')
  assert.equal((failed as PromiseRejectedResult).reason, own)
  assert.ok(asked.includes('release'))
})

const effect: Effect = { name: 'single', text: '', bound: once('single_use') }
const use = (row: string, options: Partial<Command> & { id?: string } = {}) =>
  pay(5n, { effects: [{ effect, row: [row] }], ...options })
const conflictOf = (constraint: string) =>
  new StoreError('conflict', constraint, undefined, { code: 'effect-refused', constraint })

test('a row that breaks a constraint refuses its command, and the next one of its kind without being tried', async () => {
  const { ledger, commits, asked, accounts } = await ledgerOn((writes) =>
    writes.some(({ command, effects }) => command.effects && effects) ? conflictOf('single_use') : null,
  )
  assert.equal(await submit(ledger, use('a')), 'effect-refused')
  // A refusal without a key has nothing to remember: no second commit, and the locks are let go.
  assert.equal(commits().length, 1)
  assert.equal(asked.at(-1), 'release')
  assert.equal(await submit(ledger, use('a')), 'effect-refused')
  assert.equal(commits().length, 1)
  assert.equal(await submit(ledger, use('b')), 'effect-refused')
  assert.equal(commits().length, 2)
  assert.equal(accounts.get(2n)?.balance, 0n)
})

test('a refusal by a constraint is kept under the key, after the key was looked up', async () => {
  const { ledger, commits, locks } = await ledgerOn((writes) =>
    writes.some(({ effects }) => effects) ? new StoreError('conflict', 'there') : null,
  )
  const first = await ledger.submit(use('a', { id: 'k' }))
  assert.deepEqual(first.outcome, { accepted: false, refusal: { code: 'already-exists' }, at: 1000 })
  assert.deepEqual(
    locks().map(({ keys }) => keys.length),
    [0, 1, 1],
  )
  const [kept] = commits().at(-1)?.commit ?? []
  assert.equal(kept?.effects, null)
  assert.deepEqual(kept?.answer, first.answer)
  assert.deepEqual(await ledger.submit(use('a', { id: 'k' })), { answer: first.answer, outcome: null, replayed: true })
})

test('a conflict that stays although its command was refused is told as it is, not tried without end', async () => {
  const own = conflictOf('single_use')
  const { ledger, commits } = await ledgerOn(() => own)
  assert.equal(await failure(ledger.submit(use('a', { id: 'k' }))), own)
  assert.equal(commits().length, 3)
})

test('one row that breaks a constraint costs the others of its batch nothing but another try', async () => {
  const { ledger, accounts } = await ledgerOn((writes) =>
    writes.some(({ command, effects }) => command.effects && effects) ? conflictOf('single_use') : null,
  )
  const told = await Promise.all([pay(), use('a'), pay(), pay()].map((each) => submit(ledger, each)))
  assert.deepEqual(told, ['accepted', 'effect-refused', 'accepted', 'accepted'])
  assert.equal(accounts.get(2n)?.balance, 15n)
})

test('what one command of a batch uses up, the next one of the batch and every later one are refused without being tried', async () => {
  const { ledger, commits, accounts } = await ledgerOn(() => null)
  const told = await Promise.all([use('a'), use('a'), use('b')].map((each) => submit(ledger, each)))
  assert.deepEqual(told, ['accepted', 'effect-refused', 'accepted'])
  assert.deepEqual(
    commits().map(({ commit }) => commit.length),
    [2],
  )
  assert.equal(await submit(ledger, use('b')), 'effect-refused')
  assert.equal(commits().length, 1)
  assert.equal(accounts.get(2n)?.balance, 10n)
})

test('what a batch that was given up would have used is not used up', async () => {
  const { ledger } = await ledgerOn((_, nth) => (nth === 1 ? storeError('unavailable') : null))
  await failure(ledger.submit(use('a')))
  assert.equal(await submit(ledger, use('a')), 'accepted')
})
