import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, connect as netConnect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { hostOf, type Target } from './guard.ts'

/** Opens a connection to a checked address. Tests put one in its place that goes to this machine only. */
export type Connect = (address: string, port: number) => Socket

export type Answered = {
  readonly status: number
  /** seconds that a `Retry-After` asks for; null: it said nothing of use */
  readonly retryAfter: number | null
  /** how the body begins */
  readonly excerpt: string
}

/** No answer came, or none that counts; `message` fits the log. */
export class DialError extends Error {
  override name = 'DialError'
}

export type DialOptions = {
  connect?: Connect
  /** ms for the whole attempt, whatever the receiver does with its bytes */
  timeout: number
  /** of the answer; more is not read */
  mostBytes: number
  signal?: AbortSignal
}

const EXCERPT = 200
/** ms */
const BODY_TIME = 2_000

/** POSTs to the first of the checked addresses that takes the connection. Redirects are answers like any other: none is followed. */
export async function dial(
  { url, addresses }: Target,
  message: { headers: Readonly<Record<string, string>>; body: string },
  options: DialOptions,
): Promise<Answered> {
  const deadline = AbortSignal.timeout(options.timeout)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  let failure: unknown
  for (const address of addresses.slice(0, 3)) {
    let socket: Socket
    try {
      socket = await open(options.connect ?? openSocket, address, port, signal)
    } catch (error) {
      failure = error
      if (signal.aborted) break
      continue
    }
    try {
      return await post(url, socket, message, options.mostBytes, signal)
    } catch (error) {
      failure = error
      break
    } finally {
      socket.destroy()
    }
  }
  if (options.signal?.aborted) throw options.signal.reason
  throw new DialError(deadline.aborted ? `no answer within ${options.timeout / 1000} s` : describe(failure))
}

const openSocket: Connect = (host, port) => netConnect({ host, port, noDelay: true })

function open(connect: Connect, address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, port)
    const abort = () => socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', abort, { once: true })
    const done = () => signal.removeEventListener('abort', abort)
    socket.once('connect', () => {
      done()
      socket.off('error', reject)
      // From here on whoever uses the socket hears of its errors; one that comes later concerns nobody.
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('error', (error) => {
      done()
      reject(error)
    })
    if (signal.aborted) abort()
  })
}

function post(
  url: URL,
  socket: Socket,
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
  mostBytes: number,
  signal: AbortSignal,
): Promise<Answered> {
  const secure = url.protocol === 'https:'
  const host = hostOf(url)
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const options = {
      method: 'POST',
      // The connection is there; were another one opened after all, it would go where this one goes.
      host: socket.remoteAddress,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, 'content-length': String(bytes.length), connection: 'close' },
      // What the name must prove by its certificate is the name, whichever address was dialled.
      createConnection: () =>
        secure ? tlsConnect({ socket, host, ...(!isIP(host) && { servername: host }) }) : socket,
      maxHeaderSize: 16_384,
      signal,
    }
    const request: ClientRequest = secure ? httpsRequest(options) : httpRequest(options)
    request.on('error', reject)
    request.on('response', (response) => void read(response, mostBytes).then(resolve, reject))
    request.end(bytes)
  })
}

/** The status has come and decides; the body is only read for the log, and cut where it is long or slow. */
async function read(response: IncomingMessage, mostBytes: number): Promise<Answered> {
  const chunks: Buffer[] = []
  let length = 0
  const timer = setTimeout(() => response.destroy(), BODY_TIME)
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= mostBytes) break
    }
  } catch {
    // It was cut, by us or by the receiver.
  } finally {
    clearTimeout(timer)
  }
  const seconds = response.headers['retry-after'] ?? ''
  return {
    status: response.statusCode as number,
    retryAfter: /^\d{1,6}$/.test(seconds) ? Number(seconds) : null,
    // Control characters would play tricks on terminals and logs.
    excerpt: Buffer.concat(chunks)
      .toString('utf8')
      .replace(/[\p{Cc}\uFFFD]+/gu, ' ')
      .slice(0, EXCERPT),
  }
}

/** Node's code where there is one: its texts name addresses. */
function describe(error: unknown): string {
  if (error instanceof DialError) return error.message
  const { code, message } = error as { code?: string; message?: string }
  return (code ?? message ?? 'it could not be called').slice(0, 200)
}
