import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { checkEnvelope, readEnvelope } from '#sdk/protocol/envelope.ts'
import { EnvelopeError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import type { Principal } from '../../credentials/principal.ts'
import { forbidden, malformed, WalletApiError } from './errors.ts'
import { macOf, type WalletRequest } from './request.ts'

/** A payload that its client signed, and the text that was signed. */
export type OpenedEnvelope = { readonly payload: JsonObject; readonly canonical: string }

/**
 * The request's envelope. A client with a signing secret must have signed it; a public client has nothing to sign with, and a
 * signature of it would prove nothing.
 */
export function openEnvelope(principal: Principal, request: WalletRequest): OpenedEnvelope {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/(json|jose\+json)\s*(;|$)/i.test(type)) {
    throw new WalletApiError(415, 'unsupported-media-type', 'The body must be application/json')
  }
  try {
    const envelope = readEnvelope(parseExactJson(request.body))
    const mac = macOf(principal)
    if (mac) return { payload: envelope.payload, canonical: checkEnvelope(envelope, mac) }
    if (envelope.signature !== null) {
      throw forbidden('signature-not-expected', 'A public client has no signing secret: leave the signature out')
    }
    return { payload: envelope.payload, canonical: canonicalJson(envelope.payload) }
  } catch (error) {
    if (error instanceof ExactJsonError) throw malformed(error.code, error.message)
    if (!(error instanceof EnvelopeError)) throw error
    const unproven = error.code === 'envelope-unsigned' || error.code === 'envelope-signature-wrong'
    throw new WalletApiError(unproven ? 403 : 400, error.code, error.message)
  }
}
