import { WebWalletError } from './error.ts'
import type { WebWalletOptions } from './types.ts'

export type HttpRequest = {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
  /** Goes out as `Idempotency-Key`. */
  idempotencyKey?: string
}

export type HttpAnswer = { status: number; text: string; header(name: string): string | null }

/** Sends one request until there is an answer to act upon, or attempts run out. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>

const longestWait = 10_000
const worthRepeating = new Set([502, 503, 504])

/**
 * Repeats what got no usable answer. The requests it is given may be repeated: reads, token requests, and writes with an
 * idempotency key, which stays the same. Redirects are not followed: the request carries credentials.
 */
export function createTransport(options: Pick<WebWalletOptions, 'fetch' | 'timeout' | 'retry'>): Transport {
  // Called through globalThis: a browser's fetch refuses to run as the method of another object.
  const fetch_: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const timeout = options.timeout ?? 30_000
  const { times = 2, delay = 200 } = options.retry ?? {}

  async function attempt(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url, headers, body, idempotencyKey } = request
    try {
      const response = await fetch_(url, {
        method,
        headers: idempotencyKey === undefined ? headers : { ...headers, 'idempotency-key': idempotencyKey },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        cache: 'no-store',
        signal: AbortSignal.timeout(timeout),
      })
      const text = await response.text()
      return { status: response.status, text, header: (name) => response.headers.get(name) }
    } catch (cause) {
      const late = cause instanceof Error && cause.name === 'TimeoutError'
      throw new WebWalletError(late ? 'timeout' : 'network-failure', `No answer to ${method} ${url}`, {
        status: 0,
        idempotencyKey: idempotencyKey ?? null,
        cause,
      })
    }
  }

  return async (request) => {
    for (let repeated = 0; ; repeated++) {
      const outcome = await attempt(request).catch((error: WebWalletError) => error)
      const failed = outcome instanceof WebWalletError
      if (repeated >= times || !(failed || worthRepeating.has(outcome.status))) {
        if (failed) throw outcome
        return outcome
      }
      const wait = failed ? null : waitAsked(outcome)
      await sleep(wait ?? delay * 2 ** repeated * (0.5 + Math.random() / 2))
    }
  }
}

function waitAsked(answer: HttpAnswer): number | null {
  const seconds = answer.header('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Math.min(Number(seconds) * 1000, longestWait) : null
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
