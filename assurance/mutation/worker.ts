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
const kept = new Map<string, KeptTest>()
let broken = false
for (const file of files) {
  try {
    for (const test of await keepTestsOf(file, () => import(pathToFileURL(join(root, file)).href)))
      kept.set(test.id, test)
  } catch (error) {
    broken = true
    if (active === undefined) console.error(`${file} cannot be loaded:`, error)
  }
}
const atLoad = Object.keys(space.mutantCoverage?.static ?? {})

function byFile(ids: readonly string[]): KeptTest[][] {
  const groups = Map.groupBy(
    ids.flatMap((id) => kept.get(id) ?? []),
    ({ file }) => file,
  )
  return [...groups.values()]
}

async function attempt({ mutant, tests, hitLimit }: Try): Promise<Tried> {
  if (broken) return { failed: 'loading' }
  space.activeMutant = mutant ?? undefined
  space.hitCount = hitLimit === undefined ? undefined : 0
  space.hitLimit = hitLimit
  stray = false
  let failed: string | null = null
  for (const group of byFile(tests)) {
    failed = await runTests(group, () => {})
    if (stray) failed ??= group[0]?.id ?? 'stray'
    if (failed) break
  }
  space.activeMutant = active
  return { failed }
}

async function survey(): Promise<Survey> {
  const found: Survey = { tests: {}, static: atLoad }
  for (const group of byFile([...kept.keys()])) {
    let last: { id: string; from: number } | null = null
    const ended = () => {
      if (last) found.tests[last.id] = { ms: performance.now() - last.from, failed: false, hits: {} }
    }
    const hooks = `hooks of ${group[0]?.file}`
    space.currentTestId = hooks
    const failed = await runTests(group, ({ id }) => {
      ended()
      last = { id, from: performance.now() }
      space.currentTestId = id
    })
    ended()
    space.currentTestId = undefined
    if (failed || stray) for (const { id } of group) found.tests[id] = { ms: 0, failed: true, hits: {} }
    if (failed) console.error(`fails without a mutant: ${failed}`)
    stray = false
    const perTest = space.mutantCoverage?.perTest ?? {}
    for (const { id } of group) {
      const test = found.tests[id]
      if (test) test.hits = { ...perTest[hooks], ...perTest[id] }
    }
  }
  return found
}

port.on('message', async (message: Try | 'survey') => {
  port.postMessage(message === 'survey' ? await survey() : await attempt(message))
})
port.postMessage('ready')
