import { createSend } from '../protocol/http.ts'
import { createRestCaller, type RestCall, readErrorMember } from '../protocol/rest-call.ts'
import { JackpotError } from './error.ts'
import type { JackpotConnection } from './types.ts'

export type JackpotCall = <T>(path: string, call: Omit<RestCall<T>, 'url'>) => Promise<T>

/** Calls below one base address. */
export function createTransport(options: JackpotConnection): JackpotCall {
  const base = options.url.replace(/\/+$/, '')
  const call = createRestCaller({
    send: createSend({ fetch: options.fetch, timeout: options.timeout ?? 30_000 }),
    policy: {
      repeat: { times: 2, delay: 200, ...options.retry },
      comeBack: { first: 1_000, next: 5_000, patience: 60_000, ...options.comeBack },
    },
    fail: (code, message, facts) => new JackpotError(code, message, facts),
    readRefusal: readErrorMember,
  })
  return (path, request) => call({ ...request, url: base + path })
}
