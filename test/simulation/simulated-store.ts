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

/**
 * A server process's way to the database: each call is a request that arrives when the seed says so, and a reply that does. Between
 * the two the process may die, and what it asked for may still happen.
 */
export function createSimulatedStore(
  world: World,
  database: Database,
  process: number,
  faults: () => Faults,
): Store & { crash(): void } {
  const { random } = world
  const name = `server ${process}`
  let connection: Connection | null = null
  let dead = false
  /** a commit whose outcome nobody knows: nothing else happens on this stream before it is settled */
  let unsettled: { settle: () => void } | null = null

  function connect(): Connection {
    connection ??= { name, locked: new Set(), asked: new Set(), now: 0, ended: false }
    return connection
  }

  function drop(): void {
    if (connection) database.end(connection)
    connection = null
  }

  function ask<T>(what: string, execute: (reply: (result: T | StoreError) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      world.later(`${name} ${what}`, null, () => {
        // Only a commit that was on its way when its process died can still change something.
        if (dead && (what !== 'commit' || random.chance(0.5))) return
        execute((result) => {
          if (world.tracing) world.trace(`${name} ${what}: ${result instanceof StoreError ? told(result) : 'done'}`)
          world.later(`${name} hears of ${what}`, process, () => {
            if (result instanceof StoreError) reject(result)
            else resolve(result)
          })
        })
      })
    })
  }

  return {
    lock: (request) =>
      ask<Locked>('lock', (reply) => {
        if (unsettled && random.chance(faults().unknown)) return reply(new StoreError('retry', 'still not settled'))
        unsettled?.settle()
        if (random.chance(faults().retry)) {
          drop()
          return reply(new StoreError('retry', 'the database cannot be reached'))
        }
        if (random.chance(faults().unavailable)) return reply(new StoreError('unavailable', 'too many connections'))
        database.lock(connect(), request, reply)
      }),

    commit: (writes, touched, at, next) =>
      ask<Locked | null>('commit', (reply) => {
        const current = connection
        if (!current || current.ended) return reply(new StoreError('retry', 'the connection is gone'))
        if (random.chance(faults().retry)) {
          drop()
          return reply(new StoreError('retry', 'the connection broke before the commit'))
        }
        if (random.chance(faults().unavailable)) {
          database.unlock(current)
          return reply(new StoreError('unavailable', 'the disk is full'))
        }
        if (random.chance(faults().interrupted)) {
          connection = null
          let settled = false
          const settle = () => {
            if (settled) return false
            settled = true
            unsettled = null
            const happened =
              random.chance(0.5) && !current.ended && database.commit(current, writes, touched, at) === null
            database.end(current)
            return happened
          }
          if (!random.chance(faults().unknown)) {
            return reply(settle() ? null : new StoreError('retry', 'the commit was interrupted and did not happen'))
          }
          unsettled = { settle }
          world.later('a commit in hand', null, settle, random.int(8000))
          return reply(new StoreError('unknown', 'the outcome of a commit could not be learnt'))
        }
        const refused = database.commit(current, writes, touched, at)
        if (refused) return reply(refused)
        if (!next || random.chance(faults().nextFails)) return reply(null)
        database.lock(current, next, (locked) => reply(locked instanceof StoreError ? null : locked))
      }),

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

const told = (error: StoreError) => `${error.kind} (${error.message})`
