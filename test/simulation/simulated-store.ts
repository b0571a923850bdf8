import { accountsOf } from '../../src/domain/posting.ts'
import { type Locked, type Store, StoreError } from '../../src/ledger/store.ts'
import type { Connection, Database } from './database.ts'
import type { World } from './world.ts'

/** How often what goes wrong, each from 0 to 1. */
export type Faults = {
  /** the database cannot be reached, a deadlock, a lock or statement that takes too long */
  readonly retry: number
  /** the database refuses work */
  readonly unavailable: number
  /** the connection breaks after the commit was sent */
  readonly interrupted: number
  /** of those: the outcome is not learnt in time */
  readonly unknown: number
  /** the commit happened, and the lock of the next batch failed */
  readonly nextFails: number
}

export const CALM: Faults = { retry: 0, unavailable: 0, interrupted: 0, unknown: 0, nextFails: 0 }

/** What a store tells of commits that were sent without a lock. */
export type AheadNews = 'ahead' | 'behind' | 'stale'

type CommitOutcome = 'made' | 'not made' | 'unknown'

/** A commit as the database meets it. */
type Commit<T> = {
  readonly ahead: boolean
  /** @param seq its own number, @param previous that of the commit that it follows */
  execute(current: Connection, seq: number, previous: number, reply: (result: T | StoreError) => void): void
  /** The same for a connection at which nobody listens any more. @returns whether it was made */
  late(hand: Connection, seq: number, previous: number): boolean
  /** what its caller hears if it was made, and the reply is lost */
  readonly made: T
}

/**
 * A server process's way to the database: each call is a request that arrives when the seed says so, and a reply that does, one after
 * the other on a connection. Between the two the process may die, and what it asked for may still happen.
 */
