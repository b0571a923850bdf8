// Builds what is published: JavaScript and declarations in dist/, or in the folder that is named.
// The sources stay as they are; the server of this repository imports them directly.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = resolve(process.argv[2] ?? join(here, 'dist'))
const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
const tsc = join(manifest, '..', 'bin', 'tsc')

rmSync(out, { recursive: true, force: true })
const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', here, '--outDir', out], { encoding: 'utf8' })
if (status !== 0) {
  process.stderr.write(stdout)
  process.exit(1)
}
// The compiler renames what JavaScript imports, and leaves what declarations do.
for (const file of readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
  const path = join(out, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'))
}
