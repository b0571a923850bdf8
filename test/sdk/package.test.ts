import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type PackedSdk, packSdk } from '../support/packed-sdk.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
let packed: PackedSdk
let installed = ''
before(async () => {
  packed = await packSdk()
  installed = join(packed.project, 'node_modules/@billfold/sdk')
})
after(() => packed.remove())

test('publint and attw find nothing wrong with the package', async () => {
  const publint = spawnSync(process.execPath, [
    join(root, 'node_modules/publint/src/cli.js'),
    '--strict',
    '--pack=false',
    installed,
  ])
  assert.equal(publint.status, 0, String(publint.stdout))
  assert.match(String(publint.stdout), /All good/)
  // Modules only: what needs `require` uses `import()`, as everywhere.
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const types = spawnSync(process.execPath, [
    attw,
    packed.tarball,
    '--profile',
    'esm-only',
    '--format',
    'json',
    '--no-color',
  ])
  assert.equal(types.status, 0, String(types.stdout))
})

test('it holds what it says: modules, declarations, README and licence, and no dependency', async () => {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  for (const name of ['dependencies', 'peerDependencies', 'optionalDependencies'])
    assert.equal(manifest[name], undefined)
  assert.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json'])
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  for (const file of files) assert.doesNotMatch(file, /(?<!\.d)\.ts$/)
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const text = await readFile(join(installed, 'dist', file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export) [^'\n]*from '([^']+)'/gm))
      assert.match(specifier, /^\.{1,2}\/.+\.js$/, file)
    assert.ok(existsSync(join(installed, 'dist', file.replace(/\.js$/, '.d.ts'))), file)
  }
})

test('every export has a description', async () => {
  for (const entry of ['index', 'explain/index']) {
    const missing = await undocumentedExports(join(root, 'sdk/src', `${entry}.ts`))
    assert.deepEqual(missing, [], entry)
  }
})

const works = `
import { importWalleoKey, signWalleoRequest, createWebWallet } from '@billfold/sdk'
import { diagnose, explainSigning, signingSchemes, exampleValues } from '@billfold/sdk/explain'

export async function work() {
  const key = await importWalleoKey('6F2CE47010CF4F79B9767042BAFB1EB4')
  const request = { method: 'POST', url: 'http://www.example.com/partners/v1/cards', body: { card: { gift_card_code: 'E-ca', amount: 50 } } }
  const credentials = { apiKey: 'any', identifier: 'b5245bbc-8ee7-4e55-92e0-b97e81085154', key }
  const { signature } = await signWalleoRequest(request, credentials, 1648559273)
  const found = []
  for (const scheme of signingSchemes) {
    const values = exampleValues(scheme, 'http://127.0.0.1:8080', Date.now())
    const { request: made } = await explainSigning(scheme, values)
    const headers = Object.entries(made.headers).map(([name, value]) => name + ': ' + value)
    const pasted = [made.method + ' ' + made.url + ' HTTP/1.1', ...headers, '', made.body ?? ''].join('\\n')
    found.push((await diagnose(scheme, pasted, values)).valid)
  }
  return JSON.stringify({ signature, found, type: typeof createWebWallet })
}
`
const expected = JSON.stringify({
  signature: '434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867',
  found: Array(8).fill(true),
  type: 'function',
})

test('it works from a tarball, in Node and in a worker', async () => {
  await writeFile(join(packed.project, 'works.js'), works)
  await writeFile(join(packed.project, 'node.js'), "import { work } from './works.js'\nconsole.log(await work())\n")
  assert.equal((await run(process.execPath, ['node.js'], { cwd: packed.project })).stdout, `${expected}\n`)
  const worker =
    "import { parentPort } from 'node:worker_threads'\nimport { work } from './works.js'\nparentPort.postMessage(await work())\n"
  await writeFile(join(packed.project, 'worker.js'), worker)
  const main =
    "import { Worker } from 'node:worker_threads'\nnew Worker(new URL('./worker.js', import.meta.url)).on('message', (text) => console.log(text))\n"
  await writeFile(join(packed.project, 'main.js'), main)
  assert.equal((await run(process.execPath, ['main.js'], { cwd: packed.project })).stdout, `${expected}\n`)
})

test('a strict TypeScript project compiles against it', async () => {
  const source = `import { createWalleo, type Json, verifyWebhook } from '@billfold/sdk'
import { type Diagnosis, diagnose } from '@billfold/sdk/explain'
const told: Promise<Diagnosis> = diagnose('tillo', '', { secret: 'a' })
const json: Json = { a: [1] }
// @ts-expect-error there is no such scheme
void diagnose('nothing', '', {})
void [told, json, verifyWebhook, createWalleo({ url: 'https://x.example', apiKey: 'a', identifier: 'b', sharedKey: 'ab' })]
`
  await writeFile(join(packed.project, 'strict.ts'), source)
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')
  const flags =
    '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --lib es2024,dom --target es2022'.split(' ')
  const compiled = await run(process.execPath, [tsc, ...flags, 'strict.ts'], { cwd: packed.project }).catch(
    (error) => error,
  )
  assert.equal(compiled.stdout, '')
})

/** Exports of our own files without a comment before them, followed through the index by their names. */
async function undocumentedExports(index: string): Promise<string[]> {
  const missing: string[] = []
  const seen = new Set<string>()
  async function look(file: string, wanted: Set<string> | null): Promise<void> {
    const source = await readFile(file, 'utf8')
    const folder = join(file, '..')
    for (const [, from = ''] of source.matchAll(/^export (?:type )?\* from '([^']+)'/gm))
      await look(join(folder, from), null)
    for (const [, names = '', from = ''] of source.matchAll(/^export (?:type )?\{([^}]+)\} from '([^']+)'/gm)) {
      await look(
        join(folder, from),
        new Set(
          names
            .split(',')
            .map((name) => name.replace(/\btype\b/, '').trim())
            .filter(Boolean),
        ),
      )
    }
    const declared = source.matchAll(/(^\s*\*\/\n|^)export (?:async )?(?:function|const|class|type) (\w+)/gm)
    for (const [, comment, name = ''] of declared) {
      if (comment || seen.has(name) || (wanted && !wanted.has(name))) continue
      const before = source.slice(0, source.search(new RegExp(`^export [a-z ]*\\b${name}\\b`, 'm'))).trimEnd()
      if (before.endsWith('*/')) continue
      seen.add(name)
      missing.push(`${name} (${file.slice(root.length)})`)
    }
  }
  await look(index, null)
  return missing
}
