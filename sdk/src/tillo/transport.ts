import { createSend, type HttpAnswer, HttpFailure } from '../protocol/http.ts'
import { untilSettled } from '../protocol/repeat.ts'
import { type CallFacts, readAttempt } from './answer.ts'
import { type TilloOperation, tilloEndpoints } from './endpoints.ts'
import { tilloReadings } from './readings.ts'
import { importTilloKey, signTilloRequest } from './signing.ts'
import type { TilloOptions } from './types.ts'

export type TilloCall<T> = {
  operation: TilloOperation
  query?: URLSearchParams
  body?: object
  read: (answer: HttpAnswer) => T
  facts: CallFacts
  signal?: AbortSignal | undefined
}

/** Makes one call: signs every attempt anew, and repeats as the answers' meaning and the options say. */
export function createTransport(options: TilloOptions): <T>(call: TilloCall<T>) => Promise<T> {
  const base = options.url.replace(/\/+$/, '')
  const { apiKey, secret, form = 'simplified' } = options
  if (!/^[!-~]{1,255}$/.test(apiKey)) throw new TypeError('The API key is not 1 to 255 visible ASCII characters')
  const clock = options.clock ?? Date.now
  const send = createSend({ fetch: options.fetch, timeout: options.timeout ?? 30_000 })
  const policy = {
    repeat: { times: 2, delay: 200, ...options.retry },
    comeBack: { ...tilloReadings.comeBack, patience: 120_000, ...options.comeBack },
  }
  let imported: Promise<CryptoKey> | undefined

  return ({ operation, query, body, read, facts, signal }) =>
    untilSettled(
      async ({ applied }) => {
        imported ??= importTilloKey(secret)
        const credentials = { apiKey, key: await imported }
        const signed = await signTilloRequest({ operation, query, body, form }, credentials, clock())
        const request = { ...signed, method: tilloEndpoints[operation].method, url: `${base}/${signed.path}` }
        const answer = await send(request, signal).catch((failure: unknown) => {
          if (failure instanceof HttpFailure) return failure
          throw failure
        })
        const earlier = facts.earlier === 'unknown' ? 'unknown' : applied
        return readAttempt(answer, read, { ...facts, earlier })
      },
      policy,
      signal,
    )
}
