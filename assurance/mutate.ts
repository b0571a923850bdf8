import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { testServerVariable } from '../test/support/database.ts'
import { startTestServer } from '../test/support/test-server.ts'
import { instrument } from './mutation/instrument.ts'
import { drawSample, leftOver, summarize, type Verdict } from './mutation/report.ts'
import { scopes } from './mutation/scopes.ts'
import { tryAll } from './mutation/trial.ts'

// `node bin/run.mjs assurance/mutate.ts --tools FOLDER --only domain` changes one small thing of the sources at a time and looks whether
// a test fails. FOLDER is where `npm i --ignore-scripts @stryker-mutator/instrumenter` was run: Stryker makes the mutants, all in one
// text behind switches; the tests run here, many mutants to a thread, each with the tests that come by it.

const { values } = parseArgs({
  options: {
    tools: { type: 'string' },
    only: { type: 'string' },
    file: { type: 'string', default: '' },
    tests: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    slowest: { type: 'string', default: '3000' },
    patience: { type: 'string', default: '20000' },
    threads: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
    report: { type: 'string' },
    again: { type: 'string' },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const scope = scopes[values.only ?? '']
if (!values.tools || !scope) {
  console.error(`usage: mutate.ts --tools FOLDER --only ${Object.keys(scopes).join('|')} [--sample N --seed N]`)
  process.exit(2)
}

const folder = await mkdtemp(join(tmpdir(), 'billfold-mutants-'))
const server = scope.database ? await startTestServer(process.env.TEST_DATABASE_URL) : null
if (server) {
  process.env[testServerVariable] = JSON.stringify(server.server)
  process.env.TMPDIR = server.temporary
}
try {
  const files = globSync(scope.files, { cwd: root })
    .filter((file) => new RegExp(values.file).test(file))
    .sort()
  const tests = scope.tests
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !scope.without?.test(file) && (!values.tests || new RegExp(values.tests).test(file)))
    .sort()
  const { mutants, instrumented } = await instrument(values.tools, root, files, folder)
  console.log(`${mutants.length} mutants in ${files.length} files; ${tests.length} files of tests`)
  const count = values.sample === undefined ? mutants.length : Number(values.sample)
  // With a report of before, what lived then is tried again, and then the rest of the sample; what a test has killed, that test kills.
  const earlier: Verdict[] = values.again ? JSON.parse(await readFile(values.again, 'utf8')) : []
  const sample = drawSample(mutants, count, values.seed)
  const chosen = values.again ? leftOver(earlier, mutants, sample) : sample
  const all = (tried: readonly Verdict[]) => [...earlier.filter(({ killed }) => killed), ...tried]
  // What lived before and was not tried again yet is not in it: what a run that was ended leaves can be gone on with.
  const keep = async (tried: readonly Verdict[]) => {
    if (values.report) await writeFile(values.report, JSON.stringify(all(tried), null, 1))
  }
  const tried = await tryAll({ root, tests, instrumented, cache: join(folder, 'cache') }, chosen, mutants, {
    threads: Number(values.threads),
    until: Date.now() + Number(values.minutes) * 60_000,
    slowest: Number(values.slowest),
    patience: Number(values.patience),
    earlier,
    keep,
  })
  summarize(all(tried), mutants.length)
  await keep(tried)
} finally {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
}
