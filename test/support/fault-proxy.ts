import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { DatabaseConnection } from '../../src/storage/database.ts'

/**
 * What happens to a connection.
 * - `cut-client`: it is cut instead of passing on the client's message number `at` (counted from 1) after the fault was armed
 * - `cut-server`: it is cut instead of passing on the server's message number `at`
 * - `before-commit`: it is cut instead of passing on a COMMIT
 * - `after-commit`: the COMMIT is passed on, and the connection cut when the server has answered it
 * - `hang`: from the COMMIT on nothing passes in either direction, and nothing is closed
 */
export type Fault =
  | { readonly type: 'cut-client' | 'cut-server'; readonly at: number }
  | { readonly type: 'before-commit' | 'after-commit' | 'hang' }

export type FaultProxy = {
  connection: DatabaseConnection
  /** The next thing that goes wrong; it happens once. */
  arm(fault: Fault): void
  /** Whether the fault that was armed has happened. */
  readonly happened: boolean
  close(): Promise<void>
}

const COMMIT = /^commit\0$/i

/** Stands on a loopback port in front of a PostgreSQL and understands its messages well enough to cut between any two. */
export async function startFaultProxy(target: DatabaseConnection): Promise<FaultProxy> {
  let armed: Fault | null = null
  let seen = { client: 0, server: 0 }
  let happened = false
  const sockets = new Set<Socket>()

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = target.host.startsWith('/')
      ? connect(join(target.host, `.s.PGSQL.${target.port}`))
      : connect(target.port, target.host)
    let hanging = false
    let afterCommit = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    const strike = () => {
      armed = null
      happened = true
    }

    // The client's first message has no type; all others have one byte of it.
    const fromClient = createSplitter(false, (message, first) => {
      if (hanging) return false
      if (armed && !first) {
        seen.client++
        const isCommit = message[0] === 0x51 && COMMIT.test(message.toString('utf8', 5))
        if ((armed.type === 'cut-client' && seen.client === armed.at) || (armed.type === 'before-commit' && isCommit)) {
          strike()
          cut()
          return false
        }
        if (armed.type === 'hang' && isCommit) {
          strike()
          hanging = true
          return false
        }
        if (armed.type === 'after-commit' && isCommit) {
          strike()
          afterCommit = true
        }
      }
      upstream.write(message)
      return true
    })
    const fromServer = createSplitter(true, (message) => {
      if (hanging) return false
      if (afterCommit) {
        // A transaction that had failed is answered with ROLLBACK: without a cut the line would be deaf from here on.
        if (message[0] === 0x43 && /^(COMMIT|ROLLBACK)/.test(message.toString('utf8', 5))) cut()
        return true
      }
      if (armed) seen.server++
      if (armed?.type === 'cut-server' && seen.server === armed.at) {
        strike()
        cut()
        return false
      }
      client.write(message)
      return true
    })
    client.on('data', fromClient)
    upstream.on('data', fromServer)
    client.on('close', () => !hanging && upstream.destroy())
    upstream.on('close', () => !hanging && client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    connection: { ...target, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    arm(fault) {
      armed = fault
      seen = { client: 0, server: 0 }
      happened = false
    },
    get happened() {
      return happened
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/**
 * Cuts a stream into PostgreSQL's messages: a type byte, then four bytes of length that count themselves.
 * @param use returns false when nothing more shall be read
 */
function createSplitter(typed: boolean, use: (message: Buffer, first: boolean) => boolean): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let first = !typed
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const header = first ? 4 : 5
      if (rest.length < header) return
      const length = rest.readUInt32BE(header - 4) + (first ? 0 : 1)
      if (rest.length < length) return
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      const going = use(message, first)
      first = false
      if (!going) return
    }
  }
}
