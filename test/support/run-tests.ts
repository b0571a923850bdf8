import { globSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { testServerVariable } from './database.ts'
import { startTestServer } from './test-server.ts'

// `npm test`, or `npm test -- test/ledger` for the files whose path has that in it.

const root = fileURLToPath(new URL('../../', import.meta.url))
const filesAtOnce = 2
const fileTimeoutMilliseconds = 10 * 60_000

type Skipped = { name: string; file: string; reason: string }

const filters = process.argv.slice(2).map((filter) => relative(root, resolve(filter)))
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort()
if (files.length === 0) {
  console.error(`no test file matches ${filters.join(' ')}`)
  process.exit(1)
}

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)))
}

const { server, temporary, close } = await startTestServer(process.env.TEST_DATABASE_URL)
let passed = false
try {
  process.env[testServerVariable] = JSON.stringify(server)
  process.env.TMPDIR = temporary
  const result = await runFiles()
  passed = result.passed
  for (const { name, file, reason } of result.skipped) console.log(`skipped: ${name} (${file}): ${reason}`)
} finally {
  const left = await close()
  if (interruption.signal.aborted) console.error(interruption.signal.reason.message)
  else for (const command of left) console.error(`left behind by a test, and ended now: ${command}`)
  process.exitCode = passed && left.length === 0 && !interruption.signal.aborted ? 0 : 1
}

function runFiles(): Promise<{ passed: boolean; skipped: Skipped[] }> {
  return new Promise((done, failed) => {
    const skipped: Skipped[] = []
    let passed = false
    const events = run({
      files: files.map((file) => resolve(root, file)),
      cwd: root,
      concurrency: filesAtOnce,
      timeout: fileTimeoutMilliseconds,
      signal: interruption.signal,
    })
    events.on('test:pass', ({ name, file, skip }) => {
      if (!skip) return
      skipped.push({ name, file: file ? relative(root, file) : '?', reason: skip === true ? 'no reason given' : skip })
    })
    // The summary without a file is the one of the whole run.
    events.on('test:summary', ({ file, success }) => {
      if (file === undefined) passed = success
    })
    const report = events.compose(new spec())
    report.on('error', failed)
    report.on('end', () => done({ passed, skipped }))
    report.pipe(process.stdout, { end: false })
  })
}
