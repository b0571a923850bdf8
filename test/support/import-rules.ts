import { dirname, join } from 'node:path'

/**
 * Who may import whom, by folder. Biome's rule for this reads a specifier's text, so `./../pages/x.ts` and `import('…')` in a type
 * would pass, and it cannot say "types only"; here each specifier is followed to the file it leads to.
 */
type Rule = {
  /** folders and files below src/ that a file of this folder may import, its own folder aside; `sdk` is the SDK's source */
  readonly may: readonly string[]
  /** of these only types: they leave no trace when the program runs */
  readonly types?: readonly string[]
  /** the only packages and built-in modules it may use; absent: any */
  readonly packages?: readonly string[]
}

const LEDGER = ['domain', 'ledger', 'storage', 'sdk']
const OUTER = [...LEDGER, 'credentials', 'mail', 'delivery', 'operations', 'http', 'openapi']
const SETTINGS = ['config.ts', 'deps.ts']

export const IMPORT_RULES: Readonly<Record<string, Rule>> = {
  sdk: { may: [], packages: [] },
  // Pure: no await, no SQL, no clock.
  'src/domain': { may: ['sdk'], packages: ['node:crypto'] },
  // One tier: the ledger writes its tables itself, and other tables' rows join its commits.
  'src/ledger': { may: LEDGER },
  'src/storage': { may: LEDGER },
  'src/credentials': { may: ['domain', 'storage', 'sdk'] },
  'src/mail': { may: ['domain', 'storage', 'credentials'] },
  // Beside mail: it brings to others what operations have written.
  'src/delivery': { may: ['domain', 'storage', 'sdk'] },
  'src/operations': { may: [...LEDGER, 'credentials', 'mail', 'delivery'], types: SETTINGS },
  // Leaves: they know nothing of what is served or counted.
  'src/http': { may: [], types: ['metrics.ts', 'storage'] },
  'src/metrics.ts': { may: [] },
  'src/tracing': { may: [], types: ['ledger'] },
  // Knows what a document is, and nothing of any protocol.
  'src/openapi': { may: [], packages: ['zod'] },
  // Each protocol is an island.
  'src/protocols/*': { may: OUTER, types: [...SETTINGS, 'metrics.ts'] },
  // The pages are the authorization server's face, and what they hand each other has a type.
  'src/pages': { may: OUTER, types: [...SETTINGS, 'protocols/oauth'] },
  'src/worker': { may: OUTER, types: [...SETTINGS, 'metrics.ts'] },
  'src/engine': { may: [], types: ['storage'] },
  // A command starts and stops things, so it also reaches the engine and the root; never a route.
  'src/cli': {
    may: [
      ...LEDGER,
      'credentials',
      'mail',
      'delivery',
      'operations',
      'engine',
      'config.ts',
      'deps.ts',
      'assembly.ts',
      'main.ts',
      'openapi',
      'api-documents.ts',
    ],
    types: ['metrics.ts'],
  },
  // Proof, run by hand: it starts what it tries and looks at the ledger's code, and no program may need it.
  assurance: {
    may: [...OUTER, ...SETTINGS, 'engine', 'worker', 'cli', 'assembly.ts', 'server.ts', 'test', 'bench'],
  },
}

export type Import = { readonly specifier: string; readonly typeOnly: boolean; readonly line: number }

const STATEMENT = /\b(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]+?\sfrom\s+)?['"]([^'"\n]+)['"]/g
const CALL = /\bimport\(\s*['"]([^'"\n]+)['"]/g
const THREAD = /\bnew URL\(\s*['"](\.[^'"\n]+\.ts)['"],\s*import\.meta\.url/g

/** Every module that a source text names: statements, `import()` calls and types, files of threads. */
export function importsOf(source: string): Import[] {
  const found: Import[] = []
  const add = (index: number, specifier: string, typeOnly: boolean) =>
    found.push({ specifier, typeOnly, line: source.slice(0, index).split('\n').length })
  for (const match of source.matchAll(STATEMENT)) add(match.index, match[2] as string, match[1] !== undefined)
  for (const match of source.matchAll(CALL)) add(match.index, match[1] as string, false)
  for (const match of source.matchAll(THREAD)) add(match.index, match[1] as string, false)
  return found
}

/**
 * What is wrong with a file's imports, one line each.
 * @param file relative to the repository, e.g. `src/pages/layout.ts`
 */
export function checkImports(file: string, source: string): string[] {
  const home = folderOf(file)
  const rule = IMPORT_RULES[home.replace(/^(src\/protocols)\/.+/, '$1/*')]
  if (!rule) return isRoot(file) ? [] : [`${file}: no rule says what this folder may import`]
  return importsOf(source).flatMap(({ specifier, typeOnly, line }) => {
    const reason = refusal(rule, home, file, specifier, typeOnly)
    return reason ? [`${file}:${line}: ${reason}`] : []
  })
}

function refusal(rule: Rule, home: string, file: string, specifier: string, typeOnly: boolean): string | null {
  const target = pathOf(file, specifier)
  if (target === null) {
    if (!rule.packages || rule.packages.includes(specifier)) return null
    return `${home} may not use ${specifier}`
  }
  const folder = folderOf(target)
  if (folder === home || target === 'package.json') return null
  const name = folder.replace(/^src\//, '')
  if (rule.may.includes(name) || (typeOnly && rule.types?.includes(name))) return null
  const only = rule.types?.includes(name) ? 'only types of' : 'nothing of'
  return `${home} may import ${only} ${folder} (${specifier})`
}

/** The file a specifier leads to, relative to the repository; null for a package or a built-in module. */
function pathOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('#sdk/')) return join('sdk/src', specifier.slice('#sdk/'.length))
  return specifier.startsWith('.') ? join(dirname(file), specifier) : null
}

/** The unit that a rule is about: a folder of src/, one protocol, a file of src/ itself, the SDK, or a folder beside them. */
function folderOf(file: string): string {
  const [top, first, second, ...rest] = file.split('/')
  if (top === 'assurance' || top === 'test' || top === 'bench') return top
  if (top === 'sdk') return first === 'src' ? 'sdk' : 'sdk/…'
  if (top !== 'src' || first === undefined) return file
  if (first === 'protocols' && second !== undefined && rest.length > 0) return `src/protocols/${second}`
  return `src/${first}`
}

const isRoot = (file: string) => /^src\/[^/]+\.ts$/.test(file)