export function createSimulatedStore(
  world: World,
  database: Database,
  process: number,
  faults: () => Faults,
  news: (what: AheadNews) => void = () => {},
): Store & { crash(): void } {
  const { random } = world
  const name = `server ${process}`
  let connection: Connection | null = null
  let dead = false
  /** commits whose outcome nobody knows: nothing else happens on this stream before they are settled */
  const unsettled: { readonly seq: number; readonly settle: () => boolean }[] = []
  /** commits that were sent and not heard of */
  let sent = 0
  let lastSent = 0
  /** the last commit that is known to be made */
  let head = 0
  let commits = 0
  /** what came of the last commit that the database has met */
  let outcome: CommitOutcome = 'made'
  /** the request before is over at the database, and its process has heard of it */
  let executed: Promise<void> = Promise.resolve()
  let heard: Promise<void> = Promise.resolve()

  const fresh = (): Connection => ({ name, locked: new Set(), asked: new Set(), now: 0, ended: false })

  function connect(): Connection {
    connection ??= fresh()
    return connection
  }

  function drop(): void {
    if (connection) database.end(connection)
    connection = null
  }

  function ask<T>(what: string, execute: (reply: (result: T | StoreError) => void) => void): Promise<T> {
    const [turn, word] = [executed, heard]
    let over = () => {}
    let told = () => {}
    executed = new Promise((resolve) => (over = resolve))
    heard = new Promise((resolve) => (told = resolve))
    return new Promise((resolve, reject) => {
      const arrive = () => {
        // Only a commit that was on its way when its process died can still change something; what is behind a lost one is lost.
        if (dead && (what !== 'commit' || random.chance(0.5))) return
        execute((result) => {
          if (world.tracing) world.trace(`${name} ${what}: ${result instanceof StoreError ? tell(result) : 'done'}`)
          over()
          void word.then(() => {
            if (dead) return
            world.later(`${name} hears of ${what}`, process, () => {
              told()
              if (result instanceof StoreError) reject(result)
              else resolve(result)
            })
          })
        })
      }
      void turn.then(() => world.later(`${name} ${what}`, null, arrive))
    })
  }

  /** Sends a commit. What happens to it depends on the one before, if that is still on its way. */
  async function send<T>({ ahead, execute, late, made }: Commit<T>): Promise<T> {
    const current = connection
    const behind = sent > 0
    const previous = behind ? lastSent : head
    const seq = ++commits
    lastSent = seq
    sent++
    try {
      const result = await ask<T>('commit', (reply) => {
        const earlier = behind ? outcome : 'made'
        const answer = (result: T | StoreError) => {
          const failed = result instanceof StoreError
          outcome = !failed ? 'made' : result.kind === 'unknown' ? 'unknown' : 'not made'
          // Whatever its own error was.
          reply(failed && earlier === 'not made' ? new StoreError('stale', 'the commit before was not made') : result)
        }
        const interrupt = (hand: Connection) => {
          connection = null
          let happened: boolean | null = null
          const settle = () => {
            if (happened !== null) return happened
            happened = random.chance(0.5) && !hand.ended && late(hand, seq, previous)
            database.end(hand)
            return happened
          }
          if (earlier !== 'unknown' && !random.chance(faults().unknown)) {
            const lost = new StoreError('retry', 'the commit was interrupted and did not happen')
            return answer(settle() ? made : lost)
          }
          unsettled.push({ seq, settle })
          // In the order in which they were sent.
          const inHand = [...unsettled]
          const end = () => {
            for (const each of inHand) each.settle()
          }
          world.later('a commit in hand', null, end, random.int(8000))
          answer(new StoreError('unknown', 'the outcome of a commit could not be learnt'))
        }
        if (!current || current.ended || current !== connection) {
          // It went the way of the one before, or was under way behind it.
          if (ahead && earlier !== 'not made') return interrupt(fresh())
          return answer(new StoreError('retry', 'the connection is gone'))
        }
        if (random.chance(faults().retry)) {
          drop()
          return answer(new StoreError('retry', 'the connection broke before the commit'))
        }
        if (random.chance(faults().unavailable)) {
          database.unlock(current)
          return answer(new StoreError('unavailable', 'the disk is full'))
        }
        if (random.chance(faults().interrupted)) return interrupt(current)
        execute(current, seq, previous, answer)
      })
      head = seq
      return result
    } finally {
      sent--
    }
  }

  return {
    lock: (request) =>
      ask<Locked>('lock', (reply) => {
        if (unsettled.length > 0 && random.chance(faults().unknown)) {
          return reply(new StoreError('retry', 'still not settled'))
        }
        for (const { seq, settle } of unsettled.splice(0)) if (settle()) head = seq
        if (random.chance(faults().retry)) {
          drop()
          return reply(new StoreError('retry', 'the database cannot be reached'))
        }
        if (random.chance(faults().unavailable)) return reply(new StoreError('unavailable', 'too many connections'))
        database.lock(connect(), request, reply)
      }),

    commit: (writes, touched, at, next) =>
      send<Locked | null>({
        ahead: false,
        made: null,
        late: (hand, seq, previous) => database.commit(hand, { seq, previous, writes, touched, at }) === null,
        execute(current, seq, previous, reply) {
          const refused = database.commit(current, { seq, previous, writes, touched, at })
          if (refused) return reply(refused)
          if (!next || random.chance(faults().nextFails)) return reply(null)
          database.lock(current, next, (locked) => reply(locked instanceof StoreError ? null : locked))
        },
      }),

    async commitAhead(writes, after, at, before) {
      news('ahead')
      if (sent > 0) news('behind')
      else if (!connection || unsettled.length > 0) throw new StoreError('stale', 'there is no connection')
      const named = writes.flatMap(({ command }) => command.legs.flatMap(accountsOf))
      const absent = named.filter((id) => !before.has(id) && !database.accounts.has(id))
      const batch = { writes, touched: [...after.values()], at, before, absent }
      try {
        return await send<number>({
          ahead: true,
          made: at,
          late(hand, seq, previous) {
            // A void row takes its place while it waits for a lock.
            if (database.locked(before.keys())) return false
            let result: number | StoreError | null = null
            database.commitAhead(hand, { ...batch, seq, previous }, (told) => (result = told))
            return typeof result === 'number'
          },
          execute: (current, seq, previous, reply) => database.commitAhead(current, { ...batch, seq, previous }, reply),
        })
      } catch (error) {
        if ((error as StoreError).kind === 'stale') news('stale')
        throw error
      }
    },

    release: () =>
      ask<void>('release', (reply) => {
        if (connection) database.unlock(connection)
        reply(undefined)
      }),

    async close() {},

    /** The process dies. The database learns of it a little later. */
    crash() {
      dead = true
      const left = connection
      if (left) world.later(`the database drops ${name}`, null, () => database.end(left), random.int(50))
    },
  }
}

const tell = (error: StoreError) => `${error.kind} (${error.message})`
