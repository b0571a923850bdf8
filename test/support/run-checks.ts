import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkImports } from './import-rules.ts'
import { checkStyle } from './style-rules.ts'

// `npm run check`: everything that can be said about the code without running it. Prints what is wrong, and one line a check.

const root = fileURLToPath(new URL('../../', import.meta.url))
const SOURCES = '{src,sdk,test,bench,assurance,examples,bin}/**/*.{ts,mjs,js,css,sql}'

const BIOME_OPTIONS = ['--colors=off', '--reporter=concise', '--max-diagnostics=none', '--error-on-warnings']

/** @returns what is wrong; empty when nothing is */
type Check = () => Promise<string>

const checks: Record<string, Check> = {
  'format and lint': async () => {
    const report = await runTool('@biomejs/biome/bin/biome', 'ci', ...BIOME_OPTIONS, '.')
    // Of its report only the findings; all of it when there are none, for then Biome itself failed.
    return report.match(/^[×!] .+/gm)?.join('\n') ?? report
  },
  types: () => runTool('typescript/bin/tsc'),
  imports: () => look('{src,sdk/src,assurance}/**/*.ts', checkImports),
  style: () => look(SOURCES, checkStyle),
}

const results = await Promise.all(
  Object.entries(checks).map(async ([name, check]) => {
    const started = performance.now()
    const problems = await check()
    return { name, problems, seconds: ((performance.now() - started) / 1000).toFixed(1) }
  }),
)
for (const { problems } of results) if (problems !== '') console.log(`${problems}\n`)
for (const { name, problems, seconds } of results) {
  console.log(`${problems === '' ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
}
if (results.some(({ problems }) => problems !== '')) process.exitCode = 1

/** Runs a tool that was installed with us by the Node that runs this. */
function runTool(program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${root}node_modules/${program}`, ...args], { cwd: root })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0 ? '' : output.trim() || `${program} ended with status ${code}`))
  })
}

async function look(pattern: string, check: (file: string, source: string) => string[]): Promise<string> {
  const files = globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).sort()
  return files.flatMap((file) => check(file, readFileSync(root + file, 'utf8'))).join('\n')
}
