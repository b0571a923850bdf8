import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import { createGiftLookUps } from '../../../src/operations/gift-cards/look-ups.ts'
import type { Sql } from '../../../src/storage/database.ts'
import type { Deps } from './installation.ts'

/**
 * What goes wrong in one attempt. `at` counts the moments before and after each thing that reaches outside of the process: there it
 * dies (`crash`), or hears an error once and lives on (`error`). `lost`: all went well, and the caller never hears of it.
 */
export type Trouble = { readonly kind: 'none' | 'lost' | 'crash' | 'error'; readonly at: number }

/** The process dies here: nothing that comes later happens. */
export class Crash extends Error {
  override name = 'Crash'
}

/** A statement's connection broke, before the server had it or before its answer came. */
export class Cut extends Error {
  override name = 'Cut'
}

export type Troubled = {
  readonly deps: Deps
  /** whether the trouble came: an operation may have ended before */
  came(): boolean
  /** Waits for what the process had sent out: it may still happen when the process is gone. */
  settled(): Promise<void>
}

/** The parts of a process, with trouble at the chosen moment. */
export function troubled(deps: Deps, { kind, at }: Trouble): Troubled {
  if (kind === 'none' || kind === 'lost') return { deps, came: () => false, settled: async () => {} }
  const open = new Set<Promise<unknown>>()
  let point = 0
  let reached = false

  function pass(error: () => Error): void {
    if (reached && kind === 'crash') throw new Crash('the process is gone')
    if (reached || point++ !== at) return
    reached = true
    throw kind === 'crash' ? new Crash('the process dies') : error()
  }
  async function step<T>(work: () => Promise<T>, before: () => Error = cut, after: () => Error = cut): Promise<T> {
    pass(before)
    const under = work()
    open.add(under)
    under.finally(() => open.delete(under)).catch(() => {})
    const result = await under
    pass(after)
    return result
  }
  const sqlOf = (sql: Sql): Sql => ({
    query: <Row>(text: string, values?: unknown[]) => step(() => sql.query<Row>(text, values)),
  })
  const db: Deps['db'] = {
    ...deps.db,
    ...sqlOf(deps.db),
    transaction: (work) => step(() => deps.db.transaction((sql) => work(sqlOf(sql)))),
  }
  return {
    deps: {
      ...deps,
      db,
      lookUps: createGiftLookUps(db),
      shelf: {
        ...deps.shelf,
        async take(...args) {
          let taken: Awaited<ReturnType<typeof deps.shelf.take>>
          try {
            return await step(async () => {
              taken = await deps.shelf.take(...args)
              return taken
            })
          } catch (error) {
            // The shelf is gone with its process; here it is shared with those that live on.
            if (taken) deps.shelf.putBack(...args, taken)
            throw error
          }
        },
      },
      ledger: { ...deps.ledger, submit: (command) => step(() => deps.ledger.submit(command), refused, unheard) },
    },
    came: () => reached,
    async settled() {
      while (open.size > 0) await Promise.allSettled(open)
    },
  }
}

const cut = () => new Cut('the connection broke')
const refused = () => new LedgerUnavailable('injected: nothing was applied', { unknown: false })
const unheard = () => new LedgerUnavailable('injected: the answer was lost', { unknown: true })
