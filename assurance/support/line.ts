import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { DatabaseConnection } from '../../src/storage/database.ts'

/**
 * What a line between server and database is like.
 * - `late`: everything arrives so many ms later
 * - `silent`: half-open: nothing passes, nothing is closed, and what was said meanwhile is lost
 * - `refused`: what was open is cut, and nobody listens
 */
export type Weather = 'clear' | 'silent' | 'refused' | { late: number }

export type Line = {
  connection: DatabaseConnection
  set(weather: Weather): Promise<void>
  close(): Promise<void>
}

/** A loopback port in front of a PostgreSQL whose line can be made bad; knows nothing of what passes. */
export async function openLine(target: DatabaseConnection): Promise<Line> {
  let weather: Weather = 'clear'
  const pairs = new Set<readonly [Socket, Socket]>()
  const sockets = new Set<Socket>()
  /** whether a connection that once went silent can be heard again: never, for bytes of it are gone */
  const deaf = new WeakSet<readonly [Socket, Socket]>()

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = target.host.startsWith('/')
      ? connect(join(target.host, `.s.PGSQL.${target.port}`))
      : connect(target.port, target.host)
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [upstream, client] as const]) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('data', (chunk) => {
        if (weather === 'silent') deaf.add(pair)
        if (deaf.has(pair)) return
        if (typeof weather === 'object') setTimeout(() => to.write(chunk), weather.late)
        else to.write(chunk)
      })
      from.on('close', () => {
        sockets.delete(from)
        pairs.delete(pair)
        if (weather !== 'silent' && !deaf.has(pair)) to.destroy()
      })
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }

  return {
    connection: { ...target, host: '127.0.0.1', port },
    async set(next) {
      weather = next
      if (next === 'refused' && server.listening) {
        server.close()
        cut()
      }
      if (next !== 'refused' && !server.listening) await listen(port)
    },
    async close() {
      server.close()
      // The other ends of deaf lines as well, where PostgreSQL may wait for a first word.
      for (const socket of sockets) socket.destroy()
    },
  }
}
