// Plain JavaScript for any Node >= 20, without dependencies: it runs before they are installed.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from './install.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']

// What Node made of the TypeScript is kept: half the time that reading the program takes. In the checkout, not in a folder that others
// can write to; where it cannot be written, Node does without.
const compileCache = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') }

// V8 learns at the start, when everything survives, to put what a request makes into the old heap. There it keeps all it points to until
// the next full collection: a tenth of what a server can answer. A newer Node may not know the flag, and would not start with it.
const flags = (version) => (major(version) === 24 ? ['--no-allocation-site-pretenuring'] : [])

/** One press of Ctrl-C arrives twice under npm (from the terminal and from npm itself): it is handed on once. */
const sameSignalMilliseconds = 1000

/** Ends the program with one clear line on stderr. */
export function fail(message) {
  process.stderr.write(`billfold: ${message}\n`)
  process.exit(1)
}

/**
 * Installs what is missing, then runs a TypeScript file (relative to the repository) by Node 24 and ends as it ends.
 * `development: false` is content with an installation that left the development dependencies out.
 */
export async function runWithNode24(file, args, { development }) {
  if (major(process.version) < 20) fail(`Node 20 or newer is needed, and this is ${process.version}`)
  try {
    await ensureInstalled(root, { development, say: (line) => process.stderr.write(`billfold: ${line}\n`) })
  } catch (error) {
    fail(error.message)
  }
  const candidates = node24Candidates()
  for (const { node, version } of candidates) {
    const started = await handOver(node, [...flags(version), join(root, file), ...args])
    if (started) return
  }
  fail(
    `there is no Node 24 here: install Node 24 or newer from https://nodejs.org and run this again ` +
      `(this is ${process.version} on ${process.platform}-${process.arch})`,
  )
}

function major(version) {
  return Number(version.slice(1).split('.')[0])
}

function node24Candidates() {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  const candidates = []
  if (existsSync(pinned) && makeExecutable(pinned)) candidates.push({ node: pinned, version: 'v24' })
  if (major(process.version) >= 24) candidates.push({ node: process.execPath, version: process.version })
  return candidates
}

function makeExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    try {
      chmodSync(file, 0o755)
      return true
    } catch {
      return false
    }
  }
}

/**
 * Resolves to false when this Node cannot be run here (wrong C library, say). The child gets a session of its own, so that
 * the terminal's Ctrl-C reaches it only through us, exactly once; and it is told when we are killed.
 */
function handOver(node, args) {
  return new Promise((resolve) => {
    const setpriv = findSetpriv()
    const options = { stdio: 'inherit', detached: true, env: { ...compileCache, ...process.env } }
    const child = setpriv
      ? spawn(setpriv, ['--pdeathsig', 'TERM', '--', node, ...args], options)
      : spawn(node, args, options)
    const lastSent = new Map()
    const onSignal = (signal) => {
      if (Date.now() - (lastSent.get(signal) ?? 0) < sameSignalMilliseconds) return
      lastSent.set(signal, Date.now())
      child.kill(signal)
    }
    for (const signal of forwarded) process.on(signal, onSignal)
    const stopForwarding = () => {
      for (const signal of forwarded) process.off(signal, onSignal)
    }
    child.on('error', () => {
      stopForwarding()
      resolve(false)
    })
    child.on('exit', (code, signal) => {
      stopForwarding()
      if (setpriv && (code === 126 || code === 127)) return resolve(false)
      if (signal) process.kill(process.pid, signal)
      process.exitCode = code ?? 1
      resolve(true)
    })
  })
}

/** util-linux's setpriv, which can tie a child's life to ours; other tools of that name cannot. */
function findSetpriv() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const found = folders.map((folder) => join(folder, 'setpriv')).find((file) => existsSync(file))
  if (!found) return undefined
  const tried = spawnSync(found, ['--pdeathsig', 'TERM', '--', found, '--version'], { stdio: 'ignore' })
  return tried.status === 0 ? found : undefined
}
