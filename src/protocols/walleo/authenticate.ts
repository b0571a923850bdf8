import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Json } from '#sdk/protocol/exact-json.ts'
import { decodeWalleoKey } from '#sdk/walleo/signing.ts'
import {
  checkWalleoRequest,
  readWalleoAuthorization,
  type WalleoMac,
  walleoRefusals,
} from '#sdk/walleo/verification.ts'
import type { Config } from '../../config.ts'
import { createAddressReader } from '../../credentials/address.ts'
import { createPartnerKeys, type PartnerKey } from '../../credentials/partner-keys.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import type { Deps } from '../../deps.ts'
import { readBody } from '../../http/node.ts'
import type { Partner } from '../../storage/partners.ts'
import { invalidSignature, unauthorized, WalleoProblem } from './errors.ts'
import { readings } from './readings.ts'

export type AuthenticateDeps = Pick<Deps, 'db' | 'keyring' | 'clock'> & {
  config: Pick<Config, 'trustedProxies'>
  /** origins that callers may have signed; what they put into `Host` or a proxy into `X-Forwarded-*` counts for nothing */
  publicUrls: readonly string[]
}

/** Who a request is proven to come from, and what it says. `body`: undefined where there is none. */
export type Proven = {
  readonly partner: Partner
  readonly body: Json | undefined
  /** that it came from */
  readonly address: string
}

/** Proves requests. @throws {WalleoProblem} `unauthorized`, `invalid_signature`, `unsupported_media_type` @throws BodyError */
export function createAuthenticate(deps: AuthenticateDeps): (req: IncomingMessage) => Promise<Proven> {
  const { clock, publicUrls } = deps
  const find = createPartnerKeys(deps, 'walleo', decodeWalleoKey)
  const addressOf = createAddressReader(deps.config.trustedProxies ?? [])

  return async (req) => {
    const { method = '', url: target = '' } = req
    const authorization = readHeader(req)
    const claimed = readWalleoAuthorization(authorization)
    if (!claimed.ok) throw refused(claimed.refusal)
    if (method === 'POST') requireJson(req)
    const text = await readBody(req, readings.bodyLimit)
    const known = await find(claimed.authorization.apiKey)
    const urls = publicUrls.map((origin) => origin + target)
    const macFor = ({ identifier }: { identifier: string }) =>
      known !== null && known.identifier === identifier ? createMac(known) : null
    const checked = checkWalleoRequest({ method, urls, authorization, body: text }, macFor, clock())
    if (!checked.ok) throw refused(checked.refusal)
    if (!isAnyOf(checked.presented, checked.expected)) throw invalidSignature()
    // Last, so that only a partner learns that its address is the reason.
    const forwarded = req.headers['x-forwarded-for'] as string | undefined
    const address = addressOf(req.socket.remoteAddress, forwarded)
    if (!known?.allows(address)) throw unauthorized()
    return { partner: known.partner, body: checked.body, address }
  }
}

/** Two `Authorization` headers are none, also where they would make one when joined. */
function readHeader(req: IncomingMessage): string | undefined {
  const values = req.headersDistinct.authorization
  if (values !== undefined && values.length > 1) throw unauthorized()
  return values?.[0]
}

function requireJson(req: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers
  if (/^application\/json\s*(;|$)/i.test(type) && encoding.toLowerCase() === 'identity') return
  throw new WalleoProblem('unsupported_media_type', 'The body must be application/json, not compressed')
}

const createMac =
  ({ key }: PartnerKey): WalleoMac =>
  (text) =>
    createHmac('sha256', key).update(text).digest('hex')

/** Compares with each, whichever it equals, so that the time tells nothing. */
function isAnyOf(presented: string, expected: readonly string[]): boolean {
  const bytes = Buffer.from(presented)
  let equal = false
  for (const one of expected) equal = equalBytes(bytes, Buffer.from(one)) || equal
  return equal
}

const refused = (refusal: keyof typeof walleoRefusals) =>
  walleoRefusals[refusal].code === 'unauthorized' ? unauthorized() : invalidSignature()
