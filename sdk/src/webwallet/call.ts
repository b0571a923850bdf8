import { importSigningKey, sealEnvelope, signEnvelope } from '../protocol/envelope.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { readAnswer } from './answer.ts'
import { WebWalletError } from './error.ts'
import { baseOf, type WebWalletOptions } from './options.ts'
import { authorization, type TokenSource } from './token-source.ts'
import type { HttpAnswer, Transport } from './transport.ts'

export type Call = { method: 'GET' | 'POST'; path: string; payload?: object; idempotencyKey?: string }

/** Calls a wallet endpoint. @returns the answer's payload, checked by {@link readAnswer} */
export type Caller = (call: Call) => Promise<JsonObject>

export function createCaller(options: WebWalletOptions, send: Transport, tokens: TokenSource): Caller {
  const { signingSecret } = options
  const base = baseOf(options.url)
  let signingKey: Promise<CryptoKey> | undefined

  return async ({ method, path, payload, idempotencyKey }) => {
    if (signingSecret !== undefined) signingKey ??= importSigningKey(signingSecret)
    const key = (await signingKey) ?? null
    const body = payload && (key === null ? sealEnvelope(payload, null) : await signEnvelope(payload, key))
    const url = base + path
    for (let replaced = false; ; replaced = true) {
      // The payment may have gone out under an earlier token: its key must not get lost.
      const token = await tokens.get().catch((error) => {
        throw withKey(error, idempotencyKey)
      })
      const answer = await send({
        method,
        url,
        headers: async () => ({
          ...(await authorization(token, { method, url })),
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        }),
        ...(body === undefined ? {} : { body }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      })
      const refused = refusesToken(answer)
      if (refused) tokens.drop(token.value)
      if (!refused || replaced) {
        return readAnswer(answer, key, {
          ...(payload === undefined ? {} : { payload }),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        })
      }
    }
  }
}

// Browsers hide the header unless the server exposes it; the body then tells.
const refusesToken = (answer: HttpAnswer): boolean =>
  answer.status === 401 && /invalid[_-]token/.test(`${answer.header('www-authenticate')} ${answer.text}`)

function withKey(error: unknown, idempotencyKey: string | undefined): unknown {
  if (!(error instanceof WebWalletError) || idempotencyKey === undefined) return error
  const { code, message, status } = error
  return new WebWalletError(code, message, { status, idempotencyKey, cause: error })
}
