import { parseArgs } from 'node:util'
import { testServerVariable } from '../test/support/database.ts'
import { startTestServer } from '../test/support/test-server.ts'

// `node bin/run.mjs assurance/fuzz-http.ts --requests 20000 --seed 1` sends that many changed requests to a server of its own with a
// sandbox in it, on a database that it starts and removes; `--minutes N` ends it earlier.

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    api: { type: 'string' },
  },
})

const { server: database, temporary, close } = await startTestServer(process.env.TEST_DATABASE_URL)
process.env[testServerVariable] = JSON.stringify(database)
process.env.TMPDIR = temporary
const { startSandboxServer } = await import('../test/support/server.ts')
const { openApis } = await import('../test/fuzz/http/apis.ts')
const { countBooks, createHttpFuzzer } = await import('../test/fuzz/http/fuzzer.ts')

const server = await startSandboxServer()
try {
  const apis = (await openApis(server)).filter(({ name }) => values.api === undefined || name === values.api)
  const fuzzer = createHttpFuzzer(server, apis)
  const from = Number(values.seed)
  const until = performance.now() + Number(values.minutes) * 60_000
  let sent = 0
  let written = 0
  let books = await countBooks(server)
  for (; sent < Number(values.requests) && performance.now() < until && fuzzer.findings.length < 40; sent++) {
    const status = await fuzzer.input(from + sent)
    const now = await countBooks(server)
    if (status >= 400 && now !== books) {
      written++
      console.log(`input ${from + sent} was refused with ${status} and wrote: ${books} ${now}`)
    }
    books = now
  }
  for (const finding of fuzzer.findings) console.dir(finding, { depth: 4, maxStringLength: 600 })
  for (const fault of server.faults) console.dir(fault, { depth: 4 })
  await server.assertClean()
  console.log({
    sent,
    operations: `${fuzzer.operations.size}`,
    statuses: Object.fromEntries([...fuzzer.statuses].sort()),
    slowestMs: Math.round(fuzzer.slowest()),
    refusedAndWrote: written,
    faultsLogged: server.faults.length,
    findings: fuzzer.findings.length,
    audit: 'clean',
  })
  process.exitCode = fuzzer.findings.length + written + server.faults.length === 0 ? 0 : 1
} finally {
  await server.stop()
  await close()
}
