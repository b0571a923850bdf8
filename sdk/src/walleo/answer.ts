import { type HttpAnswer, HttpFailure, readJson, waitAsked } from '../protocol/http.ts'
import type { Attempt } from '../protocol/repeat.ts'
import { type Check, ShapeError } from '../protocol/shape.ts'
import { WalleoError } from './error.ts'
import type { walleoErrors } from './error-codes.ts'
import { errorBody } from './shapes.ts'

export type CallFacts = {
  /** Null for calls that are not about a purchase. */
  requestId: string | null
  /** A reading buys nothing, and settles nothing: a request that it does not find may still be on its way. */
  kind: 'read' | 'write'
  /** Whether an earlier attempt of the call, or the purchase that it asks about, may have had its effect. */
  earlier: 'no' | 'unknown'
}

// They are about the caller or the moment, and say nothing about what an earlier attempt did.
const aboutNow = new Set<string>(['unauthorized', 'invalid_signature'] satisfies (keyof typeof walleoErrors)[])

/** What an answer, or its absence, means for the call. */
export function readAttempt<T>(answer: HttpAnswer | HttpFailure, shape: Check<T>, facts: CallFacts): Attempt<T> {
  const { requestId, earlier } = facts
  const unknown = facts.kind === 'read' ? earlier : 'unknown'
  if (answer instanceof HttpFailure) {
    const { code, message, status } = answer
    const applied = answer.sent ? unknown : earlier
    const error = new WalleoError(code, message, { status, requestId, applied, cause: answer })
    return { done: false, error, repeat: code === 'network-failure' || code === 'timeout' ? 'soon' : 'never' }
  }
  const { status } = answer
  const value = readJson(answer)
  if (status >= 200 && status < 300) {
    try {
      return { done: true, value: shape(value, '') }
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause
      const message = value === undefined ? 'The answer is not JSON' : cause.message
      const error = new WalleoError('answer-malformed', message, { status, requestId, applied: unknown, cause })
      return { done: false, error, repeat: 'never' }
    }
  }
  return readRefusal(answer, value, { ...facts, unknown })
}

function readRefusal(
  answer: HttpAnswer,
  value: unknown,
  { requestId, kind, earlier, unknown }: CallFacts & { unknown: 'no' | 'unknown' },
): Attempt<never> {
  const { status } = answer
  const errors = errorsOf(value)
  const [first] = errors
  const fail = (applied: 'no' | 'unknown', otherwise: string) =>
    new WalleoError(first?.code ?? otherwise, first?.message ?? `Status ${status}, and no error of the API`, {
      status,
      requestId,
      applied,
      errors,
    })
  const wait = waitAsked(answer)
  if (status >= 500) return { done: false, error: fail(unknown, 'server-failure'), repeat: 'soon', wait }
  if (first?.code === 'come_back_later') {
    return { done: false, error: fail(unknown, first.code), repeat: 'later', wait }
  }
  if (status === 429) return { done: false, error: fail(earlier, 'rate-limited'), repeat: 'later', wait }
  if (first === undefined) return { done: false, error: fail(unknown, 'answer-malformed'), repeat: 'never' }
  const applied = kind === 'read' || aboutNow.has(first.code) ? earlier : 'no'
  return { done: false, error: fail(applied, first.code), repeat: 'never' }
}

function errorsOf(value: unknown) {
  try {
    return errorBody(value, '').errors
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    return []
  }
}
