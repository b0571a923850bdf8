import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { isRunning } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'

const repository = join(import.meta.dirname, '..', '..')
const nodePackage = `node_modules/node-${process.platform}-${process.arch}`

// Stands in for npm: notes that it was called, takes its time, installs what a lock file of this test asks for.
const npm = `
const { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs')
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
const lock = JSON.parse(readFileSync('package-lock.json'))
if (lock.broken) {
  console.error('npm error code ENOTFOUND\\nnpm error network request to the registry failed')
  process.exit(7)
}
setTimeout(() => {
  mkdirSync('${nodePackage}/bin', { recursive: true })
  writeFileSync('${nodePackage}/package.json', '{}')
  try { symlinkSync(${JSON.stringify(process.execPath)}, '${nodePackage}/bin/node') } catch {}
  writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock))
}, 300)
`

const main = `
const [what] = process.argv.slice(2)
if (what === 'wait') {
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name))
  setInterval(() => {}, 1000)
  console.log(process.pid)
} else if (what === 'exit') process.exit(Number(process.argv[3]))
else if (what === 'die') process.kill(process.pid, 'SIGKILL')
else console.log(JSON.stringify({ version: process.version satisfies string, args: process.argv.slice(2), flags: process.execArgv }))
`

async function newCheckout(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'checkout-'))
  await cp(join(repository, 'bin'), join(root, 'bin'), { recursive: true })
  await mkdir(join(root, 'src', 'cli'), { recursive: true })
  await writeFile(join(root, 'src', 'cli', 'main.ts'), main)
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
  await writeFile(join(root, 'npm-cli.js'), npm.replaceAll('require(', 'process.getBuiltinModule('))
  await writeLock(root, {})
  return root
}

async function writeLock(root: string, more: object): Promise<void> {
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, [nodePackage]: { version: '24' } }, ...more }),
  )
}

function billfold(root: string, ...args: string[]): ChildProcess {
  const env = { ...process.env, npm_execpath: join(root, 'npm-cli.js') }
  return spawn(process.execPath, [join(root, 'bin', 'billfold.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
}

async function finish(child: ChildProcess) {
  assert.ok(child.stdout && child.stderr)
  const [output, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { output, errors, code, signal }
}

const npmCalls = async (root: string) =>
  (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).trimEnd().split('\n').filter(Boolean)

test('the first start installs, says so on stderr, and the next ones run at once', async () => {
  const root = await newCheckout()
  const first = await finish(billfold(root, 'export', '--json'))
  assert.deepEqual(JSON.parse(first.output), {
    version: process.version,
    args: ['export', '--json'],
    // What a tenth of a server's payments hang on.
    flags: ['--no-allocation-site-pretenuring'],
  })
  assert.match(first.errors, /^billfold: installing the dependencies with npm ci .*\n$/)
  const second = await finish(billfold(root))
  assert.equal(second.errors, '')
  assert.deepEqual(await npmCalls(root), [
    'ci --no-audit --no-fund --include=dev --include=optional --ignore-scripts --loglevel=error',
  ])

  await writeLock(root, { changed: true })
  await finish(billfold(root))
  assert.equal((await npmCalls(root)).length, 1, 'npm has listed what this lock file wants')
  await rm(join(root, 'node_modules', '.package-lock.json'))
  await finish(billfold(root))
  assert.equal((await npmCalls(root)).length, 1, 'the stamp is enough')
})

test('an installation that stopped halfway is made again, and so is one of another lock file', async () => {
  const root = await newCheckout()
  await mkdir(join(root, nodePackage), { recursive: true })
  await writeFile(join(root, nodePackage, 'package.json'), '{}')
  assert.equal((await finish(billfold(root))).code, 0)
  assert.equal((await npmCalls(root)).length, 1)
  await writeLock(root, { packages: { '': {}, [nodePackage]: { version: '25' } } })
  assert.equal((await finish(billfold(root))).code, 0)
  assert.equal((await npmCalls(root)).length, 2)
})

test('of two first starts at once one installs and both run', async () => {
  const root = await newCheckout()
  const both = await Promise.all([finish(billfold(root, 'a')), finish(billfold(root, 'b'))])
  assert.deepEqual(
    both.map(({ output }) => JSON.parse(output).args),
    [['a'], ['b']],
  )
  assert.equal((await npmCalls(root)).length, 1)
  await assert.rejects(access(join(root, '.billfold-install.lock')), { code: 'ENOENT' })
})

test('the lock of a killed installation does not stop the next', async () => {
  const root = await newCheckout()
  await mkdir(join(root, '.billfold-install.lock'))
  await writeFile(join(root, '.billfold-install.lock', 'owner'), `${2 ** 22 + 1} 12345\n`)
  assert.equal((await finish(billfold(root))).code, 0)
  await assert.rejects(access(join(root, '.billfold-install.lock')), { code: 'ENOENT' })
})

test('a failing npm ends it with its reason in one line', async () => {
  const root = await newCheckout()
  await writeLock(root, { broken: true })
  const { errors, code } = await finish(billfold(root))
  assert.equal(code, 1)
  assert.match(
    errors.split('\n')[1] ?? '',
    /^billfold: npm ci failed \(network request to the registry failed\); .*again$/,
  )
  await assert.rejects(access(join(root, '.billfold-install.lock')), { code: 'ENOENT' })
})

test('it ends as the program ends: by the same status, or the same signal', async () => {
  const root = await newCheckout()
  assert.equal((await finish(billfold(root, 'exit', '3'))).code, 3)
  assert.equal((await finish(billfold(root, 'die'))).signal, 'SIGKILL')
})

test('one Ctrl-C arrives once, though npm repeats it, and other signals arrive too', async () => {
  const root = await newCheckout()
  const child = billfold(root, 'wait')
  assert.ok(child.stdout)
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await eventually(() => lines.length === 1)
  const program = Number(lines[0])
  child.kill('SIGINT')
  child.kill('SIGINT')
  await eventually(() => lines.length === 2)
  child.kill('SIGINT')
  child.kill('SIGTERM')
  await eventually(() => lines.includes('SIGTERM'))
  assert.deepEqual(lines.slice(1), ['SIGINT', 'SIGTERM'])
  const ended = once(child, 'exit')
  process.kill(program, 'SIGKILL')
  await ended
  assert.equal(await isRunning(program), false)
})
