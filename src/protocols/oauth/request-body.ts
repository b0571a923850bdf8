import type { IncomingMessage } from 'node:http'
import { splitScopes } from '../../credentials/scopes.ts'
import { adaptResponseType } from './implicit.ts'
import { JWT_MARK } from './token-adapters.ts'

const LARGEST_BODY = 32 * 1024

/** A request that never reaches the library. */
export class BodyRefusal extends Error {
  override name = 'BodyRefusal'
  readonly status: 400 | 413
  readonly code: 'invalid_request' | 'invalid_dpop_proof'

  constructor(status: 400 | 413, message: string, code: BodyRefusal['code'] = 'invalid_request') {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * Reads a JSON or form body into the form that the library reads. Repeated names stay repeated: the library refuses them.
 * @param options.authorization whether the body is an authorization request
 */
export async function readForm(req: IncomingMessage, options: { authorization?: boolean } = {}): Promise<Buffer> {
  const body = await readBody(req)
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  const parameters = body.length === 0 && type === undefined ? [] : parse(type, utf8(body))
  const adapted = parameters.map(adapt)
  return Buffer.from(new URLSearchParams(options.authorization ? adaptResponseType(adapted) : adapted).toString())
}

/** The same for the query of an authorization request. */
export const adaptQuery = (query: string): string =>
  new URLSearchParams(adaptResponseType([...new URLSearchParams(query)].map(adapt))).toString()

function parse(type: string | undefined, text: string): [string, string][] {
  if (type === 'application/x-www-form-urlencoded') return formParameters(text)
  if (type === 'application/json') return jsonParameters(text)
  throw new BodyRefusal(400, 'the body must be application/x-www-form-urlencoded or application/json')
}

function formParameters(text: string): [string, string][] {
  // A form has none (URL standard, 5.2), and Node reads other letters than were sent where they stand beside a stray percent sign.
  if (/[^\0-\x7f]/.test(text)) throw new BodyRefusal(400, 'the body is not form-encoded: it has letters beyond ASCII')
  return [...new URLSearchParams(text)]
}

function jsonParameters(text: string): [string, string][] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BodyRefusal(400, 'the body is not valid JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BodyRefusal(400, 'the body must be a JSON object')
  const parameters = Object.entries(value)
  if (parameters.some(([, one]) => typeof one !== 'string'))
    throw new BodyRefusal(400, 'every member of the body must be a string')
  // JSON.parse silently keeps the last of equal names. Where all are strings, each member has exactly two string tokens.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0
  if (tokens !== 2 * parameters.length) throw new BodyRefusal(400, 'a member of the body is repeated')
  return parameters
}

/** Our dialect into the library's: scopes with commas, and structured tokens where it takes opaque ones only. */
function adapt([name, value]: [string, string]): [string, string] {
  if (name === 'scope') return [name, splitScopes(value).join(' ')]
  if (name === 'token') return [name, value.startsWith('eyJ') ? JWT_MARK + value : value]
  return [name, value]
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(body: Buffer): string {
  try {
    return decoder.decode(body)
  } catch {
    throw new BodyRefusal(400, 'the body is not UTF-8')
  }
}

function readBody(req: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new BodyRefusal(413, `the body is larger than ${LARGEST_BODY} bytes`)
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_BODY) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    req.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > LARGEST_BODY) {
        req.pause()
        reject(tooLarge())
      } else chunks.push(chunk)
    })
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)))
    req.on('error', () => reject(new BodyRefusal(400, 'the body ended early')))
  })
}
