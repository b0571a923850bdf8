// Plain JavaScript for any Node >= 20, without dependencies: it installs them.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Makes node_modules match package-lock.json, once: a stamp in it remembers the lock file's hash. Of several first starts
 * one installs and the others wait.
 * @throws Error whose message is one line for the person at the terminal
 */
export async function ensureInstalled(root, { development, say }) {
  const wanted = wantedStamp(root)
  if (isReady(root, wanted, development)) return
  const unlock = await lock(root, say)
  try {
    if (isReady(root, wanted, development)) return
    say('installing the dependencies with npm ci (once, about half a minute)')
    await npmCi(root)
    writeStamp(root, `${wanted} all`)
  } finally {
    unlock()
  }
}

function wantedStamp(root) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return `${hash} ${process.platform}-${process.arch}`
}

const stampFile = (root) => join(root, 'node_modules', '.billfold-stamp')

function isReady(root, wanted, development) {
  const stamp = readText(stampFile(root))?.trim()
  if (stamp === `${wanted} all` || (stamp === `${wanted} production` && !development)) return true
  const installed = installedByNpm(root)
  if (!installed || (installed === 'production' && development)) return false
  writeStamp(root, `${wanted} ${installed}`)
  return true
}

/** An installation made by the owner's own `npm ci`, which has no stamp of ours: npm writes its list last, when all is there. */
function installedByNpm(root) {
  const list = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  const lock = readJson(join(root, 'package-lock.json'))?.packages
  if (!list || !lock) return undefined
  let kind = 'all'
  for (const [place, wanted] of Object.entries(lock)) {
    if (place === '' || !isForThisMachine(wanted)) continue
    const found = list[place]
    if (found?.version === wanted.version && existsSync(join(root, place, 'package.json'))) continue
    if (!wanted.dev) return undefined
    kind = 'production'
  }
  return kind
}

function isForThisMachine({ os, cpu, libc }) {
  return (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch)) && !libc
}

/** A stamp spares the next start a look at every package; where node_modules cannot be written, that look is the price. */
function writeStamp(root, stamp) {
  try {
    writeFileSync(stampFile(root), `${stamp}\n`)
  } catch {}
}

async function npmCi(root) {
  const cache = temporaryCache()
  try {
    const { code, output } = await runNpm(root, cache ? { npm_config_cache: cache } : {})
    if (code !== 0) throw new Error(`npm ci failed (${reason(output, code)}); put that right and run this again`)
  } finally {
    if (cache) rmSync(cache, { recursive: true, force: true })
  }
}

/** npm cannot work without a cache folder, and some accounts have no home to hold one. */
function temporaryCache() {
  if (process.env.npm_config_cache && isWritable(process.env.npm_config_cache)) return undefined
  if (isWritable(join(homedir(), '.npm'))) return undefined
  return mkdtempSync(join(tmpdir(), 'billfold-npm-'))
}

function isWritable(path) {
  if (!existsSync(path)) return dirname(path) !== path && isWritable(dirname(path))
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function runNpm(root, environment) {
  // No install script is needed by anything that runs here, so none is given the chance.
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional', '--ignore-scripts']
  const npm = npmCommand()
  return new Promise((resolve, reject) => {
    const child = spawn(npm.command, [...npm.args, ...args, '--loglevel=error'], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.resume()
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    // npm hears Ctrl-C itself; we only outlive it to take the lock away.
    let interrupted
    const onSignal = (signal) => {
      interrupted = signal
      child.kill(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal)
    const finish = () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, onSignal)
    }
    child.on('error', () => {
      finish()
      reject(new Error('the dependencies are not installed and npm was not found: install npm and run this again'))
    })
    child.on('close', (code, signal) => {
      finish()
      if (interrupted)
        reject(new Error(`the installation was interrupted (${interrupted}); run this again to repeat it`))
      else resolve({ code: code ?? signal, output })
    })
  })
}

function npmCommand() {
  const running = process.env.npm_execpath
  if (running?.endsWith('npm-cli.js') && existsSync(running)) return { command: process.execPath, args: [running] }
  const beside = join(dirname(process.execPath), 'npm')
  return { command: existsSync(beside) ? beside : 'npm', args: [] }
}

function reason(output, code) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  const telling = lines.filter(
    (line) => line && !/^(code|errno|syscall|path|A complete log|If you are behind)\b/.test(line),
  )
  return telling[0] ?? `exit status ${code}`
}

const lockPatienceMilliseconds = 10_000

/** A folder is the lock, for making one is atomic; its owner is written inside. Returns what gives it back. */
async function lock(root, say) {
  const folder = join(root, '.billfold-install.lock')
  const ownerFile = join(folder, 'owner')
  let told = false
  for (;;) {
    try {
      mkdirSync(folder)
      writeFileSync(ownerFile, `${process.pid} ${startTime(process.pid)}\n`)
      return () => rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw new Error(
          `the dependencies are not installed and ${root} cannot be written (${error.code}): run npm ci there as its owner`,
        )
      }
    }
    if (isStale(folder, ownerFile)) {
      removeStale(folder)
      continue
    }
    if (!told) say(`waiting for another start that is installing the dependencies (${folder})`)
    told = true
    await delay(200)
  }
}

function isStale(folder, ownerFile) {
  const owner = readText(ownerFile)?.trim().split(' ')
  if (owner?.length === 2) return !isAlive(Number(owner[0])) || startTime(owner[0]) !== owner[1]
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs
  return made !== undefined && Date.now() - made > lockPatienceMilliseconds
}

/** Moved aside first: of several who found it stale, one moves it, and one who moved a newcomer's lock puts it back. */
function removeStale(folder) {
  const aside = `${folder}.${process.pid}`
  try {
    renameSync(folder, aside)
    if (isStale(aside, join(aside, 'owner'))) rmSync(aside, { recursive: true, force: true })
    else renameSync(aside, folder)
  } catch {}
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** When a process started, in clock ticks since boot, so that a reused process id is told apart; '-' when there is none. */
function startTime(pid) {
  const stat = readText(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
