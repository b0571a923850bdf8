import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DatabaseConnection } from '../../src/storage/database.ts'
import { eventually } from './eventually.ts'
import { send } from './wallet-client.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A server in a process of its own. */
export type ServerProcess = {
  child: ChildProcess
  pid: number
  url: string
  /** everything that it wrote so far */
  output(): string
  /** the exit status; null when a signal ended it */
  exited: Promise<number | null>
  /** Resolves when it says that it is ready. @throws when it ends before, with what it wrote */
  ready(): Promise<void>
  /** Ends it by Ctrl-C. @returns the exit status */
  interrupt(): Promise<number | null>
  /** Ends it by kill -9 and waits until it is gone. */
  kill(): Promise<void>
}

/**
 * @param command `start` and `serve` of the CLI itself, so that a signal meets the server and no launcher; `launch` is
 * `bin/billfold.mjs start`, as a person types it
 * @param host where it listens, and what its command begins with, if it runs elsewhere
 */
export function spawnServer(
  command: 'start' | 'serve' | 'launch',
  port: number,
  env: Record<string, string>,
  { address = '127.0.0.1', enter = [] }: { address?: string; enter?: readonly string[] } = {},
): ServerProcess {
  const script = command === 'launch' ? ['bin/billfold.mjs', 'start'] : ['src/cli/main.ts', command]
  const [program, ...args] = [...enter, process.execPath, ...script] as [string, ...string[]]
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), HOST: address, PORT: String(port), ...env },
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let over = false
  const exited = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      over = true
      resolve(code)
    }),
  )
  const ended = async () => {
    await eventually(() => over, { within: 60_000, every: 5, otherwise: () => output })
    return exited
  }
  const url = `http://${address}:${port}`
  return {
    child,
    pid: child.pid as number,
    url,
    output: () => output,
    exited,
    async ready() {
      const until = Date.now() + 30_000
      while (!over && Date.now() < until) {
        const answer = await send(url, '/readyz', { timeout: 1_000 }).catch(() => null)
        if (answer?.status === 200) return
        await delay(10)
      }
      throw new Error(`the server did not get ready: ${output}`)
    },
    interrupt() {
      child.kill('SIGINT')
      return ended()
    },
    async kill() {
      child.kill('SIGKILL')
      await ended()
    },
  }
}

/** Ours without what would lead the server to another database or home. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { DATABASE_URL, BILLFOLD_HOME, BILLFOLD_KEY, BILLFOLD_MODE, BILLFOLD_PUBLIC_URL, NODE_TEST_CONTEXT, ...rest } =
    process.env
  return rest
}

/**
 * A port that nobody listens on, and that the system gives to no outgoing connection: such a one was now and then taken before the
 * server listened that it had been chosen for. The UDP port of the same number tells other test processes that this one has it,
 * until it ends.
 */
export async function freePort(): Promise<number> {
  const [from, to] = keptPorts()
  for (;;) {
    const port = randomInt(from, to)
    if ((await claim(port)) && (await isFree(port))) return port
  }
}

/** Below or above those that the system gives; all where it gives nearly all. @returns from and up to */
function keptPorts(): [number, number] {
  const [low = 32_768, high = 60_999] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .trim()
    .split(/\s+/)
    .map(Number)
  if (low >= 12_000) return [10_000, low]
  return high <= 63_000 ? [high + 1, 65_536] : [10_000, 65_536]
}

function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}

/** `DATABASE_URL` of a connection, a socket folder included. */
export function databaseUrl({ host, port, user, password, database }: DatabaseConnection): string {
  const login = encodeURIComponent(user) + (password === undefined ? '' : `:${encodeURIComponent(password)}`)
  const place = host.startsWith('/')
    ? `localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `${host}:${port}/${database}`
  return `postgres://${login}@${place}`
}
