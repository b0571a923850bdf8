import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createCardHasher } from '../../../src/credentials/card-codes.ts'
import { createKeyring } from '../../../src/credentials/keyring.ts'
import { createSigningKeys } from '../../../src/credentials/signing-keys.ts'
import { audit } from '../../../src/ledger/audit.ts'
import type { Ledger } from '../../../src/ledger/command.ts'
import { createCommitter } from '../../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../../src/ledger/postgres-store.ts'
import type { FundingDeps } from '../../../src/operations/funding/move-funds.ts'
import type { GiftDeps } from '../../../src/operations/gift-cards/gift-deps.ts'
import { createGiftLookUps } from '../../../src/operations/gift-cards/look-ups.ts'
import { createStockShelf } from '../../../src/operations/gift-cards/stock-shelf.ts'
import { createVelocityRules } from '../../../src/operations/gift-cards/velocity.ts'
import type { TokenDeps } from '../../../src/operations/issue-transaction-token.ts'
import type { PurchaseDeps } from '../../../src/operations/purchases/purchase-deps.ts'
import { createWalletDirectory } from '../../../src/operations/wallet-directory.ts'
import type { Database } from '../../../src/storage/database.ts'
import { openPipeline, type Pipeline, PipelineError } from '../../../src/storage/pipeline.ts'
import { createTestDatabase } from '../../support/database.ts'

/** All that the simulated operations need of a server process. */
export type Deps = TokenDeps &
  GiftDeps &
  PurchaseDeps &
  FundingDeps & {
    /** under which id the simulated vendor is asked; for planted bugs */
    readonly vendorId?: (id: string) => string
  }

export type Process = {
  readonly deps: Deps
  /** The next commit's connection breaks: before the server has it, or before its answer is heard. */
  breakCommit(when: 'before' | 'after'): void
}

export type Installation = {
  readonly db: Database
  readonly processes: readonly Process[]
  /** A number that no life has had here: ids of one that is lived again must be others. */
  number(): number
  findings(): Promise<unknown[]>
  close(): Promise<void>
}

/** Put between the operations and what they use. */
export type Plant = {
  readonly ledger?: (ledger: Ledger) => Ledger
  readonly deps?: (deps: Deps) => Deps
}

const journalKey = Buffer.alloc(32, 3)

/** Two server processes on one real database. Lives share it: each makes wallets, brands and merchants of its own. */
export async function openInstallation(): Promise<Installation> {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const clock = Date.now
  const keys = await createSigningKeys({ db, keyring, clock, monotonic: () => performance.now() })
  const ledgers: Ledger[] = []

  async function openProcess(): Promise<Process> {
    let broken: 'before' | 'after' | null = null
    const store = await openPostgresStore({
      connect: async () => {
        const pipeline = await openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 30_000 })
        return breaking(pipeline, () => {
          const when = broken
          broken = null
          return when
        })
      },
      journalKey,
    })
    const ledger = createCommitter(store)
    ledgers.push(ledger)
    return {
      deps: {
        db,
        ledger,
        clock,
        keyring,
        keys,
        issuer: 'http://127.0.0.1',
        directory: createWalletDirectory(db),
        cardHasher: createCardHasher(Buffer.alloc(32, 5)),
        shelf: createStockShelf(db, clock),
        velocity: createVelocityRules(db),
        lookUps: createGiftLookUps(db),
        sandbox: false,
        config: { fundingLimit: { standard: '5', byCurrency: {} } },
      },
      breakCommit(when) {
        broken = when
      },
    }
  }

  const processes = [await openProcess(), await openProcess()]
  let lives = 0
  return {
    db,
    processes,
    number: () => ++lives,
    findings: async () => [...(await audit(db, { journalKey })).findings],
    async close() {
      for (const ledger of ledgers) await ledger.close()
      await drop()
    },
  }
}

/** A connection that breaks where it is told to, with a group that commits. */
function breaking(pipeline: Pipeline, next: () => 'before' | 'after' | null): Pipeline {
  return {
    ...pipeline,
    async run(steps) {
      const when = steps.some(({ text }) => text === 'commit') ? next() : null
      if (when === null) return pipeline.run(steps)
      if (when === 'after') await pipeline.run(steps).catch(() => {})
      await pipeline.close()
      throw new PipelineError({ message: `injected: the connection broke ${when} the commit`, completed: [] })
    },
  }
}

/** With what a planted bug changes. */
export const planted = (deps: Deps, plant: Plant | null): Deps => {
  const changed = plant?.deps ? plant.deps(deps) : deps
  return plant?.ledger ? { ...changed, ledger: plant.ledger(changed.ledger) } : changed
}

/** Fails with what the audit has found. */
export async function assertClean(installation: Installation): Promise<void> {
  assert.deepEqual(await installation.findings(), [])
}
