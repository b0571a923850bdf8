import { type Command, type Ledger, LedgerUnavailable, type Settled } from '../../src/ledger/command.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import type { Store } from '../../src/ledger/store.ts'
import { createDatabase, type Database, POISON, RULES, type Rules } from './database.ts'
import { ACCOUNTS, createOperations, GRAIN, type Operation } from './operations.ts'
import { createOracles, PRINCIPAL } from './oracles.ts'
import { CALM, createSimulatedStore, type Faults } from './simulated-store.ts'
import { createWorld, type World } from './world.ts'

/** Where a test plants a bug: between the production code and the simulated parts. */
export type Seams = {
  readonly rules?: Partial<Rules>
  readonly store?: (store: Store, context: { world: World; database: Database }) => Store
  readonly ledger?: (ledger: Ledger) => Ledger
  /** another committer: to try what a change of its text does */
  readonly committer?: typeof createCommitter
}

export type Run = {
  readonly seed: number
  /** the promise that was broken; null: all were kept */
  readonly violation: string | null
  readonly counts: Counts
}

/** What happened in a life: a simulator in which something never happens says nothing about it. */
export const COUNTED = [
  'steps',
  'operations',
  'attempts',
  'commits',
  'applied',
  'refused',
  'replayed',
  'altered',
  'failed',
  'unknown',
  'defects',
  'expired',
  'crashes',
  'jumps',
  'ahead',
  'behind',
  'stale',
] as const

export type Counts = Record<(typeof COUNTED)[number], number>

export const noCounts = (): Counts => Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts

/** One sending of an operation. */
type Attempt = {
  readonly operation: Operation
  readonly transaction: string
  readonly server: number
  settled: boolean
  /** what the client was told: it must never be applied */
  never: boolean
}

type Server = { readonly number: number; readonly ledger: Ledger; readonly crash: () => void }

const STEPS = 20_000

