import { readFileSync } from 'node:fs'
import { enableCompileCache, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { World } from './harness.ts'
import { type Survey, surveyOf } from './survey.ts'

// One thread with the test files and the instrumented modules in it, which tries one mutant after the other.

export type WorkerData = {
  root: string
  tests: string[]
  instrumented: Record<string, string>
  /** where compiled modules are kept, so that the next thread begins sooner */
  cache: string
  /** active from the first import on, for what is computed then */
  active?: string
}
/** A test and how long it may take, with what it prepares, ms. */
export type Timed = readonly [id: string, within: number]
export type Try = {
  mutant: string | null
  tests: readonly Timed[]
  /** in the worlds that earlier ones have left, which were made without a mutant; else each file's is made with it */
  warm: boolean
  /** ends the warm worlds of these files first */
  anew?: boolean
  hitLimit?: number
}
export type Tried = { failed: string | null; late: boolean }
/** Sent before each test: there is an answer or another beat within that time, ms. */
export type Beat = { beat: number }

export type Space = {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}
const space: Space = {}
Object.assign(globalThis, { __stryker__: space })

const { root, tests: files, instrumented, active, cache } = workerData as WorkerData
const port = parentPort as NonNullable<typeof parentPort>
const harness = new URL('./harness.ts', import.meta.url).href
enableCompileCache(cache)
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:test' ? { url: harness, shortCircuit: true } : next(specifier, context),
  load(url, context, next) {
    const path = instrumented[url]
    if (path === undefined) return next(url, context)
    return { format: 'module', source: readFileSync(path, 'utf8'), shortCircuit: true }
  },
})

let stray = false
process.on('uncaughtException', () => {
  stray = true
})
process.on('unhandledRejection', () => {
  stray = true
})

const { enter, keepTestsOf, leave, runTest } = await import('./harness.ts')
space.activeMutant = active
if (active === undefined) {
  // What they compute when they are read belongs to no test.
  for (const url of Object.keys(instrumented)) {
    await import(url).catch((error) => console.error(`${url} cannot be loaded:`, error))
  }
}
const atLoad = Object.keys(space.mutantCoverage?.static ?? {})
const kept = new Map<string, () => Promise<World>>()
const worlds = new Map<string, World>()

/** What makes the world of a file, which is read when it is first asked for, without a mutant. */
async function makerOf(file: string): Promise<() => Promise<World>> {
  const mutant = space.activeMutant
  space.activeMutant = active
  if (!kept.has(file)) kept.set(file, await keepTestsOf(file, () => import(pathToFileURL(join(root, file)).href)))
  space.activeMutant = mutant
  return kept.get(file) as () => Promise<World>
}

const fileOf = (id: string) => id.slice(0, id.indexOf(' > '))

/** @returns null when it did not end in time */
function inTime(run: Promise<boolean>, within: number): Promise<boolean | null> {
  return new Promise((done) => {
    const timer = setTimeout(done, within, null)
    run.then(
      (well) => done(well),
      () => done(false),
    )
    run.finally(() => clearTimeout(timer)).catch(() => {})
  })
}

async function runIn(world: World, id: string): Promise<boolean> {
  const test = world.tests.find((each) => each.id === id)
  if (test) await runTest(world, test)
  return test !== undefined && !stray
}

/** What the tests of a file share, with their suites' hooks run, and no mutant. */
async function warmWorld(file: string): Promise<World> {
  const world = await (await makerOf(file))()
  for (const test of world.tests) await enter(world, test)
  return world
}

async function attempt({ mutant, tests, warm, anew, hitLimit }: Try): Promise<Tried> {
  const begin = () => {
    space.activeMutant = mutant ?? undefined
    space.hitCount = hitLimit === undefined ? undefined : 0
    space.hitLimit = hitLimit
    stray = false
  }
  const end = () => {
    space.activeMutant = active
    space.hitLimit = undefined
  }
  const endWorld = async (file: string) => {
    const old = worlds.get(file)
    worlds.delete(file)
    if (old) await leave(old)
  }
  if (anew) for (const file of new Set(tests.map(([id]) => fileOf(id)))) await endWorld(file)
  let cold: World | null = null
  let before = ''
  begin()
  for (const [id, within] of tests) {
    const file = fileOf(id)
    if (warm && !worlds.has(file)) {
      port.postMessage({ beat: 180_000 } satisfies Beat)
      end()
      worlds.set(file, await warmWorld(file))
      begin()
    }
    port.postMessage({ beat: within + 20_000 } satisfies Beat)
    const run = async () => {
      if (warm) return runIn(worlds.get(file) as World, id)
      if (!cold || before !== file) {
        const left = cold
        cold = null
        if (left && !(await leave(left))) return false
        cold = await (await makerOf(file))()
        before = file
      }
      return runIn(cold, id)
    }
    const well = await inTime(run(), within)
    if (well) continue
    if (well === false && cold) await inTime(leave(cold), 20_000)
    end()
    return { failed: id, late: well === null }
  }
  const last = tests.at(-1)
  const well = cold ? await inTime(leave(cold), 60_000) : true
  end()
  return well || !last ? { failed: null, late: false } : { failed: last[0], late: well === null }
}

async function survey(): Promise<Survey> {
  const found: Survey = { tests: {}, hooks: {}, setup: {}, static: atLoad }
  const calm = () => {
    stray = false
  }
  const hears = { space, makerOf, stray: () => stray, calm }
  for (const file of files) {
    await surveyOf(file, found, hears).catch((error) => console.error(`${file} cannot be loaded:`, error))
  }
  return found
}

port.on('message', async (message: Try | 'survey') => {
  port.postMessage(message === 'survey' ? await survey() : await attempt(message))
})
port.postMessage('ready')
