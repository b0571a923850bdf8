import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { DatabaseConnection } from '../src/storage/database.ts'
import type { LoadResult } from './http-load.ts'

/** What the parent tells the process that serves. */
export type ServerOrder = {
  store: 'postgres' | 'memory'
  port: number
  connection: DatabaseConnection
  wallets: number
}

/** What the parent tells the process that calls. */
export type LoadOrder = {
  port: number
  sandbox: string
  kind: 'payments' | 'balance' | 'history' | 'token' | 'walleo' | 'tillo'
  /** all payments go into one wallet */
  hot: boolean
  wallets: number
  connections: number
  seconds: number
  /** requests per second; as fast as answers come if absent */
  rate?: number
  /** the brand whose cards `walleo` and `tillo` buy, as the protocol calls it, and their value */
  brand?: { code: string; value: number; currency: string }
  /** so many requests in all and no warm-up, instead of a time */
  requests?: number
}

/** The server has a core's worth of work per core it shares; the caller must not be in its process. */
export const benchWallet = (index: number): string => `us:${7_000_000_000 + index}:USD`

/** The key that the benchmarks' servers seal with, and so the programs that work beside them. */
export const BENCH_KEY = '07'.repeat(32)

export type BenchServer = {
  sandbox: string
  port: number
  connection: DatabaseConnection
  pid: number
  stop(): Promise<void>
}

export async function startServer(order: ServerOrder): Promise<BenchServer> {
  const child = fork(new URL('./server-process.ts', import.meta.url))
  child.send(order)
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the server ended'))),
  ])) as [{ sandbox: string }]
  return {
    sandbox: message.sandbox,
    port: order.port,
    connection: order.connection,
    pid: child.pid as number,
    async stop() {
      child.disconnect()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

export async function runLoadProcess(order: LoadOrder): Promise<LoadResult> {
  const child = fork(new URL('./load-process.ts', import.meta.url))
  child.send(order)
  // One that fails says nothing, and must not be waited for for ever.
  const ended = once(child, 'exit')
  const [result] = await Promise.race([once(child, 'message'), ended.then(() => [])])
  if (result === undefined) throw new Error('the load generator failed')
  await ended
  return result as LoadResult
}