/** Lives one life of an installation: two servers on one database, clients, and all that goes wrong. */
export async function simulate(seed: number, seams: Seams = {}, tell?: (line: string) => void): Promise<Run> {
  const world = createWorld(seed, tell)
  const { random } = world
  const oracles = createOracles(world, () => database)
  const database: Database = createDatabase(
    world,
    { ...RULES, ...seams.rules },
    random.pick([1, GRAIN]),
    oracles.committed,
  )
  for (const [id, assetId, lower, upper] of ACCOUNTS) {
    const empty = { balance: 0n, held: 0n, incoming: 0n, entries: 0n, version: 1, status: 'open' as const }
    database.accounts.set(id, { id, assetId, lower, upper, ...empty })
  }

  // Each life has its own kinds of trouble: what always happens together hides what happens alone.
  const often = () => random.pick([0, 0, 0.02, 0.1, 0.3])
  const trouble: Faults = {
    retry: often(),
    unavailable: often() / 2,
    interrupted: often(),
    unknown: random.pick([0, 0.3, 1]),
    nextFails: often(),
  }
  const network = { lost: often(), repeated: often() }
  const options = {
    batchLimit: random.pick([1, 2, 4, 1024]),
    queueLimit: random.pick([3, 50_000, 50_000]),
    attempts: random.pick([2, 3, 8]),
    monotonic: world.now,
  }
  let calm = false
  let servers = 0
  const counts = noCounts()
  const running: (Server | null)[] = [null, null]
  const attempts: Attempt[] = []
  const resolved = new Set<number>()

  function start(place: number): void {
    const number = ++servers
    const faults = () => (calm ? CALM : trouble)
    const store = createSimulatedStore(world, database, number, faults, (what) => counts[what]++)
    const planted = seams.store ? seams.store(store, { world, database }) : store
    const ledger = (seams.committer ?? createCommitter)(planted, options)
    running[place] = { number, ledger: seams.ledger?.(ledger) ?? ledger, crash: store.crash }
    if (world.tracing) world.trace(`server ${number} starts`)
  }

  function crash(place: number): void {
    const server = running[place]
    if (!server) return
    counts.crashes++
    if (world.tracing) world.trace(`server ${server.number} dies`)
    running[place] = null
    world.forget(server.number)
    server.crash()
    world.later('start', null, () => start(place), random.int(60))
    // The clients' connections break: nobody knows what became of what was under way.
    for (const attempt of attempts) {
      if (attempt.server !== server.number || attempt.settled) continue
      attempt.settled = true
      again(attempt.operation)
    }
  }

  function again(operation: Operation): void {
    // Without a key a careful client does not ask twice.
    if (operation.key && !calm) world.later('again', null, () => send(operation), random.int(400))
  }

  let tries = new Map<number, number>()

  function send(operation: Operation): void {
    const count = (tries.get(operation.number) ?? 0) + 1
    tries.set(operation.number, count)
    // Given up; in the end it counts as unanswered.
    if (count > 5) return
    if (!calm && random.chance(network.lost)) {
      again(operation)
      return
    }
    deliver(operation)
    if (operation.key && !calm && random.chance(network.repeated)) {
      world.later('the network repeats', null, () => deliver(operation), random.int(60))
    }
  }

  function deliver(operation: Operation): void {
    const server = random.pick(running)
    if (!server) {
      again(operation)
      return
    }
    const transaction = `t${operation.number}.${attempts.length}`
    const attempt: Attempt = { operation, transaction, server: server.number, settled: false, never: false }
    attempts.push(attempt)
    if (world.tracing) world.trace(`server ${server.number} gets ${describe(operation, transaction)}`)
    world.later('a request', server.number, () => {
      server.ledger.submit(commandOf(operation, transaction)).then(
        (settled) => answered(attempt, settled),
        (error: Error) => failed(attempt, error),
      )
    })
  }

  function answered(attempt: Attempt, { answer, outcome, replayed }: Settled): void {
    const { operation, transaction } = attempt
    attempt.settled = true
    if (world.tracing) world.trace(`${transaction} is answered: ${answer.body}${replayed ? ' (replayed)' : ''}`)
    const kept = operation.key && oracles.keys.get(oracles.keyOf(operation.key.value))
    if (replayed || !outcome) {
      counts.replayed++
      if (!kept) world.violate(`${transaction} was answered with an answer that is not kept`)
      else if (kept.hash !== operation.key?.hash) world.violate(`${transaction} got the answer of another request`)
      else if (kept.body !== answer.body) world.violate(`${transaction}: the repeated answer is not the first one`)
      attempt.never = kept?.transaction !== transaction
    } else if (outcome.accepted) {
      if (oracles.applied.get(transaction) !== answer.body) world.violate(`${transaction} is acknowledged, not applied`)
      if (database.transactions.get(transaction) !== 1) world.violate(`${transaction} is acknowledged, and not there`)
    } else {
      attempt.never = true
      if (oracles.applied.has(transaction)) world.violate(`${transaction} is refused, and was applied`)
      const altered = outcome.refusal.code === 'idempotency-conflict'
      counts[altered ? 'altered' : 'refused']++
      if (altered && (!kept || kept.hash === operation.key?.hash)) world.violate(`${transaction} is no altered repeat`)
      if (!altered && operation.key && kept?.body !== answer.body) world.violate(`${transaction}: refusal not kept`)
    }
    if (!calm && random.chance(network.lost)) again(operation)
    else resolved.add(operation.number)
  }

  function failed(attempt: Attempt, error: Error): void {
    const { operation, transaction } = attempt
    attempt.settled = true
    if (world.tracing) world.trace(`${transaction} fails: ${error.message}`)
    if (error instanceof LedgerUnavailable) {
      attempt.never = !error.unknown
      counts[error.unknown ? 'unknown' : 'failed']++
      if (attempt.never && oracles.applied.has(transaction)) world.violate(`${transaction} failed, and was applied`)
      if (calm) world.later('again', null, () => send(operation), random.int(400))
      else again(operation)
      return
    }
    attempt.never = true
    counts.defects++
    // One key's commands go on together, and share the fault of the first.
    const shared = attempts.some(
      ({ operation: other }) =>
        other.defect !== null &&
        (other === operation || (other.key !== null && other.key.value === operation.key?.value)),
    )
    if (!shared) world.violate(`${transaction} meets a defect: ${error.message}`)
    resolved.add(operation.number)
  }

  start(0)
  start(1)
  const next = createOperations(random, world.now())
  const funding: Operation = {
    number: 0,
    key: { value: 'funding', hash: 'funding' },
    legs: [
      { type: 'transfer', source: 1n, target: 2n, amount: 120n },
      { type: 'transfer', source: 1n, target: 3n, amount: 60n },
      { type: 'transfer', source: 5n, target: 6n, amount: 40n },
    ],
    effects: [],
    defect: null,
  }
  const operations = [funding, ...Array.from({ length: 6 + random.int(random.pick([20, 20, 20, 60])) }, next)]
  const span = random.pick([5, 60, 250, 2500])
  for (const operation of operations) {
    world.later('a client asks', null, () => send(operation), operation === funding ? 0 : random.int(span))
  }
  const crashesToCome = random.pick([0, 0, 1, 1, 2, 4])
  for (let n = 0; n < crashesToCome; n++) {
    world.later('a crash', null, () => crash(random.int(2)), random.int(2 * span))
  }
  for (let n = random.int(3); n > 0; n--) {
    const jump = random.pick([-5000, 30, 300, 10_000, 60_000])
    world.later(
      'the clock jumps',
      null,
      () => {
        if (world.tracing) world.trace(`the database's clock jumps by ${jump} ms`)
        counts.jumps++
        database.jump(jump)
      },
      random.int(span),
    )
  }
  counts.steps = await world.run(STEPS)

  // All is well again: what is open is asked again, and what was answered once more.
  calm = true
  tries = new Map()
  const repeated = operations.filter(({ number, key }) => key && (!resolved.has(number) || random.chance(0.2)))
  for (const operation of repeated) world.later('a client asks again', null, () => send(operation), random.int(200))
  counts.steps += await world.run(STEPS)
  database.jump(100_000_000)
  const sweep = [1n, 2n, 3n, 4n, 5n, 6n].map((account, index) => ({
    number: 1000 + index,
    key: { value: `sweep-${account}`, hash: 'sweep' },
    legs: [{ type: 'change-account' as const, account, status: 'open' as const }],
    effects: [],
    defect: null,
  }))
  for (const operation of sweep) world.later('a sweep', null, () => send(operation))
  counts.steps += await world.run(STEPS)

  if (world.violation() === null) {
    for (const attempt of attempts) {
      if (!attempt.settled) world.violate(`${attempt.transaction} is never answered`)
      if (attempt.never && oracles.applied.has(attempt.transaction)) {
        world.violate(`${attempt.transaction} was told not to be applied, and was`)
      }
    }
    for (const { number } of [...repeated, ...sweep]) {
      if (!resolved.has(number)) world.violate(`operation ${number} has no answer in the end`)
    }
    if (database.busy()) world.violate('rows are locked when nothing goes on')
    oracles.finish()
  }
  counts.operations = operations.length
  counts.attempts = attempts.length
  counts.commits = oracles.counts.commits
  counts.applied = oracles.applied.size
  counts.expired = oracles.counts.expired
  return { seed, violation: world.violation(), counts }
}

function commandOf(operation: Operation, transaction: string): Command {
  const { key, legs, effects, defect } = operation
  return {
    principal: PRINCIPAL,
    ...(key ? { key } : {}),
    transaction,
    kind: 'simulated',
    legs,
    payload: defect === 'content' ? POISON : '{}',
    effects,
    answer(outcome) {
      if (defect === 'answer') throw new Error('this answer cannot be rendered')
      if (!outcome.accepted) {
        const { code, constraint } = outcome.refusal
        return { status: 409, body: `${transaction} no ${code}${constraint ? ` ${constraint}` : ''}` }
      }
      const entries = outcome.entries.map(({ account, amount, balance }) => `${account}: ${amount} → ${balance}`)
      return { status: 200, body: `${transaction} ok ${entries.join(', ')}` }
    },
  }
}

function describe({ key, legs, effects, defect }: Operation, transaction: string): string {
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
  const rows = effects.map(({ effect, row }) => `${effect.name} ${row.join(' ')}`)
  const named = key ? `key ${key.value}, ${key.hash}` : 'no key'
  return `${transaction} (${named})${defect ? ` with a defect in its ${defect}` : ''}: ${JSON.stringify(legs, text)} ${rows.join()}`
}
