import { createHmac, randomBytes } from 'node:crypto'
import { checkPledgRequest, type PledgRefusal } from '#sdk/pledg/signing.ts'
import type { JsonObject } from '#sdk/protocol/exact-json.ts'
import { readJwt } from '#sdk/protocol/hs256-jwt.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
import { openMerchantSecret } from '../../operations/purchases/sign-token.ts'
import type { Merchant } from '../../storage/merchants.ts'
import type { PledgDeps } from './call.ts'
import { PledgProblem } from './errors.ts'
import { findNamed } from './merchant.ts'

/** What a merchant has signed. Its parameters are not looked at yet. */
export type Opened = { readonly merchant: Merchant; readonly data: JsonObject; readonly settings: JsonObject | null }

const MEANINGS: Record<PledgRefusal, string> = {
  'missing-signature': 'is required',
  'malformed-token': 'is no JSON Web Token of three canonical base64url texts, header and payload JSON objects',
  'algorithm-refused': 'must be by HS256',
  'header-refused': 'has a header that asks for what is never done here (crit, b64, jku, jwk, x5u, x5c)',
  'malformed-claims': 'must have an object "data", and exp and nbf, where they are there, in seconds',
  expired: 'has expired',
  'not-yet-valid': 'is not valid yet',
  'unknown-merchant': 'is wrong',
}

// A merchant that is not there is checked like one whose signature is wrong, under a secret that nobody has.
const NOBODY = randomBytes(32).toString('base64')

/**
 * Opens a request's signature. Which merchant's secret it is by stands in what it signs, so it is read before it is believed, for
 * that alone. What is found out goes into the call.
 * @throws {PledgProblem}
 */
export async function openSignature(deps: PledgDeps, token: string | undefined, call: ApiCall): Promise<Opened> {
  const peeked = token === undefined ? null : readJwt(token)
  const named = peeked?.ok ? peeked.jwt.payload.data : null
  const data = isObject(named) ? named : null
  const merchant = data ? await findNamed(deps, data) : null
  if (merchant) call.owner = { partyId: merchant.partyId, credentialId: null }
  if (typeof data?.reference === 'string') call.requestId = data.reference
  const secret = merchant ? openMerchantSecret(deps.keyring, merchant) : null
  const mac = (text: string) =>
    createHmac('sha256', secret ?? NOBODY)
      .update(text)
      .digest('base64url')
  const checked = checkPledgRequest(token, () => mac, deps.purchases.clock())
  if (!checked.ok) {
    failCheck(call, checked.refusal)
    throw refused(MEANINGS[checked.refusal])
  }
  if (!equalBytes(Buffer.from(checked.presented), Buffer.from(checked.expected)) || !merchant || secret === null) {
    failCheck(call, secret === null ? 'no-secret' : 'wrong-signature')
    throw refused(MEANINGS['unknown-merchant'])
  }
  call.proven = true
  return { merchant, data: checked.data, settings: checked.settings }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refused = (meaning: string) =>
  new PledgProblem('authentication_error', `The signature ${meaning}`, { fields: { signature: meaning } })
