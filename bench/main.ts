import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startBenchDatabase } from './database.ts'
import { measureGiftCards } from './gift-stage.ts'
import { measureHttp } from './http-stage.ts'
import { measureLedger } from './ledger-stage.ts'
import { measureLists } from './lists-stage.ts'
import { measureReads } from './reads-stage.ts'
import type { Bench } from './report.ts'
import { measureSize, measureWallets } from './size-stage.ts'
import { measureSnapshot } from './snapshot-stage.ts'
import { measureStart } from './start-stage.ts'
import { measureWebhooks } from './webhook-stage.ts'
import { measureWorkers } from './workers-stage.ts'

const stages = {
  http: measureHttp,
  gift: measureGiftCards,
  webhooks: measureWebhooks,
  ledger: measureLedger,
  reads: measureReads,
  start: measureStart,
}
/** Asked for by name: they take longer than all others together. */
const more = {
  workers: measureWorkers,
  size: measureSize,
  wallets: measureWallets,
  snapshot: measureSnapshot,
  lists: measureLists,
}
const all: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { ...stages, ...more }

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(stages).join() },
    quick: { type: 'boolean', default: false },
    huge: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(`usage: npm run bench -- [--only ${Object.keys(stages).join()}] [--quick] [--huge]
       --only ${Object.keys(more).join()} are run when they are asked for

Starts a PostgreSQL of its own with fsync, synchronous_commit and full_page_writes on, measures and prints ratios of
figures taken side by side in this run. --quick takes shorter looks: for trying, not for quoting. --huge adds the size of 10,000,000 entries.
`)
} else {
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const [cpu] = cpus()
  say(`${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  const database = await startBenchDatabase()
  const bench: Bench = { database, quick: values.quick, huge: values.huge, say }
  try {
    for (const name of values.only.split(',')) {
      const stage = Object.hasOwn(all, name) ? all[name] : undefined
      if (!stage) throw new Error(`there is no stage ${name}`)
      say(`\n## ${name}`)
      await stage(bench)
    }
  } finally {
    await database.stop()
  }
}
