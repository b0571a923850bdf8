import { WebWalletError } from './error.ts'
import type { ConnectionOptions } from './options.ts'

export type HttpRequest = {
  method: 'GET' | 'POST'
  url: string
  /** Made anew for each attempt: a proof of possession is for one use. */
  headers: () => Record<string, string> | Promise<Record<string, string>>
  body?: string
  /** Goes out as `Idempotency-Key`. */
  idempotencyKey?: string
  /**
   * Milliseconds after the first attempt within which a repetition may begin; 0: what can be done only once is sent only once.
   * Without it attempts are repeated as often as the options say, however long they take.
   */
  repeatWithin?: number
}

export type HttpAnswer = { status: number; text: string; header(name: string): string | null }

/** Sends one request until there is an answer to act upon, or attempts run out. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>

const longestWait = 10_000
const worthRepeating = new Set([502, 503, 504])

/**
 * Repeats what got no usable answer. The requests it is given may be repeated, or say within which time: reads, token requests,
 * and writes with an idempotency key, which stays the same. Redirects are not followed: the request carries credentials.
 */
export function createTransport(options: Pick<ConnectionOptions, 'fetch' | 'timeout' | 'retry'>): Transport {
  // Called through globalThis: a browser's fetch refuses to run as the method of another object.
  const fetch_: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const timeout = options.timeout ?? 30_000
  const { times = 2, delay = 200 } = options.retry ?? {}

  async function attempt(request: HttpRequest, milliseconds: number): Promise<HttpAnswer> {
    const { method, url, body, idempotencyKey } = request
    const headers = await request.headers()
    try {
      const response = await fetch_(url, {
        method,
        headers: idempotencyKey === undefined ? headers : { ...headers, 'idempotency-key': idempotencyKey },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(milliseconds),
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
    const { repeatWithin = Number.POSITIVE_INFINITY } = request
    const most = repeatWithin > 0 ? times : 0
    const started = performance.now()
    for (let repeated = 0; ; repeated++) {
      // Attempts share the time in which they may be repeated; the last one has as long as any request.
      const patience = repeated < most ? Math.min(timeout, Math.ceil(repeatWithin / (most + 1))) : timeout
      const outcome = await attempt(request, patience).catch((error: unknown) => {
        if (error instanceof WebWalletError) return error
        throw error
      })
      const failed = outcome instanceof WebWalletError
      const wait = (failed ? null : waitAsked(outcome)) ?? delay * 2 ** repeated * (0.5 + Math.random() / 2)
      const late = performance.now() - started + wait > repeatWithin
      if (repeated >= most || late || !(failed || worthRepeating.has(outcome.status))) {
        if (failed) throw outcome
        return outcome
      }
      await sleep(wait)
    }
  }
}

function waitAsked(answer: HttpAnswer): number | null {
  const seconds = answer.header('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Math.min(Number(seconds) * 1000, longestWait) : null
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
