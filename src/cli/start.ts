import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readConfig } from '../config.ts'
import { startEngine } from '../engine/start-engine.ts'
import { LedgerUnavailable } from '../ledger/command.ts'
import { openDatabase } from '../storage/database.ts'
import { isDatabaseAway } from '../storage/database-away.ts'
import { migrate } from '../storage/migrate.ts'
import { plainly } from './plainly.ts'
import { portProblem } from './port-problem.ts'
import { releaseMemory } from './release-memory.ts'
import { untilSignal } from './until-signal.ts'

export const help = `usage: billfold start

Starts PostgreSQL (embedded, unless DATABASE_URL names another one), brings the schema up to date, fills the sandbox on
the first run and listens. Ctrl-C stops all of it.

  PORT, HOST            where to listen; 8080 on 127.0.0.1
  BILLFOLD_HOME         data, key, logs and sandbox.json; .billfold in the checkout
  BILLFOLD_PUBLIC_URL   how clients reach the server; http://localhost:PORT and http://127.0.0.1:PORT
  DATABASE_URL          another PostgreSQL, 15 or newer
  LOG_LEVEL             of logs/server.log in the home; info
`

const say = (line: string) => process.stdout.write(`${line}\n`)

export const run = (): Promise<number> => plainly(start)

async function start(): Promise<number> {
  const started = performance.now()
  const { config, secrets } = readConfig(process.env)
  if (config.port === 0) config.port = await freePort(config.host)
  const stop = untilSignal()
  const program = loadProgram()
  const databaseFailed = Promise.withResolvers<never>()
  // Whoever waits for it is told; before that, the start itself fails.
  databaseFailed.promise.catch(() => {})
  const engine = config.database
    ? { connection: config.database, stop: async () => {} }
    : await startEngine({ home: config.home, log: say, onFailure: databaseFailed.reject })
  try {
    const { assemble, createLogs, listen, fillSandbox } = await program
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
      say(`Billfold is ready at ${url} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
      if (credentials) say(`  sandbox credentials: ${credentials}`)
      say(`  first calls to paste: ${url}/ or README.md    stop: Ctrl-C`)
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

/** Read while PostgreSQL makes its first database in another process: half a second that nobody waits for. */
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
