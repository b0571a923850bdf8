import { type HttpAnswer, HttpFailure, type HttpFailureCode, readJson, type Send, waitAsked } from './http.ts'
import { type Attempt, type PartnerFailure, type RepeatPolicy, untilSettled } from './repeat.ts'
import { type Check, ShapeError } from './shape.ts'
import type { TokenCache } from './token-cache.ts'

/** What the client itself found about a call; all other codes are the server's. */
export type RestFailureCode =
  | HttpFailureCode
  /** A status 5xx without an error of the protocol's. */
  | 'server-failure'
  /** Status 429 without an error of the protocol's. */
  | 'rate-limited'
  /** Not what the API answers: another server's page, a member of another type. */
  | 'answer-malformed'

/** A refusal in the protocol's own words; null for an answer that is none. */
export type RestRefusal = { code: string; message: string } | null

/** Makes the protocol's error. */
export type FailWith = (
  code: string,
  message: string,
  facts: { status: number; applied: 'no' | 'unknown'; cause?: unknown },
) => PartnerFailure

/** How a call proves itself: by headers, or by a token that is replaced once where the server refuses it. */
export type RestProof = { headers: Record<string, string> } | { tokens: TokenCache }

export type RestCall<T> = {
  method: 'GET' | 'POST' | 'PUT'
  /** Absolute. */
  url: string
  proof: RestProof
  /** JSON, or a form. */
  /** Beside those of the proof and the body. */
  headers?: Record<string, string>
  body?: object | { form: URLSearchParams } | undefined
  shape: Check<T>
  /**
   * What sending it again would do. `none`: it is a reading. `same`: nothing more, the server knows it again. `another`: a second
   * effect, so it is repeated only where it surely had none.
   */
  again: 'none' | 'same' | 'another'
  signal?: AbortSignal | undefined
}

/** Makes calls of a JSON API, and repeats them where that is safe. */
export function createRestCaller(options: {
  send: Send
  policy: RepeatPolicy
  fail: FailWith
  readRefusal: (value: unknown) => RestRefusal
}): <T>(call: RestCall<T>) => Promise<T> {
  const { send, policy, fail, readRefusal } = options

  async function exchange<T>({ method, url, proof, headers: more, body, signal }: RestCall<T>): Promise<HttpAnswer> {
    const content = contentOf(body)
    for (let renewed = false; ; renewed = true) {
      const token = 'tokens' in proof ? await proof.tokens.get() : null
      const own = 'tokens' in proof ? { authorization: `Bearer ${token}` } : proof.headers
      const headers = { accept: 'application/json', ...content.headers, ...more, ...own }
      const answer = await send({ method, url, headers, body: content.text }, signal)
      if (answer.status !== 401 || token === null || !('tokens' in proof)) return answer
      proof.tokens.drop(token)
      if (renewed) return answer
    }
  }

  async function attempt<T>(call: RestCall<T>, earlier: 'no' | 'unknown'): Promise<Attempt<T>> {
    const touched = call.again === 'none' ? earlier : 'unknown'
    const settle = (error: PartnerFailure, repeat: 'never' | 'soon' | 'later', wait?: number): Attempt<never> => {
      const safe = call.again !== 'another' || error.applied === 'no'
      return { done: false, error, repeat: safe ? repeat : 'never', wait }
    }
    let answer: HttpAnswer
    try {
      answer = await exchange(call)
    } catch (cause) {
      if (!(cause instanceof HttpFailure)) throw cause
      const { code, message, status, sent } = cause
      const error = fail(code, message, { status, applied: sent ? touched : earlier, cause })
      return settle(error, code === 'network-failure' || code === 'timeout' ? 'soon' : 'never')
    }
    const { status } = answer
    const value = readJson(answer)
    if (status >= 200 && status < 300) {
      try {
        return { done: true, value: call.shape(value, '') }
      } catch (cause) {
        if (!(cause instanceof ShapeError)) throw cause
        const message = value === undefined ? 'The answer is not JSON' : cause.message
        return settle(fail('answer-malformed', message, { status, applied: touched, cause }), 'never')
      }
    }
    const refusal = readRefusal(value)
    const say = (otherwise: string, applied: 'no' | 'unknown') =>
      fail(refusal?.code ?? otherwise, refusal?.message ?? `Status ${status}, and no error of the API`, {
        status,
        applied,
      })
    if (status >= 500) return settle(say('server-failure', touched), 'soon', waitAsked(answer))
    if (status === 429) return settle(say('rate-limited', earlier), 'later', waitAsked(answer))
    // A refusal had no effect; what an earlier attempt did, it does not say.
    return settle(say('answer-malformed', refusal === null ? touched : earlier), 'never')
  }

  return (call) => untilSettled(({ applied }) => attempt(call, applied), policy, call.signal)
}

function contentOf(body: RestCall<unknown>['body']): { headers: Record<string, string>; text: string | undefined } {
  if (body === undefined) return { headers: {}, text: undefined }
  if ('form' in body && body.form instanceof URLSearchParams) {
    return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, text: body.form.toString() }
  }
  return { headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) }
}

/** The refusal of RFC 6749 (5.2), `{"error", "error_description"}`, and of APIs that say it with `{"error": {"type", "message"}}`. */
export function readErrorMember(value: unknown): RestRefusal {
  const { error, error_description: description, message: beside } = asObject(value)
  if (typeof error === 'string' && error !== '') {
    const message = typeof description === 'string' ? description : beside
    return { code: error, message: typeof message === 'string' ? message : `The server refuses with ${error}` }
  }
  const { type, code = type, message } = asObject(error)
  if (typeof code !== 'string' || code === '') return null
  return { code, message: typeof message === 'string' ? message : `The server refuses with ${code}` }
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** The answer of a token endpoint (RFC 6749, 5.1), with the moment at which it was asked. */
export const tokenOf = (answer: { access_token: string; expires_in: number }, askedAt: number) => ({
  value: answer.access_token,
  issuedAt: askedAt,
  expiresAt: askedAt + answer.expires_in * 1000,
})

/** One segment of a path: a text such as `..` would lead elsewhere. */
export function pathSegment(text: string): string {
  if (typeof text !== 'string' || /^\.{0,2}$/.test(text) || !text.isWellFormed()) {
    throw new TypeError(`${JSON.stringify(text)} names nothing`)
  }
  return encodeURIComponent(text)
}
