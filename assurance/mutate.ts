import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { testServerVariable } from '../test/support/database.ts'
import { startTestServer } from '../test/support/test-server.ts'
import { instrument, type Mutant } from './mutation/instrument.ts'
import { drawSample, summarize, type Verdict } from './mutation/report.ts'
import { scopes } from './mutation/scopes.ts'
import { createThread } from './mutation/thread.ts'

// `node bin/run.mjs assurance/mutate.ts --tools FOLDER --only domain` changes one small thing of the sources at a time and looks whether
// a test fails. FOLDER is where `npm i --ignore-scripts @stryker-mutator/instrumenter` was run: Stryker makes the mutants, all in one
// text behind switches; the tests run here, many mutants to a thread, each with the tests that come by it.

const { values } = parseArgs({
  options: {
    tools: { type: 'string' },
    only: { type: 'string' },
    file: { type: 'string', default: '' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    slowest: { type: 'string', default: '3000' },
    minutes: { type: 'string', default: '30' },
    report: { type: 'string' },
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
    .filter((file) => file.includes(values.file))
    .sort()
  const tests = scope.tests.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
  const { mutants, instrumented } = await instrument(values.tools, root, files, folder)
  console.log(`${mutants.length} mutants in ${files.length} files; ${tests.length} files of tests`)
  const verdicts = await tryAll(tests, mutants, instrumented)
  summarize(verdicts, mutants.length)
  if (values.report) await writeFile(values.report, JSON.stringify(verdicts, null, 1))
} finally {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
}

async function tryAll(tests: string[], mutants: Mutant[], instrumented: Record<string, string>): Promise<Verdict[]> {
  const until = Date.now() + Number(values.minutes) * 60_000
  const thread = createThread({ root, tests, instrumented })
  const survey = await thread.survey()
  const usable = Object.entries(survey.tests).filter(([, { failed, ms }]) => !failed && ms <= Number(values.slowest))
  console.log(`${usable.length} of ${Object.keys(survey.tests).length} tests used`)
  const byTime = usable.sort(([, a], [, b]) => a.ms - b.ms)
  const fileOf = (id: string) => id.slice(0, id.indexOf(' > '))
  const verdicts: Verdict[] = []
  const chosen = drawSample(mutants, values.sample === undefined ? mutants.length : Number(values.sample), values.seed)
  for (const mutant of chosen) {
    if (Date.now() > until) {
      console.log(`time is over after ${verdicts.length}`)
      break
    }
    const covering = byTime.filter(([, { hits }]) => hits[mutant.id])
    const within = 5_000 + 5 * covering.reduce((sum, [, { ms }]) => sum + ms, 0)
    const hits = covering.reduce((sum, [, test]) => sum + (test.hits[mutant.id] ?? 0), 0)
    const what = { mutant: mutant.id, tests: covering.map(([id]) => id), hitLimit: 10_000 + 3 * hits }
    let failed = covering.length === 0 ? null : await thread.try(what, within)
    // A test that fails without the mutant, too, tells nothing: what went before has spoilt the thread.
    if (failed && failed !== 'time' && (await thread.try({ mutant: null, tests: [failed] }, 60_000))) {
      await thread.close()
      failed = await thread.try(what, within)
    }
    // What is computed at the first import is not computed again: once more with the mutant there from the start.
    const atLoad = survey.static.includes(mutant.id)
    if (!failed && atLoad) {
      const inFile = new Set(mutants.filter(({ fileName }) => fileName === mutant.fileName).map(({ id }) => id))
      const near = byTime.filter(([, { hits }]) => hits[mutant.id] || Object.keys(hits).some((id) => inFile.has(id)))
      const places = [...new Set((near.length > 0 ? near : byTime).map(([id]) => fileOf(id)))]
      const names = byTime.map(([id]) => id).filter((id) => places.includes(fileOf(id)))
      failed = await thread.tryFresh({ mutant: mutant.id, tests: names }, places, 10 * within)
    }
    if (failed === 'time') console.log(`no end: ${mutant.fileName}:${mutant.location.start.line + 1}`)
    verdicts.push({ ...mutant, killed: failed, covered: covering.length > 0 || atLoad })
    if (verdicts.length % 100 === 0) console.log(`${verdicts.length} of ${chosen.length}`)
  }
  await thread.close()
  return verdicts
}
