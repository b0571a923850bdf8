import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** On a socket while an upload comes in over it. */
const UPLOADING = Symbol('uploading')

type MarkedSocket = Socket & { [UPLOADING]?: boolean; _httpMessage?: { _headerSent?: boolean } }

/** ms without a byte, after which an upload is cut off */
const PATIENCE = 30_000

/**
 * Lets a request take longer than the server's `requestTimeout`, as long as something keeps coming. For callers that have
 * proven who they are.
 * @returns ends it
 */
export function beginUpload(incoming: IncomingMessage, patience: number = PATIENCE): () => void {
  const socket: MarkedSocket = incoming.socket
  socket[UPLOADING] = true
  // A socket whose time is over, and which nobody asks, is destroyed.
  socket.setTimeout(patience)
  return () => {
    delete socket[UPLOADING]
    socket.setTimeout(0)
  }
}

const STATUSES: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Treats broken and slow requests as Node does by itself, but lets uploads go on: each request is found too slow once. */
export function allowUploads(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: MarkedSocket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket[UPLOADING]) return
    // An answer that has begun must not be mixed with another one.
    if (socket.writable && !socket._httpMessage?._headerSent) {
      const status = STATUSES[error.code ?? ''] ?? 400
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    }
    socket.destroy(error)
  })
}
