import type { IncomingMessage } from 'node:http'
import type { Json } from '#sdk/protocol/exact-json.ts'
import { decodeWalleoKey } from '#sdk/walleo/signing.ts'
import {
  checkWalleoRequest,
  readWalleoAuthorization,
  type WalleoAuthorization,
  type WalleoMac,
  walleoRefusals,
} from '#sdk/walleo/verification.ts'
import type { Config } from '../../config.ts'
import { createAddressReader } from '../../credentials/address.ts'
import { createTextMac } from '../../credentials/hmac.ts'
import { createPartnerKeys, type PartnerKey } from '../../credentials/partner-keys.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import type { Deps } from '../../deps.ts'
import { readBody } from '../../http/node.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
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

/** Proves requests; what is found out goes into the call. @throws {WalleoProblem} `unauthorized`, `invalid_signature`, `unsupported_media_type` @throws BodyError */
export function createAuthenticate(deps: AuthenticateDeps): (req: IncomingMessage, call: ApiCall) => Promise<Proven> {
  const { clock, publicUrls } = deps
  const find = createPartnerKeys(deps, 'walleo', decodeWalleoKey)
  const addressOf = createAddressReader(deps.config.trustedProxies ?? [])

  return async (req, call) => {
    const { method = '', url: target = '' } = req
    const authorization = readHeader(req)
    const claimed = readWalleoAuthorization(authorization)
    const forwarded = req.headers['x-forwarded-for'] as string | undefined
    const address = addressOf(req.socket.remoteAddress, forwarded)
    call.address = address
    if (!claimed.ok) {
      const named = /^bearer +([!-+\--~]{1,200})/i.exec(authorization ?? '')?.[1]
      const owner = named === undefined ? null : await find(named)
      if (owner) call.owner = ownerOf(owner)
      failCheck(call, claimed.refusal)
      throw refused(claimed.refusal)
    }
    if (method === 'POST') requireJson(req)
    const text = await readBody(req, readings.bodyLimit)
    const known = await find(claimed.authorization.apiKey)
    if (known) call.owner = ownerOf(known)
    const urls = publicUrls.map((origin) => origin + target)
    const macFor = ({ identifier }: { identifier: string }) =>
      known !== null && known.identifier === identifier ? createMac(known) : null
    const now = clock()
    const checked = checkWalleoRequest({ method, urls, authorization, body: text }, macFor, now)
    if (!checked.ok) {
      failCheck(call, checked.refusal, { skew: Math.round(now / 1000 - claimed.authorization.timestamp) })
      throw refused(checked.refusal)
    }
    if (!isAnyOf(checked.presented, checked.expected)) {
      failCheck(call, 'wrong-signature', { signed: describe(method, urls, text, claimed.authorization) })
      throw invalidSignature()
    }
    // Last, so that only a partner learns that its address is the reason.
    if (!known?.allows(address)) {
      failCheck(call, 'address', { address })
      throw unauthorized()
    }
    call.proven = true
    return { partner: known.partner, body: checked.body, address }
  }
}

const ownerOf = ({ partner, credentialId }: PartnerKey) => ({ partyId: partner.partyId, credentialId })

/** The string that should have been signed, for its partner to compare; of the body it tells the length only. */
function describe(
  method: string,
  urls: readonly string[],
  body: string,
  { identifier, timestamp }: WalleoAuthorization,
): string {
  const payload = body === '' ? '' : `+{body: ${Buffer.byteLength(body)} bytes}`
  return `${method}+${urls[0]}${payload}+${identifier}+${timestamp}`
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

const createMac = ({ key }: PartnerKey): WalleoMac => createTextMac(key, 'hex')

/** Compares with each, whichever it equals, so that the time tells nothing. */
function isAnyOf(presented: string, expected: readonly string[]): boolean {
  const bytes = Buffer.from(presented)
  let equal = false
  for (const one of expected) equal = equalBytes(bytes, Buffer.from(one)) || equal
  return equal
}

const refused = (refusal: keyof typeof walleoRefusals) =>
  walleoRefusals[refusal].code === 'unauthorized' ? unauthorized() : invalidSignature()
