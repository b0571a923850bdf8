import { text } from 'node:stream/consumers'
import { runCommandLine } from '../../src/cli/run.ts'

// A program for table.test.ts: runs every call that it reads, one after the other, and says with which status each ended.
for (const call of JSON.parse(await text(process.stdin)) as string[][]) {
  process.stderr.write(`\u0000${JSON.stringify(call)}\n`)
  process.stderr.write(`\u0001${await runCommandLine(call)}\n`)
}
process.exit()
