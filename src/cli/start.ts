import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readConfig } from '../config.ts'
import { startEngine } from '../engine/start-engine.ts'
import { LedgerUnavailable } from '../ledger/command.ts'
import { openDatabase } from '../storage/database.ts'
import { isDatabaseAway } from '../storage/database-away.ts'
import { migrate } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { jsonWanted, print } from './output.ts'
import { plainly } from './plainly.ts'
import { portProblem } from './port-problem.ts'
import { releaseMemory } from './release-memory.ts'
import { untilSignal } from './until-signal.ts'

/** For people a line; with `--json` a line of JSON with the same words. */
const say = (line: string) => print(jsonWanted() ? JSON.stringify({ remark: line }) : line)

export function run(args: string[]): Promise<number> {
  requirePositionals(readArguments(args, { json: 'boolean' }).positionals)
  return plainly(start)
}

async function start(): Promise<number> {
  const started = performance.now()
  const { config, secrets } = readConfig(process.env)
  if (config.port === 0) config.port = await freePort(config.host)
  const stop = untilSignal()
  let program: ReturnType<typeof loadProgram> | undefined
  const load = () => {
    program ??= loadProgram()
    return program
  }
  const databaseFailed = Promise.withResolvers<never>()
  // Whoever waits for it is told; before that, the start itself fails.
  databaseFailed.promise.catch(() => {})
  const engine = config.database
    ? { connection: config.database, stop: async () => {} }
    : await startEngine({ home: config.home, log: say, onSpawn: load, onFailure: databaseFailed.reject })
  try {
    const { assemble, createLogs, listen, fillSandbox } = await load()
    // Our own PostgreSQL is started again at once when it crashes; one that is somebody else's is there or not.
    const patience = config.database ? 0 : PATIENCE
    await patiently(patience, () => {
      const db = openDatabase(engine.connection, { connections: 1 })
      return migrate(db).finally(db.close)
    })
    const logs = createLogs(config.logLevel, join(config.home, 'logs', 'server.log'))
    const assembly = await patiently(patience, () => assemble(config, secrets, engine.connection, logs))
    let credentials = ''
    const server = await listen(assembly, async (url) => {
      if (config.mode === 'sandbox') credentials = await patiently(PATIENCE, () => fillSandbox(assembly, url))
    }).catch(async (error) => {
      await assembly.close()
      throw portProblem(error, config.port)
    })
    try {
      const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${server.port}`
      sayReady(url, performance.now() - started, credentials)
      releaseMemory()
      await Promise.race([stop.promise, databaseFailed.promise])
      say('stopping')
    } finally {
      await server.stop()
    }
  } finally {
    await engine.stop()
  }
  return 0
}

/** @param credentials the file of the sandbox's credentials; '' where there is none */
function sayReady(url: string, milliseconds: number, credentials: string): void {
  const seconds = Number((milliseconds / 1000).toFixed(1))
  if (jsonWanted()) {
    print(JSON.stringify({ ready: { url, seconds, credentials: credentials || null } }))
    return
  }
  print(`Billfold is ready at ${url} (${seconds.toFixed(1)} s)`)
  if (credentials) print(`  sandbox credentials: ${credentials}`)
  print(`  first calls to paste: ${url}/ or README.md    stop: Ctrl-C`)
}

/**
 * Reading it keeps this process from everything else for half a second: done while PostgreSQL, in its own, makes its data folder or
 * starts.
 */
async function loadProgram() {
  const [assembly, main, sandbox] = await Promise.all([
    import('../assembly.ts'),
    import('../main.ts'),
    import('../operations/fill-sandbox.ts'),
  ])
  return { ...assembly, ...main, ...sandbox }
}

/** How long a start waits for a database that is away; ms. Recovering takes a tenth of it on a slow machine. */
const PATIENCE = 20_000

/** Does it again when the database was away: nothing of a start harms when it is done twice. */
async function patiently<T>(patience: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const passing = isDatabaseAway(error) || error instanceof LedgerUnavailable
      if (!passing || performance.now() > deadline) throw error
      await delay(200)
    }
  }
}

/** Clients are told the port before the server listens on it, so "any port" is chosen here. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
