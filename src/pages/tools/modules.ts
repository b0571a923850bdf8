import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hono } from 'hono'

const HERE = new URL('./browser/', import.meta.url)
const SDK = new URL(import.meta.resolve('#sdk/index.ts')).href.replace(/index\.ts$/, '')

// The same statements and calls that Node resolves; a specifier of ours ends in `.ts`.
const SPECIFIER = /(\b(?:from|import)\s*\(?\s*)(['"])((?:\.{1,2}|#sdk)\/[^'"\n]+)\.ts\2/g

type Served = { text: string; zipped: Buffer }

export type BrowserModules = {
  /** The address of a module below `browser/`, e.g. `app`, and of those that it will load at once. */
  entry(name: string): { url: string; preload: string[] }
  /** The address of a module that is made, not read. */
  made(name: string): string
  routes: Hono
}

/**
 * Our own TypeScript for browsers: the modules below `browser/`, and those of the SDK that they import, with their types taken out by
 * Node as it does for itself. Nothing is bundled. The version in the address is a hash of all of them, so what is cached is whole;
 * only what can be reached from an entry is served. Read at the first request, since most servers never have one.
 *
 * @param made sources of further modules, JavaScript, by name
 */
export function createBrowserModules(
  entries: readonly string[],
  made: Record<string, () => string> = {},
): BrowserModules {
  let loaded: { version: string; files: Map<string, Served>; imports: Map<string, string[]> } | null = null
  const load = () => {
    loaded ??= loadModules(
      entries.map((name) => `tools/${name}`),
      made,
    )
    return loaded
  }
  const routes = new Hono()

  for (const family of ['sdk', 'tools']) {
    routes.get(`/assets/${family}/:version/*`, async (c) => {
      const { version, files } = load()
      const asked = c.req.param('version')
      const prefix = `/assets/${family}/${asked}/`
      const name = `${family}/${c.req.path.slice(prefix.length).replace(/\.js$/, '')}`
      const file = asked === version ? files.get(name) : undefined
      if (file === undefined) return c.notFound()
      c.header('content-type', 'text/javascript; charset=utf-8')
      c.header('cache-control', 'public, max-age=31536000, immutable')
      c.header('vary', 'Accept-Encoding')
      if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(file.text)
      c.header('content-encoding', 'gzip')
      return c.body(new Uint8Array(await zip(file)))
    })
  }
  return {
    routes,
    entry(name) {
      const { version, imports } = load()
      const preload = reached(`tools/${name}`, imports).map((module) => addressOf(module, version))
      return { url: addressOf(`tools/${name}`, version), preload }
    },
    made: (name) => addressOf(`tools/${name}`, load().version),
  }
}

/** `sdk/explain/types` is at `/assets/sdk/VERSION/explain/types.js`. */
const addressOf = (module: string, version: string) => `${module.replace(/^(\w+)\//, `/assets/$1/${version}/`)}.js`

const zipAsync = promisify(gzip)

async function zip(file: Served): Promise<Buffer> {
  if (file.zipped.length === 0) file.zipped = await zipAsync(file.text, { level: 9 })
  return file.zipped
}

type Module = { source: string; statics: string[]; all: string[] }

function loadModules(entries: readonly string[], made: Record<string, () => string>) {
  const modules = new Map<string, Module>()
  for (const [name, make] of Object.entries(made))
    modules.set(`tools/${name}`, { source: make(), statics: [], all: [] })
  const open = [...entries]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (modules.has(name)) continue
    const module = readModule(name)
    modules.set(name, module)
    open.push(...module.all)
  }
  const sorted = [...modules].sort(([a], [b]) => (a < b ? -1 : 1))
  const version = hash('sha256', JSON.stringify(sorted.map(([name, { source }]) => [name, source])), 'hex').slice(0, 16)
  const files = new Map(
    sorted.map(([name, { source }]) => [
      name,
      { text: source.replaceAll('/assets/sdk/@/', `/assets/sdk/${version}/`), zipped: Buffer.alloc(0) },
    ]),
  )
  return { version, files, imports: new Map(sorted.map(([name, { statics }]) => [name, statics])) }
}

/** A module of `sdk/…` or `tools/…`, its imports pointing to where they are served; `@` stands for the version. */
function readModule(name: string): Module {
  const url = new URL(`${name.replace(/^\w+\//, '')}.ts`, name.startsWith('sdk/') ? SDK : HERE)
  const stripped = quietly(() => stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')))
  const statics: string[] = []
  const all: string[] = []
  const source = tidy(stripped).replace(SPECIFIER, (_, before: string, quote: string, path: string) => {
    const target = path.startsWith('#sdk/') ? `sdk/${path.slice(5)}` : within(name, path)
    all.push(target)
    if (!before.includes('(')) statics.push(target)
    return `${before}${quote}${path.startsWith('#sdk/') ? path.replace('#sdk/', '/assets/sdk/@/') : path}.js${quote}`
  })
  return { source, statics, all }
}

const within = (name: string, path: string) => new URL(path, `file:///${name}`).pathname.slice(1)

/** Without the blanks where types stood, and without the comments that stand on lines of their own. */
const tidy = (source: string) =>
  source
    .replace(/^\s*\/\*\*[\s\S]*?\*\/[^\S\n]*\n/gm, '')
    .replace(/^[^\S\n]*\/\/.*\n/gm, '')
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')

/** Node says each time that this may change; what we do with it, the tests tell. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return work()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Everything that an entry imports by statements, however far, for the page to ask for at once. */
function reached(entry: string, imports: ReadonlyMap<string, string[]>): string[] {
  const seen = new Set([entry])
  for (const name of seen) for (const next of imports.get(name) ?? []) seen.add(next)
  seen.delete(entry)
  return [...seen]
}
