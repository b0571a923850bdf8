import { createHmac } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { globalAgent, request as httpsRequest } from 'node:https'

// Written apart from the SDK: what both get wrong alike would otherwise never show.

export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** the parsed body, if it is JSON */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export type Outgoing = { method?: string; headers?: Record<string, string>; body?: string | Buffer; timeout?: number }

const plainAgent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One HTTP request, its path sent as it stands; over TLS as `node:https`' `globalAgent` says. */
export function send(url: string, path: string, options: Outgoing = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { protocol, hostname, port } = new URL(url)
    const { body, headers = {}, method = body === undefined ? 'GET' : 'POST' } = options
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const [request, agent] = protocol === 'https:' ? [httpsRequest, globalAgent] : [httpRequest, plainAgent]
    const outgoing = request(
      { hostname, port, path, method, agent, headers: { ...length, ...headers }, timeout: options.timeout ?? 10_000 },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const json = text !== '' && incoming.headers['content-type']?.includes('json')
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            body: json ? JSON.parse(text) : null,
          })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** RFC 8785 for what the tests send: members by name, numbers as JavaScript prints them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

export const mac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('base64url')

/** A signed message; unsigned without a secret. `changes` replaces members of it, `undefined` takes one away. */
export function envelope(secret: string | null, payload: object, changes: Record<string, unknown> = {}): string {
  const signed = secret === null ? {} : { header: { alg: 'hs256' }, signature: mac(secret, canonical(payload)) }
  return JSON.stringify({ ...signed, payload, ...changes })
}

export type Credentials = { id: string; signingSecret: string | null; token: string }

export type Caller = Credentials & {
  url: string
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Signs the payload and posts it. */
  post(path: string, payload: object, headers?: Record<string, string>): Promise<Answer>
  /** Posts a body that the test made. */
  raw(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>
  /** Funds or pays; fails the test unless it is done. @returns the answer's payload */
  // biome-ignore lint/suspicious/noExplicitAny: as Answer.body
  done(path: string, payload: object, headers?: Record<string, string>): Promise<any>
}

/** A client that has its token. */
export function createCaller(url: string, credentials: Credentials): Caller {
  const { token, signingSecret } = credentials
  const authorization = `Bearer ${token}`
  const raw: Caller['raw'] = (path, body, headers = {}) =>
    send(url, path, { body, headers: { authorization, 'content-type': 'application/json', ...headers } })
  const post: Caller['post'] = (path, payload, headers) => raw(path, envelope(signingSecret, payload), headers)
  return {
    ...credentials,
    url,
    get: (path, headers = {}) => send(url, path, { headers: { authorization, ...headers } }),
    post,
    raw,
    async done(path, payload, headers) {
      const answer = await post(path, payload, headers)
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${answer.text}`)
      return opened(answer, signingSecret)
    },
  }
}

/** An access token by client credentials. */
export async function grantToken(url: string, id: string, secret: string, scope?: string): Promise<string> {
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id: id, client_secret: secret, scope })
  const answer = await send(url, '/oauth/token', { body, headers: { 'content-type': 'application/json' } })
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`)
  return answer.body.access_token
}

/**
 * The payload of an answer whose form and signature are checked here, byte for byte; null: the answer must be unsigned.
 */
// biome-ignore lint/suspicious/noExplicitAny: as Answer.body
export function opened(answer: Answer, secret: string | null): any {
  if (answer.headers['content-type'] !== 'application/json') throw new Error(`no JSON: ${answer.text}`)
  if (answer.headers['cache-control'] !== 'no-store') throw new Error('the answer may be cached')
  const { payload } = answer.body
  const text = canonical(payload)
  const wanted =
    secret === null
      ? `{"payload":${text}}`
      : `{"header":{"alg":"hs256"},"payload":${text},"signature":"${mac(secret, text)}"}`
  if (answer.text !== wanted) throw new Error(`not the envelope that was expected: ${answer.text}\n${wanted}`)
  return payload
}

/** What a refusal says, as `status code`, once its form is checked: an envelope, signed where the client is known. */
export function refused(answer: Answer, secret: string | null): string {
  const payload = opened(answer, secret)
  const { endpoint, success, error, ...rest } = payload
  if (success !== false || typeof endpoint !== 'string' || Object.keys(rest).length > 0) {
    throw new Error(`no refusal: ${answer.text}`)
  }
  const { code, message, ...more } = error
  if (!/^[a-z0-9-]+$/.test(code) || !message || Object.keys(more).length > 0)
    throw new Error(`no reason: ${answer.text}`)
  return `${answer.status} ${code}`
}
