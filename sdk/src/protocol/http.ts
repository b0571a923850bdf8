export type HttpRequest = { method: string; url: string; headers: Record<string, string>; body?: string | undefined }

/** An answer that arrived whole, whatever its status; never a redirect. */
export type HttpAnswer = { status: number; bytes: Uint8Array<ArrayBuffer>; header(name: string): string | null }

/** Why there is no answer. */
export type HttpFailureCode =
  /** The connection was refused or broke, before or in the middle of the answer. */
  | 'network-failure'
  | 'timeout'
  /** By the caller's own signal. */
  | 'aborted'
  /** The server sent the caller elsewhere. It is not followed: a signature belongs to one host, and so do credentials. */
  | 'redirected'
  | 'answer-too-large'

export class HttpFailure extends Error {
  readonly code: HttpFailureCode
  /** Whether the request may have reached the server. */
  readonly sent: boolean
  /** The redirect's; 0 where no answer began. */
  readonly status: number

  constructor(
    code: HttpFailureCode,
    message: string,
    facts: { sent?: boolean; status?: number; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'HttpFailure'
    this.code = code
    this.sent = facts.sent ?? true
    this.status = facts.status ?? 0
  }
}

export type HttpOptions = {
  /** Replaces the platform's. */
  fetch?: typeof fetch | undefined
  /** Milliseconds for one attempt, its whole answer included. */
  timeout: number
  /** Bytes that an answer may have; 32 MiB. */
  largestAnswer?: number | undefined
}

/** Sends a request once. Throws an {@link HttpFailure} when no answer comes. */
export type Send = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpAnswer>

export function createSend({ fetch: own, timeout, largestAnswer = 33_554_432 }: HttpOptions): Send {
  // Called through globalThis: a browser's fetch refuses to run as the method of another object.
  const fetch_: typeof fetch = own ?? ((input, init) => globalThis.fetch(input, init))

  return async ({ method, url, headers, body }, signal) => {
    const what = `${method} ${new URL(url).pathname}`
    if (signal?.aborted) throw new HttpFailure('aborted', `${what} was given up before it was sent`, { sent: false })
    const timer = AbortSignal.timeout(timeout)
    try {
      const response = await fetch_(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, timer]) : timer,
      })
      const { status, type } = response
      if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
        await response.body?.cancel()
        throw new HttpFailure('redirected', `The server redirects ${what}`, { status })
      }
      const bytes = await readAll(response, largestAnswer)
      if (bytes === null) throw new HttpFailure('answer-too-large', `The answer to ${what} is too large`, { status })
      return { status, bytes, header: (name) => response.headers.get(name) }
    } catch (cause) {
      if (cause instanceof HttpFailure) throw cause
      if (signal?.aborted) throw new HttpFailure('aborted', `${what} was given up`, { cause })
      if (timer.aborted) throw new HttpFailure('timeout', `No answer to ${what} in ${timeout} ms`, { cause })
      throw new HttpFailure('network-failure', `No answer to ${what}`, { cause })
    }
  }
}

async function readAll(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
    length += chunk.value.length
    if (length > limit) {
      await reader?.cancel()
      return null
    }
    chunks.push(chunk.value)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** The JSON value of an answer; undefined when it is none. */
export function readJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes))
  } catch {
    return undefined
  }
}

/** Milliseconds that the answer asks its caller to wait; undefined when it does not say so in seconds. */
export function waitAsked(answer: HttpAnswer): number | undefined {
  const seconds = answer.header('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}
