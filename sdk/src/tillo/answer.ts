import { type HttpAnswer, HttpFailure, readJson, waitAsked } from '../protocol/http.ts'
import type { Attempt } from '../protocol/repeat.ts'
import { type Check, ShapeError } from '../protocol/shape.ts'
import { TilloError } from './error.ts'
import { type TilloErrorFacts, tilloErrorFacts } from './error-codes.ts'
import { tilloReadings } from './readings.ts'
import { answer as envelope, errorBody } from './shapes.ts'

export type CallFacts = {
  clientRequestId: string | null
  /** `once`: a write that the server does not know again, so that it is only repeated when it surely had no effect. */
  kind: 'read' | 'write' | 'once'
  /** Whether an earlier attempt, or the call that this one asks about, may have had its effect. */
  earlier: 'no' | 'unknown'
}

/** What an answer, or its absence, means for the call. `read` takes what it is about from a success; it may throw a `ShapeError`. */
export function readAttempt<T>(
  answer: HttpAnswer | HttpFailure,
  read: (answer: HttpAnswer) => T,
  facts: CallFacts,
): Attempt<T> {
  const { clientRequestId, earlier } = facts
  const unknown = facts.kind === 'read' ? earlier : 'unknown'
  if (answer instanceof HttpFailure) {
    const { code, message, status } = answer
    const applied = answer.sent ? unknown : earlier
    const error = new TilloError(code, message, { status, clientRequestId, applied, cause: answer })
    return settle(error, code === 'network-failure' || code === 'timeout' ? 'soon' : 'never', facts)
  }
  const { status } = answer
  const refusal = readRefusal(answer)
  if (refusal === null && status >= 200 && status < 300) {
    try {
      return { done: true, value: read(answer) }
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause
      const error = new TilloError('answer-malformed', cause.message, {
        status,
        clientRequestId,
        applied: unknown,
        cause,
      })
      return settle(error, 'never', facts)
    }
  }
  const { effect, repeat } = meaningOf(status, refusal?.code)
  // A reading settles nothing: a request that it does not find may still be on its way.
  const applied = facts.kind === 'read' || effect === 'not-now' ? earlier : effect === 'none' ? 'no' : unknown
  const message = refusal?.message ?? `Status ${status}, and no error of the API`
  const code = refusal?.code ?? unnamed(status)
  const error = new TilloError(code, message, { status, clientRequestId, applied, data: refusal?.data })
  const limited = status === 429 || code === '211'
  return settle(error, repeat, facts, waitAsked(answer) ?? (limited ? tilloReadings.rateLimitWindow : undefined))
}

function settle(error: TilloError, repeat: TilloErrorFacts['repeat'], facts: CallFacts, wait?: number): Attempt<never> {
  const mayRepeat = facts.kind !== 'once' || error.applied === 'no'
  return { done: false, error, repeat: mayRepeat ? repeat : 'never', wait }
}

function meaningOf(status: number, code: string | undefined): Pick<TilloErrorFacts, 'effect' | 'repeat'> {
  const known = code === undefined ? undefined : tilloErrorFacts(code)
  if (known) return known
  if (status === 429) return { effect: 'not-now', repeat: 'later' }
  return { effect: 'unknown', repeat: status >= 500 ? 'soon' : 'never' }
}

const unnamed = (status: number) =>
  status === 429 ? 'rate-limited' : status >= 500 ? 'server-failure' : 'answer-malformed'

type Refusal = { code: string; message: string; data: TilloError['data'] }

function readRefusal(answer: HttpAnswer): Refusal | null {
  if (!isJson(answer)) return null
  try {
    const { code, message, messages, data } = errorBody(readJson(answer), '')
    if (code === '000') return null
    return { code, message: message ?? textOf(messages) ?? `The server refuses with ${code}`, data: data ?? null }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    return null
  }
}

// The one file of the API may have many megabytes, which need no parsing to see that they are no error.
const isJson = ({ header }: HttpAnswer) => !/^application\/(?:zip|octet-stream)/i.test(header('content-type') ?? '')

function textOf(messages: unknown): string | undefined {
  if (typeof messages === 'string') return messages
  const texts = typeof messages === 'object' && messages !== null ? Object.values(messages).flat() : []
  const found = texts.filter((item) => typeof item === 'string')
  return found.length > 0 ? found.join(' ') : undefined
}

/** The data of a success. */
export const readData =
  <T>(data: Check<T>) =>
  (answer: HttpAnswer): T =>
    envelope(data)(readJson(answer), '').data
