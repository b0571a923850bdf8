import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { testServerVariable } from './database.ts'
import { groupFiles, isOnDemand, writeGroup } from './test-groups.ts'
import { startTestServer } from './test-server.ts'

// `npm test`, or `npm test -- test/ledger` for the files whose path has that in it.

const root = fileURLToPath(new URL('../../', import.meta.url))
// Two more than can run: some wait, for a limit to pass or a server to come back.
const groupsAtOnce = Math.min(availableParallelism(), 3) + 2
const groupTimeoutMilliseconds = 10 * 60_000

type Skipped = { name: string; file: string; reason: string }

const all = process.argv.includes('--all')
const filters = process.argv
  .slice(2)
  .filter((argument) => argument !== '--all')
  .map((filter) => relative(root, resolve(filter)))
const wanted = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort()
const onDemand = all || filters.length > 0 ? [] : wanted.filter(isOnDemand)
const files = wanted.filter((file) => !onDemand.includes(file))
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
  const groups = groupFiles(files)
  const result = await runFiles(
    await Promise.all(groups.map((group, index) => writeGroup(root, temporary, group, index))),
  )
  passed = result.passed
  for (const file of onDemand) console.log(`left out: ${file}: npm test -- --all runs it too`)
  for (const { name, file, reason } of result.skipped) console.log(`skipped: ${name} (${file}): ${reason}`)
} finally {
  const left = await close()
  if (interruption.signal.aborted) console.error(interruption.signal.reason.message)
  else for (const command of left) console.error(`left behind by a test, and ended now: ${command}`)
  process.exitCode = passed && left.length === 0 && !interruption.signal.aborted ? 0 : 1
}

function runFiles(paths: string[]): Promise<{ passed: boolean; skipped: Skipped[] }> {
  return new Promise((done, failed) => {
    const skipped: Skipped[] = []
    let passed = false
    const events = run({
      files: paths,
      cwd: root,
      concurrency: groupsAtOnce,
      timeout: groupTimeoutMilliseconds,
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
