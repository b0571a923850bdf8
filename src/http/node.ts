import type { IncomingMessage, ServerResponse } from 'node:http'

/** A body that cannot be read: too large, cut off, or not UTF-8. */
export class BodyError extends Error {
  override name = 'BodyError'
  readonly status: 400 | 413
  readonly code: 'body-too-large' | 'body-incomplete' | 'body-not-utf8'

  constructor(status: 400 | 413, code: BodyError['code'], message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The whole body as text. @throws BodyError */
export function readBody(req: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let first: Buffer | null = null
    let more: Buffer[] | null = null
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      // What is over the limit is read and dropped, so that the answer reaches a client that is still sending.
      if (size > limit) return reject(new BodyError(413, 'body-too-large', `The body is larger than ${limit} bytes`))
      if (first === null) first = chunk
      else if (more === null) more = [first, chunk]
      else more.push(chunk)
    })
    req.on('end', () => {
      if (size > limit) return
      try {
        resolve(utf8.decode(more ? Buffer.concat(more) : (first ?? undefined)))
      } catch {
        reject(new BodyError(400, 'body-not-utf8', 'The body is not UTF-8'))
      }
    })
    req.on('close', () => {
      // Also fires after every whole body; making an error then would cost more than reading it.
      if (!req.complete) reject(new BodyError(400, 'body-incomplete', 'The body was cut off'))
    })
  })
}

/** Answers whole, never cached: nothing here is the same for two callers. */
export function sendText(
  res: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers?: Record<string, string>,
): void {
  if (res.destroyed) return
  const length = Buffer.byteLength(body)
  res.writeHead(status, {
    'content-type': type,
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  // As many bytes as characters: plain ASCII, which goes out without being encoded.
  res.end(body, length === body.length ? 'latin1' : 'utf8')
}
