import { AsyncLocalStorage } from 'node:async_hooks'

// Stands in for `node:test` while mutants are tried: it keeps the tests, so that each can be run again and again in one thread.

type Body = (context: Context) => unknown
type Hook = () => unknown
type Suite = { before: Hook[]; after: Hook[]; beforeEach: Hook[]; afterEach: Hook[]; parent: Suite | null }
type Context = { name: string; signal: AbortSignal; after: (hook: Hook) => void; test: typeof test; diagnostic: Hook }
export type KeptTest = { id: string; file: string; body: Body; suite: Suite }

/** The tests of a file with what they share, such as a database: made once, and used until it is left. */
export type World = { readonly tests: readonly KeptTest[]; readonly entered: Suite[] }

type Place = { suite: Suite; names: readonly string[] }
/** What a file adds to while it is read. `bodies`: of suites that make what their tests share, such as a database */
type Reading = { file: string; top: Place; tests: KeptTest[]; bodies: (() => unknown)[] }

const newSuite = (parent: Suite | null): Suite => ({ before: [], after: [], beforeEach: [], afterEach: [], parent })
const newReading = (file: string): Reading => ({
  file,
  top: { suite: newSuite(null), names: [] },
  tests: [],
  bodies: [],
})
const inside = new AsyncLocalStorage<Place>()
let reading = newReading('')
const here = () => inside.getStore() ?? reading.top

/** Imports a test file. @returns what makes a world of it: suites with an async body are made anew, with all that they share */
export async function keepTestsOf(path: string, load: () => Promise<unknown>): Promise<() => Promise<World>> {
  const first = newReading(path)
  reading = first
  await load()
  return async () => {
    reading = { ...first, tests: [...first.tests], bodies: [...first.bodies] }
    const { tests, bodies } = reading
    for (const body of bodies) await body()
    return { tests, entered: [] }
  }
}

export function test(name: string, options: unknown, body?: Body): void {
  const run = (typeof options === 'function' ? options : body) as Body | undefined
  const left = typeof options === 'object' && options !== null && 'skip' in options && options.skip
  const { suite, names } = here()
  const { file } = reading
  if (run && !left) reading.tests.push({ id: [file, ...names, name].join(' > '), file, body: run, suite })
}

export function describe(name: string, options: unknown, body?: () => unknown): void {
  const run = (typeof options === 'function' ? options : body) as () => unknown
  const outer = here()
  const enter = () => inside.run({ suite: newSuite(outer.suite), names: [...outer.names, name] }, run)
  if (run.constructor.name === 'AsyncFunction') reading.bodies.push(enter)
  else enter()
}

const nothing = () => {}
test.skip = nothing
describe.skip = nothing
export const it = test
export default test
export const before = (hook: Hook) => void here().suite.before.push(hook)
export const after = (hook: Hook) => void here().suite.after.push(hook)
export const beforeEach = (hook: Hook) => void here().suite.beforeEach.push(hook)
export const afterEach = (hook: Hook) => void here().suite.afterEach.push(hook)
export const mock = {}

/** The suites around a test, the outermost first. */
function around(suite: Suite): Suite[] {
  const line: Suite[] = []
  for (let at: Suite | null = suite; at; at = at.parent) line.unshift(at)
  return line
}

/** Runs the hooks of the test's suites that have not run yet. */
export async function enter({ entered }: World, { suite }: KeptTest): Promise<void> {
  for (const at of around(suite)) {
    if (entered.includes(at)) continue
    entered.push(at)
    for (const hook of at.before) await hook()
  }
}

/** Runs one test. @throws what it throws, or a hook of its suites */
export async function runTest(world: World, one: KeptTest): Promise<void> {
  await enter(world, one)
  const line = around(one.suite)
  const undo: Hook[] = []
  const inner: [string, Body][] = []
  const context = {
    name: one.id,
    signal: new AbortController().signal,
    after: (hook: Hook) => void undo.push(hook),
    test: ((name: string, options: unknown, body?: Body) => {
      inner.push([name, (typeof options === 'function' ? options : body) as Body])
    }) as typeof test,
    diagnostic: nothing,
  }
  try {
    for (const at of line) for (const hook of at.beforeEach) await hook()
    await one.body(context)
    for (const [, body] of inner) await body(context)
    for (const at of line) for (const hook of at.afterEach) await hook()
  } finally {
    for (const hook of undo) await hook()
  }
}

/** Ends what the tests shared. @returns whether all went well */
export async function leave({ tests, entered }: World): Promise<boolean> {
  let well = true
  const run = async (left: Suite, counts: boolean) => {
    for (const hook of left.after.toReversed()) {
      try {
        await hook()
      } catch {
        if (counts) well = false
      }
    }
  }
  for (const left of [...entered].reverse()) await run(left, true)
  // A suite that nobody entered may have made a database in its body.
  const others = new Set(tests.flatMap(({ suite }) => around(suite)))
  for (const left of others) if (!entered.includes(left) && left.before.length === 0) await run(left, false)
  return well
}
