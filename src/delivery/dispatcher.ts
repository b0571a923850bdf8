import type { Database } from '../storage/database.ts'
import type { DeliveryFormName } from '../storage/deliveries.ts'
import {
  type ClaimedDelivery,
  claimDeliveries,
  failWaiting,
  findDueReceivers,
  giveBackDelivery,
  recordAttempt,
} from '../storage/delivery-queue.ts'
import { type AttemptDeps, type Attempted, attemptDelivery } from './attempt.ts'
import type { DeliveryForm } from './form.ts'
import { afterFailure } from './schedule.ts'

export type DispatcherDeps = Omit<AttemptDeps, 'timeout'> & {
  db: Database
  forms: readonly DeliveryForm[]
  log: { error(fields: object, message: string): void }
  /** told of each attempt */
  onAttempt?: (form: DeliveryFormName, outcome: 'delivered' | 'failed' | 'waiting') => void
  /** ms for one attempt */
  timeout?: number
  /** attempts at the same time, of this process */
  atOnce?: number
  /** of these, to one receiver */
  perReceiver?: number
  /** ms between looks when nothing happens */
  interval?: number
}

/** What this process knows of a receiver. Others learn it for themselves. */
type Receiver = { running: number; failing: boolean; restsUntil: number }

/** How often in a row it is claimed anew because more is due than one claim looks at. */
const CLAIMS_AT_ONCE = 20

/** Beyond the timeout: nobody else may take a delivery whose attempt is still on its way or being written down. */
const LEASE_MARGIN = 15_000

/**
 * Sends what is due, until the signal is aborted. A receiver that hangs holds one attempt of the many that may run at the same
 * time: after a failure it gets them singly until it answers again.
 */
export async function dispatchDeliveries(deps: DispatcherDeps, signal: AbortSignal): Promise<void> {
  const { db, log, timeout = 15_000, atOnce = 256, perReceiver = 4, interval = 500 } = deps
  const forms = new Map(deps.forms.map((form) => [form.name, form]))
  const receivers = new Map<string, Receiver>()
  const running = new Set<Promise<void>>()
  let wake: (() => void) | null = null
  /** something ended since the last look */
  let moved = false

  const roomFor = (receiver: Receiver | undefined) => {
    const most = receiver?.failing ? 1 : perReceiver
    const resting = receiver !== undefined && receiver.restsUntil > performance.now()
    return resting ? 0 : Math.min(most - (receiver?.running ?? 0), atOnce - running.size)
  }

  /** @returns whether more is due that it did not come to look at */
  async function claim(): Promise<boolean> {
    let unseen = false
    const due = await findDueReceivers(db, new Date(deps.clock()))
    // Whoever comes first in the index must not always come first.
    const start = Math.floor(Math.random() * due.length)
    for (const id of [...due.slice(start), ...due.slice(0, start)]) {
      const atMost = roomFor(receivers.get(id))
      if (signal.aborted || running.size >= atOnce) return false
      if (atMost < 1) continue
      const now = deps.clock()
      const leaseEnds = new Date(now + timeout + LEASE_MARGIN)
      const { claimed, more } = await claimDeliveries(db, { receiver: id, now: new Date(now), leaseEnds, atMost })
      for (const delivery of claimed) begin(delivery)
      unseen ||= more
    }
    return unseen
  }

  function begin(delivery: ClaimedDelivery): void {
    const receiver = receivers.get(delivery.receiver) ?? { running: 0, failing: false, restsUntil: 0 }
    receivers.set(delivery.receiver, receiver)
    receiver.running++
    const work = attempt(delivery, receiver)
      .catch((err) => log.error({ err, delivery: delivery.id }, 'a delivery could not be attempted'))
      .finally(() => {
        receiver.running--
        if (receiver.running === 0 && !receiver.failing && receiver.restsUntil < performance.now()) {
          receivers.delete(delivery.receiver)
        }
        running.delete(work)
        moved = true
        wake?.()
      })
    running.add(work)
  }

  async function attempt(delivery: ClaimedDelivery, receiver: Receiver): Promise<void> {
    const form = forms.get(delivery.form)
    // A newer server's, perhaps, in whose hands it is right.
    if (!form || signal.aborted) return giveBackDelivery(db, delivery, new Date(deps.clock() + (form ? 0 : 60_000)))
    let attempted: Attempted
    try {
      attempted = await attemptDelivery({ ...deps, timeout }, form, delivery, signal)
    } catch (error) {
      // The server stops; whether the receiver got it is not known, so it gets it again.
      if (signal.aborted) return giveBackDelivery(db, delivery, new Date(deps.clock()))
      log.error({ err: error, delivery: delivery.id }, 'a delivery could not be attempted')
      attempted = defective(form, delivery, deps)
    }
    const { result, end, verdict, rest } = attempted
    receiver.failing = end.outcome !== 'delivered'
    if (rest > 0) receiver.restsUntil = performance.now() + rest
    const now = new Date(deps.clock())
    const disabled = verdict === 'stop' && form.disable !== undefined
    if (disabled) await form.disable?.(delivery.receiver)
    await recordAttempt(db, delivery, result, end, now)
    if (disabled) await failWaiting(db, delivery.receiver, now)
    deps.onAttempt?.(delivery.form, end.outcome)
  }

  /** A fault of ours is tried again like a failure of the receiver's, so that it stands in the log and comes to an end. */
  function defective(form: DeliveryForm, delivery: ClaimedDelivery, { wall, clock }: DispatcherDeps): Attempted {
    return {
      result: { at: new Date(wall()), ms: 0, status: null, error: 'it could not be prepared', excerpt: null },
      end: afterFailure(form.pauses, delivery.attempts - delivery.attempts_before, clock(), Math.random()),
      verdict: 'again',
      rest: 0,
    }
  }

  while (!signal.aborted) {
    moved = false
    for (let claims = 1, unseen = true; unseen && !signal.aborted && claims <= CLAIMS_AT_ONCE; claims++) {
      unseen = await claim().catch((err) => {
        log.error({ err }, 'due deliveries could not be taken')
        return false
      })
    }
    if (signal.aborted) break
    if (moved) continue
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        wake = null
        resolve()
      }
      const timer = setTimeout(done, interval).unref()
      signal.addEventListener('abort', done)
      wake = done
    })
  }
  await Promise.all(running)
}
