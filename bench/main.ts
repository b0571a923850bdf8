import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startBenchDatabase } from './database.ts'
import { measureGiftCards } from './gift-stage.ts'
import { measureHttp } from './http-stage.ts'
import { measureLedger } from './ledger-stage.ts'
import { measureReads } from './reads-stage.ts'
import type { Bench } from './report.ts'
import { measureStart } from './start-stage.ts'
import { measureWebhooks } from './webhook-stage.ts'

const stages = {
  http: measureHttp,
  gift: measureGiftCards,
  webhooks: measureWebhooks,
  ledger: measureLedger,
  reads: measureReads,
  start: measureStart,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(stages).join() },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(`usage: npm run bench -- [--only ${Object.keys(stages).join()}] [--quick]

Starts a PostgreSQL of its own with fsync, synchronous_commit and full_page_writes on, measures and prints ratios of
figures taken side by side in this run. --quick takes shorter looks: for trying, not for quoting.
`)
} else {
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const [cpu] = cpus()
  say(`${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  const database = await startBenchDatabase()
  const bench: Bench = { database, quick: values.quick, say }
  try {
    for (const name of values.only.split(',')) {
      const stage = stages[name as keyof typeof stages]
      if (!stage) throw new Error(`there is no stage ${name}`)
      say(`\n## ${name}`)
      await stage(bench)
    }
  } finally {
    await database.stop()
  }
}
