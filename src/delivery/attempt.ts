import type { AttemptEnd, AttemptResult, ClaimedDelivery } from '../storage/delivery-queue.ts'
import type { AddressRules } from './address-rules.ts'
import { type Connect, DialError, dial } from './dial.ts'
import { type DeliveryForm, defaultVerdict, type Verdict } from './form.ts'
import { checkTarget, GuardRefusal, type Resolve, resolveByDns } from './guard.ts'
import { afterFailure, restAfter } from './schedule.ts'

export type AttemptDeps = {
  /** the clock that schedules go by; ms since the epoch */
  clock: () => number
  /** the clock that receivers have, too */
  wall: () => number
  rules: AddressRules
  /** whether the log keeps how an address answers that only the operator's rules allow: it may be none of the receiver's business */
  quoteInside: boolean
  /** ms for one attempt */
  timeout: number
  resolve?: Resolve
  connect?: Connect
  /** headers that pass on which trace the delivery belongs to; null: none */
  traceAttempt?: (delivery: ClaimedDelivery) => AttemptTrace | null
}

/** `end` is told the answer's status, if there was one. */
export type AttemptTrace = {
  readonly headers: Readonly<Record<string, string>>
  end(status: number | null, delivered: boolean): void
}

export type Attempted = {
  readonly result: AttemptResult
  readonly end: AttemptEnd
  readonly verdict: Verdict
  /** ms for which the receiver is to be left alone */
  readonly rest: number
}

/** Of an answer; receivers have little to say. */
const MOST_BYTES = 64 * 1024

/** Prepares, checks and sends one delivery, once. @throws what the signal was aborted with */
export async function attemptDelivery(
  deps: AttemptDeps,
  form: DeliveryForm,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Attempted> {
  const started = performance.now()
  const trace = deps.traceAttempt?.(delivery) ?? null
  const attempt = delivery.attempts - delivery.attempts_before
  const at = deps.wall()
  const result = (more: Partial<AttemptResult>): AttemptResult => ({
    at: new Date(at),
    ms: Math.round(performance.now() - started),
    status: null,
    error: null,
    excerpt: null,
    ...more,
  })
  const again = (more: Partial<AttemptResult>, rest = 0): Attempted => ({
    result: result(more),
    end: afterFailure(form.pauses, attempt, deps.clock(), Math.random(), rest),
    verdict: 'again',
    rest,
  })
  try {
    const prepared = await form.prepare({ ...delivery, attempt, createdAt: delivery.created_at }, at)
    if ('gone' in prepared) {
      return { result: result({ error: prepared.gone }), end: { outcome: 'failed' }, verdict: 'again', rest: 0 }
    }
    const target = await checkTarget(prepared.url, deps.rules, deps.resolve ?? resolveByDns)
    const { status, retryAfter, excerpt } = await dial(
      target,
      trace ? { ...prepared, headers: { ...prepared.headers, ...trace.headers } } : prepared,
      {
        ...(deps.connect && { connect: deps.connect }),
        timeout: deps.timeout,
        mostBytes: MOST_BYTES,
        signal,
      },
    )
    const verdict = (form.verdict ?? defaultVerdict)(status)
    trace?.end(status, verdict === 'delivered')
    if (verdict === 'delivered') return { result: result({ status }), end: { outcome: 'delivered' }, verdict, rest: 0 }
    const quoted = deps.quoteInside || target.addresses.every(deps.rules.isPublic) ? excerpt : null
    const failed = { status, error: `answered ${status}`, excerpt: quoted }
    if (verdict === 'stop') return { result: result(failed), end: { outcome: 'failed' }, verdict, rest: 0 }
    return again(failed, restAfter(status, retryAfter))
  } catch (error) {
    trace?.end(null, false)
    if (error instanceof GuardRefusal || error instanceof DialError) return again({ error: error.message })
    throw error
  }
}
