import { createSecretKey, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { JsonObject } from '#sdk/protocol/exact-json.ts'
import { type TilloOperation, tilloEndpoints } from '#sdk/tillo/endpoints.ts'
import { checkTilloRequest, type TilloMac, type TilloRefusal, tilloRefusals } from '#sdk/tillo/verification.ts'
import { createAddressReader } from '../../credentials/address.ts'
import { createTextMac } from '../../credentials/hmac.ts'
import { createPartnerKeys, type PartnerKey } from '../../credentials/partner-keys.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { readBody } from '../../http/node.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
import type { TilloDeps } from './call.ts'
import { TilloProblem } from './errors.ts'
import { refuseExponents } from './read-numbers.ts'
import { readings } from './readings.ts'

/** Who a request is proven to come from, and what it says. */
export type Proven = {
  readonly caller: PartnerKey
  readonly body: JsonObject
  readonly query: URLSearchParams
  /** that it came from */
  readonly address: string
}

const HEADERS = ['api-key', 'signature', 'timestamp'] as const

/**
 * Proves requests: form and time, then the signature over each string that the partner may have signed, then the address.
 * @returns a function that throws a {@link TilloProblem} or a `BodyError`
 */
export function createAuthenticate(
  deps: TilloDeps,
): (req: IncomingMessage, operation: TilloOperation, call: ApiCall) => Promise<Proven> {
  const find = createPartnerKeys(deps, 'tillo', (secret) => Buffer.from(secret, 'utf8'))
  const addressOf = createAddressReader(deps.config.trustedProxies ?? [])
  // An unknown key is checked like any other, under a secret that nobody has: neither time nor answer tells them apart.
  const nobody = createMac(createSecretKey(randomBytes(32)))

  return async (req, operation, call) => {
    const { method, path } = tilloEndpoints[operation]
    const address = addressOf(req.socket.remoteAddress, req.headers['x-forwarded-for'] as string | undefined)
    call.address = address
    if (method !== 'GET') requireJson(req)
    const text = method === 'GET' ? '' : await readBody(req, readings.bodyLimit)
    const query = new URLSearchParams(searchOf(req.url ?? ''))
    requireSingle(req)
    const key = req.headers['api-key']
    const caller = typeof key === 'string' ? await find(key) : null
    if (caller) call.owner = { partyId: caller.partner.partyId, credentialId: caller.credentialId }
    const header = (name: string) => req.headers[name] as string | undefined
    const mac = caller ? createMac(caller.key) : nobody
    const now = deps.gift.clock()
    const checked = checkTilloRequest({ method, path, query, header, body: text }, () => mac, now)
    if (!checked.ok) {
      const skew = Math.round((now - Number(header('timestamp'))) / 1000)
      failCheck(call, checked.refusal, Number.isFinite(skew) ? { skew } : null)
      throw refuse(checked.refusal)
    }
    call.requestId = requestIdOf(checked.body, query)
    if (!isAnyOf(checked.presented, checked.expected) || caller === null) {
      failCheck(call, 'wrong-signature', { signed: describe(checked) })
      throw wrongCredentials()
    }
    // Only a partner learns that its address is the reason.
    if (!caller.allows(address)) {
      failCheck(call, 'address', { address })
      throw new TilloProblem('210', 'Requests from this address are not allowed')
    }
    call.proven = true
    return { caller, body: readObject(checked.body, text, method === 'GET'), query, address }
  }
}

/** The string that should have been signed, for its partner to compare; the key in it is a secret of theirs. */
const describe = ({ stringsToSign: [text = ''], apiKey }: { stringsToSign: string[]; apiKey: string }) =>
  text.startsWith(apiKey) ? `{API-Key}${text.slice(apiKey.length)}` : ''

/** Where there is one; looked at before its form is. */
function requestIdOf(body: unknown, query: URLSearchParams): string | null {
  const member = typeof body === 'object' && body !== null ? Reflect.get(body, 'client_request_id') : undefined
  return typeof member === 'string' ? member : query.get('client_request_id')
}

const searchOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

const wrongCredentials = () => new TilloProblem('434', 'Authentication failed: wrong API key or signature')

function refuse(refusal: TilloRefusal): TilloProblem {
  const { code, meaning } = tilloRefusals[refusal]
  return code === '434' ? new TilloProblem('434', `Authentication failed: ${meaning}`) : new TilloProblem(code, meaning)
}

/** Two headers of one name are none, also where they would make one when joined. */
function requireSingle(req: IncomingMessage): void {
  for (const name of HEADERS) {
    if ((req.headersDistinct[name]?.length ?? 0) > 1)
      throw new TilloProblem('434', `Authentication failed: there is more than one ${name} header`)
  }
}

function requireJson({ headers }: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  if (/^application\/json\s*(;|$)/i.test(type) && encoding.toLowerCase() === 'identity') return
  throw new TilloProblem('999', 'The body must be application/json, not compressed', { http: 415 })
}

function readObject(body: unknown, text: string, optional: boolean): JsonObject {
  if (body === undefined && optional) return {}
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new TilloProblem('433', 'The body must be a JSON object')
  refuseExponents(text)
  return body as JsonObject
}

const createMac = (key: PartnerKey['key']): TilloMac => createTextMac(key, 'hex')

/** Compares with each, whichever it equals, so that the time tells nothing. */
function isAnyOf(presented: string, expected: readonly string[]): boolean {
  const bytes = Buffer.from(presented)
  let equal = false
  for (const one of expected) equal = equalBytes(bytes, Buffer.from(one)) || equal
  return equal
}
