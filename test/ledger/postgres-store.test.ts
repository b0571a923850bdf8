import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountState } from '../../src/domain/posting.ts'
import type { JournalHead } from '../../src/ledger/journal.ts'
import { openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { type LockRequest, StoreError, type Write } from '../../src/ledger/store.ts'
import {
  type Pipeline,
  PipelineError,
  type PipelineFailure,
  type Reply,
  type Step,
} from '../../src/storage/pipeline.ts'
import { command } from '../support/ledger.ts'

// What the store makes of each answer that a connection can give. A real server cannot be brought to give all of them; those that it
// can are tried on one in connection-faults.test.ts and committer.test.ts.

type Answer = Partial<Reply> | PipelineFailure
const lost = (message = 'the connection is lost', completed: Reply[] = []): PipelineFailure => ({ message, completed })
const sqlState = (code: string, constraint?: string): PipelineFailure => ({
  message: code,
  code,
  ...(constraint ? { constraint } : {}),
  completed: [],
})

/** A connection that answers as told, and a store on it. `answer` may leave a statement to the usual answer. */
async function storeOn(
  answer: (step: Step, steps: readonly Step[]) => Answer | undefined = () => undefined,
  options: { onHead?: (head: JournalHead) => void; settleWithin?: number } = {},
) {
  const groups: string[][] = []
  const sent: Step[][] = []
  let connections = 0
  let closed = 0
  const usual = (step: Step): Partial<Reply> => {
    if (step.text === 'commit') return { tag: 'COMMIT' }
    if (step.text.startsWith('show synchronous_commit')) return { rows: [['on']] }
    if (step.text.startsWith('show transaction_read_only')) return { rows: [['off']] }
    if (step.text.includes('nextval')) return { rows: [['3', '1700']] }
    if (step.text.includes('recursive head')) return { rows: [['[[1,7,"ab"]]']] }
    if (step.name === 'lock') return { rows: [[null, '5000', null]] }
    return {}
  }
  const connect = async (): Promise<Pipeline> => {
    connections++
    return {
      async run(steps) {
        groups.push(steps.map(({ name, text }) => name ?? text.trim().split(/\s+/).slice(0, 2).join(' ')))
        sent.push([...steps])
        const replies: Reply[] = []
        for (const step of steps) {
          const given = answer(step, steps) ?? usual(step)
          if ('message' in given) throw new PipelineError({ ...given, completed: replies })
          replies.push({ rows: [], tag: '', ...given })
        }
        return replies
      },
      poll: () => {
        groups.push(['poll'])
      },
      async close() {
        closed++
      },
    }
  }
  const store = await openPostgresStore({ connect, journalKey: Buffer.alloc(32, 7), ...options })
  groups.length = 0
  sent.length = 0
  return { store, groups, sent, connections: () => connections, closed: () => closed }
}

const asking = (request: Partial<LockRequest> = {}): LockRequest => ({
  accounts: new Set([1n, 2n]),
  holds: new Set(),
  keys: [],
  ...request,
})
const payment: Write = {
  command: command([]),
  keyId: null,
  effects: { transfers: [], entries: [], opened: [], ended: [], changed: [] },
  answer: { status: 200, body: '{}' },
}
const isError = (kind: string) => (error: unknown) => error instanceof StoreError && error.kind === kind

for (const [answer, message] of [
  [['synchronous_commit', 'off'], /synchronous_commit is off/],
  [['transaction_read_only', 'on'], /read-only/],
] as const) {
  test(`a store does not begin where ${answer[0]} is ${answer[1]}`, async () => {
    await assert.rejects(
      storeOn((step) => (step.text === `show ${answer[0]}` ? { rows: [[answer[1]]] } : undefined)),
      message,
    )
  })
}

test('a database that cannot be reached is tried again by whoever asks', async () => {
  const cause = new Error('no route')
  await assert.rejects(
    openPostgresStore({ connect: () => Promise.reject(cause), journalKey: Buffer.alloc(32) }),
    (error) => isError('retry')(error) && (error as Error).cause === cause,
  )
})

test('what is locked is read in all its members, and no moment is before the last entry', async () => {
  const hold = ['h1', '1', '2', '7', '5', '0', '4999']
  const { store, groups, sent } = await storeOn((step) => {
    if (step.name === 'lock') return { rows: [['1,7,10,1,2,-5,-,9,3,0;2,7,-4,0,0,-,100,1,1,2', '5000', '5003']] }
    if (step.name === 'expired')
      return { rows: [hold, ['h2', '1', '2', '7', '5', '0', '5000'], [...hold.slice(0, 6), '5001']] }
    if (step.name === 'find-holds') return { rows: [['h3', '2', '1', '7', '6', '1', '9000']] }
    if (step.name === 'find-keys') return { rows: [['k', 'hash', '409', '{"a":1}']] }
    return undefined
  })
  const locked = await store.lock(asking({ holds: new Set(['h3', 'h4']), keys: ['k', 'l'] }))
  assert.deepEqual(
    [...locked.accounts.values()],
    [
      {
        id: 1n,
        assetId: 7,
        balance: 10n,
        held: 1n,
        incoming: 2n,
        lower: -5n,
        upper: null,
        entries: 9n,
        version: 3,
        status: 'open',
      },
      {
        id: 2n,
        assetId: 7,
        balance: -4n,
        held: 0n,
        incoming: 0n,
        lower: null,
        upper: 100n,
        entries: 1n,
        version: 1,
        status: 'closed',
      },
    ],
  )
  assert.deepEqual([...locked.accounts.keys()], [1n, 2n])
  const expired = { id: 'h1', source: 1n, target: 2n, assetId: 7, amount: 5n, status: 'open', expiresAt: 4999 }
  assert.deepEqual(locked.expired, [expired, { ...expired, id: 'h2', expiresAt: 5000 }])
  assert.deepEqual(
    [...locked.holds],
    [['h3', { ...expired, id: 'h3', source: 2n, target: 1n, amount: 6n, status: 'captured', expiresAt: 9000 }]],
  )
  assert.deepEqual([...locked.keys], [['k', { hash: 'hash', answer: { status: 409, body: '{"a":1}' } }]])
  assert.deepEqual([locked.now, locked.at], [5000, 5003])
  assert.deepEqual(groups, [['begin isolation', 'lock', 'expired', 'find-holds', 'find-keys']])
  assert.deepEqual(
    sent[0]?.map(({ values }) => values),
    [undefined, ['{1,2}'], ['{1,2}'], ['{h3,h4}'], ['{k,l}']],
  )
})

test('where nothing is found nothing is locked, and what was not asked for is not looked up', async () => {
  const { store, groups } = await storeOn()
  assert.deepEqual(await store.lock(asking()), {
    accounts: new Map(),
    holds: new Map(),
    expired: [],
    keys: new Map(),
    now: 5000,
    at: 5000,
  })
  assert.deepEqual(groups, [['begin isolation', 'lock', 'expired']])
})

const KINDS: [code: string, kind: string][] = [
  ...['40001', '40P01', '55P03', '57014', '57P01', '57P03', '25006', '25P03'].map((code): [string, string] => [
    code,
    'retry',
  ]),
  ...['53100', '53300', '58030'].map((code): [string, string] => [code, 'unavailable']),
  ...['23514', '22003', '42P01', '15300', 'X40001', '400012'].map((code): [string, string] => [code, 'fault']),
]
for (const [code, kind] of KINDS) {
  test(`SQLSTATE ${code} is "${kind}"; the connection is kept clean, or left if the server ends it`, async () => {
    let failing = true
    const { store, groups, connections, closed } = await storeOn((step) =>
      failing && step.name === 'lock' ? sqlState(code) : undefined,
    )
    await assert.rejects(store.lock(asking()), isError(kind))
    const leaves = /^57P|^25006/.test(code)
    assert.deepEqual(groups.slice(1), leaves ? [] : [['rollback']])
    assert.equal(closed(), leaves ? 1 : 0)
    failing = false
    await store.lock(asking())
    assert.equal(connections(), leaves ? 2 : 1)
  })
}

test('a connection that cannot be cleaned is left', async () => {
  let failing = true
  const { store, closed, connections } = await storeOn((step) => {
    if (!failing) return undefined
    return step.name === 'lock' ? sqlState('40001') : step.text === 'rollback' ? lost() : undefined
  })
  await assert.rejects(store.lock(asking()), isError('retry'))
  failing = false
  await store.lock(asking())
  assert.deepEqual([closed(), connections()], [1, 2])
})

test('a taken key, a row that is there and a check of an effect are told apart from a check of the ledger', async () => {
  const told = async (at: string, failure: PipelineFailure) => {
    const { store } = await storeOn((step) => (step.name === at ? failure : undefined))
    const effect = { name: 'use', text: 'insert' }
    const write = { ...payment, command: command([], { effects: [{ effect, row: ['a'] }] }) }
    const error = await store.commit([write], [], 5000, null).catch((error) => error)
    assert.ok(error instanceof StoreError)
    return [error.kind, error.refusal]
  }
  assert.deepEqual(await told('effect-use', sqlState('23505', 'idempotency_pkey')), ['key-taken', undefined])
  assert.deepEqual(await told('effect-use', sqlState('23505', 'use_pkey')), [
    'conflict',
    { code: 'already-exists', constraint: 'use_pkey' },
  ])
  assert.deepEqual(await told('effect-use', sqlState('23505')), ['conflict', { code: 'already-exists' }])
  assert.deepEqual(await told('effect-use', sqlState('23514', 'use_cap')), [
    'conflict',
    { code: 'effect-refused', constraint: 'use_cap' },
  ])
  assert.deepEqual(await told('journal', sqlState('23514', 'journal_check')), ['fault', undefined])
})

test('a commit ends with its journal row and the commit itself, and tells the head after it', async () => {
  const heads: JournalHead[] = []
  const { store, groups, sent } = await storeOn(undefined, { onHead: (head) => heads.push(head) })
  assert.equal(await store.commit([payment], [], 5000, null), null)
  assert.deepEqual(groups[0]?.slice(-2), ['journal', 'commit'])
  const [stream, seq, kind, at, hash, genesis] = sent[0]?.at(-2)?.values ?? []
  assert.deepEqual([stream, seq, kind, at, genesis], ['3', '1', '1', '5000', null])
  assert.deepEqual(heads, [{ stream: 3, seq: 1n, hash: Buffer.from(hash as string, 'hex') }])
  await store.commit([payment], [], 5001, null)
  assert.equal(heads[1]?.seq, 2n)
  assert.notDeepEqual(heads[1]?.hash, heads[0]?.hash)
})

test('whoever listens to heads cannot make a commit look as if it had not happened', async () => {
  const { store } = await storeOn(undefined, {
    onHead: () => {
      throw new Error('disk full')
    },
  })
  assert.equal(await store.commit([payment], [], 5000, null), null)
})

test('the next batch is locked behind the commit, and what fails there costs the commit nothing', async () => {
  let failing = false
  const { store, groups } = await storeOn((step) => (failing && step.name === 'lock' ? sqlState('55P03') : undefined))
  const next = await store.commit([payment], [], 5000, asking({ keys: ['k'] }))
  assert.deepEqual([next?.now, next?.at], [5000, 5000])
  assert.deepEqual(groups[0]?.slice(-5), ['commit', 'begin isolation', 'lock', 'expired', 'find-keys'])
  failing = true
  assert.equal(await store.commit([payment], [], 5000, asking()), null)
})

test('a commit that is answered with a rollback did not happen', async () => {
  const { store } = await storeOn((step) => (step.text === 'commit' ? { tag: 'ROLLBACK' } : undefined))
  await assert.rejects(store.commit([payment], [], 5000, null), isError('retry'))
})

for (const [what, failure] of [
  ['the connection is lost', lost()],
  ['a replica has not confirmed', sqlState('01000')],
] as const) {
  for (const happened of [true, false]) {
    test(`where ${what} at the commit, the journal tells that it ${happened ? 'happened' : 'did not happen'}`, async () => {
      let hash = ''
      let interrupted = false
      const heads: JournalHead[] = []
      const { store, groups, sent } = await storeOn(
        (step, steps) => {
          if (step.name === 'journal') hash = step.values?.[4] ?? ''
          if (step.text === 'commit' && steps.some(({ name }) => name === 'journal') && !interrupted) {
            interrupted = true
            return failure
          }
          // A void row is written in its place if nothing is there.
          if (step.text.includes('for key share')) return { rows: [[happened ? hash : 'ee'.repeat(32)]] }
          return undefined
        },
        { onHead: (head) => heads.push(head) },
      )
      const committed = store.commit([payment], [], 5000, asking())
      if (happened) assert.equal(await committed, null)
      else await assert.rejects(committed, isError('retry'))
      assert.deepEqual(heads, [{ stream: 3, seq: 1n, hash: Buffer.from(happened ? hash : 'ee'.repeat(32), 'hex') }])
      assert.deepEqual(groups.at(-1), ['begin isolation', 'insert into', 'select encode(hash,', 'commit'].map(shorten))
      const [, voided, find] = sent.at(-1) ?? []
      assert.match(voided?.text ?? '', /on conflict do nothing$/)
      assert.deepEqual(voided?.values?.slice(0, 3), ['3', '1', '2'])
      assert.deepEqual(find?.values, ['3', '1'])
      await store.commit([payment], [], 5001, null)
      assert.equal(heads.at(-1)?.seq, 2n)
    })
  }
}
const shorten = (text: string) => text.split(/\s+/).slice(0, 2).join(' ')

test('an outcome that cannot be learnt is unknown, and nothing else happens before it is known', async () => {
  let down = false
  let hash = ''
  const { store, sent } = await storeOn(
    (step, steps) => {
      if (step.name === 'journal') hash = step.values?.[4] ?? ''
      if (step.text === 'commit' && steps.some(({ name }) => name === 'journal')) down = true
      if (step.text.includes('for key share')) return { rows: [[hash]] }
      return down ? lost() : undefined
    },
    { settleWithin: 1 },
  )
  await assert.rejects(store.commit([payment], [], 5000, null), isError('unknown'))
  // Of a batch that has sent nothing yet it only delays the start.
  await assert.rejects(store.lock(asking()), isError('retry'))
  down = false
  sent.length = 0
  await store.lock(asking())
  assert.deepEqual(
    sent.map((steps) => steps.some(({ name }) => name === 'lock')),
    [false, true],
  )
})

test('a lost connection before anything was sent may be tried again', async () => {
  const { store, closed } = await storeOn((step) => (step.name === 'lock' ? lost() : undefined))
  await assert.rejects(store.lock(asking()), isError('retry'))
  assert.equal(closed(), 1)
})

test('an account of an asset that does not exist is a fault, and each asset is looked up once', async () => {
  const account = {
    id: 1n,
    balance: 0n,
    held: 0n,
    incoming: 0n,
    lower: null,
    upper: null,
    entries: 0n,
    version: 1,
    status: 'open' as const,
  }
  const opening = (assetId: number): Write => ({
    ...payment,
    effects: { transfers: [], entries: [], opened: [], ended: [], changed: [{ ...account, assetId }] },
  })
  const { store, sent } = await storeOn((step) =>
    step.text.includes('from asset') ? { rows: [['7', 'PTS', 'club', '2']] } : undefined,
  )
  await store.commit([opening(7), opening(7)], [], 5000, null)
  await store.commit([opening(7)], [], 5000, null)
  const lookups = sent.flat().filter(({ text }) => text.includes('from asset'))
  assert.deepEqual(
    lookups.map(({ values }) => values),
    [['{7}']],
  )
  await assert.rejects(store.commit([opening(8)], [], 5000, null), isError('fault'))
})

test('a release that fails is no error, and at the end the connection is closed', async () => {
  const { store, groups, closed } = await storeOn((step) => (step.text === 'rollback' ? lost() : undefined))
  await store.release()
  assert.deepEqual(groups, [['rollback']])
  await store.lock(asking())
  store.poll?.()
  assert.deepEqual(groups.at(-1), ['poll'])
  await store.close()
  assert.equal(closed(), 2)
  store.poll?.()
  await store.close()
})

const thought = (id: bigint, balance: bigint, entries: bigint): AccountState => ({
  id,
  assetId: 7,
  balance,
  held: 0n,
  incoming: 0n,
  lower: null,
  upper: null,
  entries,
  version: 4,
  status: 'open',
})
const before = new Map([2n, 1n].map((id) => [id, thought(id, 10n, 5n)]))
const after = new Map([2n, 1n].map((id) => [id, thought(id, id === 1n ? 9n : 11n, 6n)]))
const isCommit = (steps: readonly Step[]) => steps.some(({ name }) => name === 'journal')
const rowsOf = (sent: readonly Step[][]) =>
  sent.filter(isCommit).map((steps) => steps.find(({ name }) => name === 'journal')?.values?.slice(0, 3))

test('a commit without a lock compares its accounts, in the order of their ids, and the commit it follows, which may be on its way', async () => {
  const heads: JournalHead[] = []
  const { store, groups, sent } = await storeOn(
    (step) => (step.name === 'foreseen' ? { rows: [['1', '7777']] } : undefined),
    { onHead: (head) => heads.push(head) },
  )
  const first = store.commit([payment], [], 5000, null)
  assert.equal(await store.commitAhead([payment], after, 5001, before), 7777)
  assert.equal(await first, null)
  assert.deepEqual(
    heads.map(({ seq }) => seq),
    [1n, 2n],
  )
  assert.deepEqual(groups[1]?.slice(0, 2), ['begin isolation', 'foreseen'])
  assert.deepEqual(groups[1]?.slice(-2), ['journal', 'commit'])
  assert.ok(!groups[1]?.includes('balances'))
  const compared = sent[1]?.find(({ name }) => name === 'foreseen')?.values
  const journal = ['3', '1', heads[0]?.hash.toString('hex')]
  assert.deepEqual(compared, ['{1,2}', '{9,11}', '{6,6}', '{10,10}', '{5,5}', '5001', '{4,4}', ...journal])
  assert.deepEqual(rowsOf(sent), [
    ['3', '1', '1'],
    ['3', '2', '1'],
  ])
})

test('what was thought of accounts and is not so is stale; the same error anywhere else is a fault', async () => {
  for (const [name, kind] of [
    ['foreseen', 'stale'],
    ['transactions', 'fault'],
  ] as const) {
    const { store } = await storeOn((step) => (step.name === name ? sqlState('22012') : undefined))
    await assert.rejects(store.commitAhead([payment], after, 5000, before), isError(kind))
  }
})

test('what follows a commit that was not made is stale, whatever its own error is, and the next commit takes their place', async () => {
  for (const own of [sqlState('22012'), sqlState('25P02'), sqlState('40001'), lost()]) {
    let failing = true
    const heads: JournalHead[] = []
    const { store, sent } = await storeOn(
      (step, steps) => {
        if (!failing) return undefined
        if (step.name === 'foreseen') return own
        return step.name === 'journal' && steps.every(({ name }) => name !== 'foreseen')
          ? sqlState('23505', 'idempotency_pkey')
          : undefined
      },
      { onHead: (head) => heads.push(head) },
    )
    const first = store.commit([payment], [], 5000, null)
    const second = store.commitAhead([payment], after, 5001, before)
    await assert.rejects(first, isError('key-taken'))
    await assert.rejects(second, isError('stale'))
    assert.deepEqual(heads, [])
    failing = false
    sent.length = 0
    await store.lock(asking())
    await store.commit([payment], [], 5002, null)
    assert.deepEqual(rowsOf(sent), [['3', '1', '1']])
    assert.deepEqual(
      heads.map(({ seq }) => seq),
      [1n],
    )
  }
})

test('where the connection is lost with two commits on their way, the journal tells of each, in their order', async () => {
  for (const made of [0, 1, 2]) {
    const hashes: string[] = []
    let down = true
    const heads: JournalHead[] = []
    const { store } = await storeOn(
      (step, steps) => {
        if (step.name === 'journal') hashes.push(step.values?.[4] ?? '')
        if (down && step.text === 'commit' && isCommit(steps)) return lost()
        if (step.text.includes('for key share')) {
          const seq = Number(step.values?.[1])
          return { rows: [[seq <= made ? (hashes[seq - 1] as string) : 'ee'.repeat(32)]] }
        }
        return undefined
      },
      { onHead: (head) => heads.push(head) },
    )
    const first = store.commit([payment], [], 5000, null)
    const second = store.commitAhead([payment], after, 5001, before)
    const told = await Promise.all(
      [first, second].map((one) =>
        one.then(
          () => 'made',
          (error: StoreError) => error.kind,
        ),
      ),
    )
    assert.deepEqual(told, [made > 0 ? 'made' : 'retry', made > 1 ? 'made' : made > 0 ? 'retry' : 'stale'])
    down = false
    await store.commit([payment], [], 5002, null)
    const seqs = heads.map(({ seq }) => seq)
    assert.deepEqual(seqs, made > 0 ? [1n, 2n, 3n] : [1n, 2n])
  }
})

test('two commits whose outcome cannot be learnt are both unknown, and both are settled before anything else happens', async () => {
  let down = false
  const hashes: string[] = []
  const heads: JournalHead[] = []
  const { store, sent } = await storeOn(
    (step, steps) => {
      const journal = steps.find(({ name }) => name === 'journal')?.values
      if (journal) hashes[Number(journal[1]) - 1] = journal[4] as string
      if (step.text === 'commit' && isCommit(steps)) down = true
      if (step.text.includes('for key share')) return { rows: [[hashes[Number(step.values?.[1]) - 1] as string]] }
      return down ? lost() : undefined
    },
    { settleWithin: 1, onHead: (head) => heads.push(head) },
  )
  const first = store.commit([payment], [], 5000, null)
  const second = store.commitAhead([payment], after, 5001, before)
  await assert.rejects(first, isError('unknown'))
  await assert.rejects(second, isError('unknown'))
  await assert.rejects(store.commitAhead([payment], after, 5001, before), isError('stale'))
  down = false
  sent.length = 0
  await store.lock(asking())
  assert.deepEqual(
    sent.map((steps) => steps.some(({ name }) => name === 'lock')),
    [false, false, true],
  )
  assert.deepEqual(
    heads.map(({ seq, hash }) => [seq, hash.toString('hex')]),
    [
      [1n, hashes[0]],
      [2n, hashes[1]],
    ],
  )
})
