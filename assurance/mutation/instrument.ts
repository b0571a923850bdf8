import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type Mutant = {
  id: string
  fileName: string
  mutatorName: string
  replacement: string
  location: { start: { line: number; column: number }; end: { line: number; column: number } }
}
type NodePath = {
  node: { type: string; callee?: { name?: string }; arguments?: unknown[] }
  parentPath: NodePath | null
  key: string | number
}

/** Of an error, only what programs read counts: its class and code. The sentence for people is left alone. */
function shouldIgnore(path: NodePath): string | undefined {
  if (!/^(String|Template)Literal$/.test(path.node.type)) return undefined
  const call = path.parentPath?.node
  if (call?.type !== 'NewExpression' || !call.callee?.name?.endsWith('Error')) return undefined
  return call.arguments?.length === 1 || path.key === 1 ? 'a sentence for people' : undefined
}

/** Writes the files with all their mutants in them, each behind a switch, to a folder. */
export async function instrument(
  tools: string,
  root: string,
  files: readonly string[],
  into: string,
): Promise<{ mutants: Mutant[]; instrumented: Record<string, string> }> {
  const place = join(tools, 'node_modules/@stryker-mutator/instrumenter/dist/src/instrumenter.js')
  const { Instrumenter } = await import(pathToFileURL(place).href)
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, isDebugEnabled: () => false }
  const sources = await Promise.all(
    files.map(async (name) => ({ name, mutate: true, content: await readFile(join(root, name), 'utf8') })),
  )
  const options = { plugins: null, excludedMutations: [], ignorers: [{ shouldIgnore }], mutationRanges: [] }
  const made = await new Instrumenter(log).instrument(sources, options)
  const instrumented: Record<string, string> = {}
  for (const { name, content } of made.files) {
    const path = join(into, name)
    await mkdir(dirname(path), { recursive: true })
    // Once for all threads: these texts are long.
    await writeFile(path, stripTypeScriptTypes(content))
    instrumented[pathToFileURL(join(root, name)).href] = path
  }
  const mutants = (made.mutants as (Mutant & { status?: string })[]).filter(({ status }) => status !== 'Ignored')
  return { mutants, instrumented }
}
