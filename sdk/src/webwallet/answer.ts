import { canonicalJson } from '../protocol/canonical-json.ts'
import { type Envelope, readEnvelope, verifyEnvelope } from '../protocol/envelope.ts'
import { EnvelopeError } from '../protocol/errors.ts'
import { type JsonObject, parseExactJson } from '../protocol/exact-json.ts'
import { WebWalletError } from './error.ts'
import type { HttpAnswer } from './transport.ts'

// A page of history holds many requests, each with metadata of its own.
const limits = { depth: 32, length: 8_388_608 }

/**
 * The payload of an answer, once its signature is verified; a refusal becomes a {@link WebWalletError}. Only a refusal may come
 * unsigned, because the server may not have known the client yet. Without a key, for a public client, answers come unsigned, and
 * are as good as the connection that they came over: `createWebWallet` sees to that.
 */
export async function readAnswer(
  answer: HttpAnswer,
  key: CryptoKey | null,
  request: { payload?: object; idempotencyKey?: string },
): Promise<JsonObject> {
  const { status } = answer
  const fail = (code: string, message: string, cause?: unknown) =>
    new WebWalletError(code, message, { status, idempotencyKey: request.idempotencyKey ?? null, cause })

  const refused = status < 200 || status > 299
  let envelope: Envelope
  try {
    envelope = readEnvelope(parseExactJson(answer.text, limits))
  } catch (cause) {
    throw fail('answer-malformed', `Status ${status}, and no message of the API`, cause)
  }
  const { payload } = envelope
  const signed = envelope.signature !== null
  if (signed && key === null) {
    throw fail('answer-signature-unverifiable', 'The server signs its answers to this client: give its signing secret')
  }
  if (signed && key !== null) {
    try {
      await verifyEnvelope(envelope, key)
    } catch (cause) {
      if (!(cause instanceof EnvelopeError)) throw cause
      throw fail('answer-signature-wrong', "The answer's signature does not fit", cause)
    }
  }
  if (refused || payload.success === false) {
    throw refusal(payload, { status, verified: signed, idempotencyKey: request.idempotencyKey ?? null })
  }
  if (!signed && key !== null) throw fail('answer-unsigned', 'The server did not sign its answer')
  if (request.payload && !echoes(payload, request.payload)) {
    throw fail('answer-mismatch', 'The answer belongs to another request')
  }
  return payload
}

function refusal(
  payload: JsonObject,
  facts: { status: number; verified: boolean; idempotencyKey: string | null },
): WebWalletError {
  const error = payload.error as { code?: unknown; message?: unknown } | null | undefined
  const code = typeof error?.code === 'string' ? error.code : 'answer-malformed'
  const message = typeof error?.message === 'string' ? error.message : `The server refuses with status ${facts.status}`
  const { reference } = payload
  return new WebWalletError(code, message, { ...facts, ...(typeof reference === 'string' ? { reference } : {}) })
}

// An answer repeats its request, so that one signed for another payment can't be passed off for this one's.
function echoes(answer: JsonObject, request: object): boolean {
  return Object.entries(request).every(([name, value]) => {
    if (value === undefined) return true
    const echo = answer[name]
    return echo !== undefined && canonicalJson(echo) === canonicalJson(value)
  })
}
