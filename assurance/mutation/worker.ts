import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { KeptTest } from './harness.ts'

// One thread with the test files and the instrumented modules in it, which tries one mutant after the other.

export type WorkerData = {
  root: string
  tests: string[]
  instrumented: Record<string, string>
  /** active from the first import on, for what is computed then */
  active?: string
}
export type Try = { mutant: string | null; tests: string[]; hitLimit?: number }
export type Tried = { failed: string | null }
/** Of each test: how long it took, and the mutants that it ran through, with how often. */
export type Survey = {
  tests: Record<string, { ms: number; failed: boolean; hits: Record<string, number> }>
  /** of each file: how long it takes until its first test begins, ms */
  setup: Record<string, number>
  static: string[]
}

type Space = {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}
const space: Space = {}
Object.assign(globalThis, { __stryker__: space })

const { root, tests: files, instrumented, active } = workerData as WorkerData
const port = parentPort as NonNullable<typeof parentPort>
const harness = new URL('./harness.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:test' ? { url: harness, shortCircuit: true } : next(specifier, context),
  load(url, context, next) {
    const path = instrumented[url]
    if (path === undefined) return next(url, context)
    return { format: 'module-typescript', source: readFileSync(path, 'utf8'), shortCircuit: true }
  },
})

let stray = false
process.on('uncaughtException', () => {
  stray = true
})
process.on('unhandledRejection', () => {
  stray = true
})

const { keepTestsOf, runTests } = await import('./harness.ts')
space.activeMutant = active
let broken = false
// What they compute when they are read belongs to no test.
for (const url of Object.keys(instrumented)) {
  await import(url).catch((error) => {
    broken = true
    if (active === undefined) console.error(`${url} cannot be loaded:`, error)
  })
}
const atLoad = Object.keys(space.mutantCoverage?.static ?? {})
const kept = new Map<string, () => Promise<KeptTest[]>>()

const hooksOf = (file: string) => `hooks of ${file}`

/** The tests of a file, which is read when it is first asked for, without a mutant. */
async function testsOf(file: string): Promise<KeptTest[]> {
  const mutant = space.activeMutant
  space.activeMutant = active
  if (!kept.has(file)) kept.set(file, await keepTestsOf(file, () => import(pathToFileURL(join(root, file)).href)))
  space.activeMutant = mutant
  return (await kept.get(file)?.()) ?? []
}

const fileOf = (id: string) => id.slice(0, id.indexOf(' > '))

async function attempt({ mutant, tests, hitLimit }: Try): Promise<Tried> {
  if (broken) return { failed: 'loading' }
  space.activeMutant = mutant ?? undefined
  space.hitCount = hitLimit === undefined ? undefined : 0
  space.hitLimit = hitLimit
  stray = false
  let failed: string | null = null
  for (const [file, ids] of Map.groupBy(tests, fileOf)) {
    failed = await testsOf(file).then(
      (all) =>
        runTests(
          ids.flatMap((id) => all.find((test) => test.id === id) ?? []),
          () => {},
        ),
      () => ids[0] ?? null,
    )
    if (stray) failed ??= ids[0] ?? null
    if (failed) break
  }
  space.activeMutant = active
  return { failed }
}

async function surveyOf(file: string, found: Survey): Promise<void> {
  const broken = new Set<string>()
  for (;;) {
    let last: { id: string; from: number } | null = null
    const ended = () => {
      if (last) found.tests[last.id] = { ms: performance.now() - last.from, failed: false, hits: {} }
    }
    space.currentTestId = hooksOf(file)
    const began = performance.now()
    const tests = (await testsOf(file)).filter(({ id }) => !broken.has(id))
    const failed = await runTests(tests, ({ id }) => {
      ended()
      found.setup[file] ??= performance.now() - began
      last = { id, from: performance.now() }
      space.currentTestId = id
    })
    ended()
    space.currentTestId = undefined
    stray = false
    const perTest = space.mutantCoverage?.perTest ?? {}
    for (const { id } of tests) {
      const test = found.tests[id]
      if (test) test.hits = { ...perTest[hooksOf(file)], ...perTest[id] }
    }
    if (!failed) return
    console.error(`fails without a mutant: ${failed}`)
    found.tests[failed] = { ms: 0, failed: true, hits: {} }
    broken.add(failed)
  }
}

async function survey(): Promise<Survey> {
  const found: Survey = { tests: {}, setup: {}, static: atLoad }
  for (const file of files) {
    await surveyOf(file, found).catch((error) => console.error(`${file} cannot be loaded:`, error))
  }
  return found
}

port.on('message', async (message: Try | 'survey') => {
  port.postMessage(message === 'survey' ? await survey() : await attempt(message))
})
port.postMessage('ready')
