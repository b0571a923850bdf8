import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type Config, readConfig, type Secrets } from '../config.ts'
import { runningInstance } from '../engine/instance-lock.ts'
import { startEngine } from '../engine/start-engine.ts'
import { type DatabaseConnection, openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { jsonWanted, print } from './output.ts'
import { PATIENCE, patiently } from './patiently.ts'
import { plainly } from './plainly.ts'
import { portProblem } from './port-problem.ts'
import { releaseMemory } from './release-memory.ts'
import { untilSignal } from './until-signal.ts'
import { withWorkers } from './workers-option.ts'

/** For people a line; with `--json` a line of JSON with the same words. */
const say = (line: string) => print(jsonWanted() ? JSON.stringify({ remark: line }) : line)

export function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { workers: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const env = withWorkers(process.env, options.workers)
  return plainly(() => start(env))
}

async function start(env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now()
  const { config, secrets } = readConfig(env)
  // Of another one on the same home the engine speaks, which says how to stop it, rather than of the port that it has.
  const other = config.database ? undefined : await runningInstance(config.home).catch(() => undefined)
  if (!other || config.port === 0) config.port = await freePort(config)
  const stop = untilSignal()
  let program: ReturnType<typeof loadProgram> | undefined
  const load = () => {
    program ??= loadProgram()
    return program
  }
  // Several servers are processes of their own, each of which reads it.
  const several = config.workers !== undefined
  const databaseFailed = Promise.withResolvers<never>()
  // Whoever waits for it is told; before that, the start itself fails.
  databaseFailed.promise.catch(() => {})
  const engine = config.database
    ? { connection: config.database, stop: async () => {} }
    : await startEngine({
        home: config.home,
        log: say,
        ...(!several && { onSpawn: load }),
        onFailure: databaseFailed.reject,
      })
  try {
    // Our own PostgreSQL is started again at once when it crashes; one that is somebody else's is there or not.
    const patience = config.database ? 0 : PATIENCE
    await patiently(patience, () => {
      const db = openDatabase(engine.connection, { connections: 1 })
      return migrate(db).finally(db.close)
    })
    const server = several
      ? await launchWorkers(config, engine.connection, patience)
      : await launch(await load(), { config, secrets, connection: engine.connection, patience })
    try {
      const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${server.port}`
      sayReady(url, performance.now() - started, server.credentials)
      releaseMemory()
      if (!config.database) void writeThrough(engine.connection)
      await Promise.race([stop.promise, databaseFailed.promise, ...(server.failed ? [server.failed] : [])])
      say('stopping')
    } finally {
      await server.stop()
    }
  } finally {
    await engine.stop()
  }
  return 0
}

/**
 * What a first start or a new version wrote stands in hundreds of files, each of which a stop would have to sync: done now, when
 * nobody waits for it. Where it fails or a stop overtakes it, PostgreSQL does the same when it is stopped.
 */
async function writeThrough(connection: DatabaseConnection): Promise<void> {
  const db = openDatabase(connection, { connections: 1 })
  await db
    .query('checkpoint')
    .finally(db.close)
    .catch(() => {})
}

type Launched = {
  readonly port: number
  /** the file of the sandbox's credentials; '' where there is none */
  readonly credentials: string
  /** rejects when it cannot go on */
  readonly failed?: Promise<never>
  stop(): Promise<void>
}

type LaunchOptions = { config: Config; secrets: Secrets; connection: DatabaseConnection; patience: number }

const logFileOf = ({ home }: Config) => join(home, 'logs', 'server.log')

/** The server in this process. */
async function launch(
  { assemble, createLogs, listen, fillSandbox }: Awaited<ReturnType<typeof loadProgram>>,
  { config, secrets, connection, patience }: LaunchOptions,
): Promise<Launched> {
  const logs = createLogs(config.logLevel, logFileOf(config))
  const assembly = await patiently(patience, () => assemble(config, secrets, connection, logs))
  let credentials = ''
  const server = await listen(assembly, async (url) => {
    if (config.mode === 'sandbox') credentials = await patiently(PATIENCE, () => fillSandbox(assembly, url))
  }).catch(async (error) => {
    await assembly.close()
    throw portProblem(error, config)
  })
  return { port: server.port, credentials, stop: server.stop }
}

/** Servers in processes of their own. */
async function launchWorkers(config: Config, connection: DatabaseConnection, patience: number): Promise<Launched> {
  const { startWorkers } = await import('./workers/primary.ts')
  const fills = config.mode === 'sandbox'
  const order = { port: config.port, connection, logFile: logFileOf(config), fills, patience }
  const { ready, failed, stop } = await startWorkers(config.workers ?? 1, order, say)
  return { ...ready, failed, stop }
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

/**
 * Whether the port can be had is known before a database is made for nothing. Clients are told the port before the server listens
 * on it, so "any port" is chosen here too.
 */
function freePort({ host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => reject(portProblem(error, { host, port })))
    probe.listen(port, host, () => {
      const found = probe.address() as AddressInfo
      probe.close(() => resolve(found.port))
    })
  })
}
