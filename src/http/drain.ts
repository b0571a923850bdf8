import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** ms between two looks at the connections that are left */
const PAUSE = 50

/**
 * Watches a server's connections from now on, so that it can be stopped without waiting for callers who ask nothing.
 * @returns ends the server: takes no connection any more, lets requests in hand be answered for `patience` ms at most, and resolves when the last
 * connection is gone
 */
export function createDrain(server: Server): (patience: number) => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  return async (patience) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // A connection that is kept alive would go on until the last moment: each answer from now on ends its own.
    server.prependListener('request', (_, res) => res.setHeader('connection', 'close'))
    // Browsers open connections in advance. Node counts those as busy until their first request.
    const silent = () => [...sockets].filter((socket) => socket.bytesRead === 0)
    let before = new Set<Socket>()
    const looks = setInterval(() => {
      server.closeIdleConnections()
      const now = silent()
      // A first request may be on its way: only what was silent the last time, too.
      for (const socket of now) if (before.has(socket)) socket.destroy()
      before = new Set(now)
    }, PAUSE)
    const timer = setTimeout(() => server.closeAllConnections(), patience)
    await closed
    clearInterval(looks)
    clearTimeout(timer)
  }
}
