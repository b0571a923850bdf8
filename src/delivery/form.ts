import type { DeliveryFormName } from '../storage/deliveries.ts'

/** A delivery whose turn has come. */
export type DueDelivery = {
  readonly id: string
  readonly form: DeliveryFormName
  /** UUID of the webhook endpoint, merchant or partner */
  readonly receiver: string
  readonly url: string | null
  readonly object: string
  readonly topic: string
  /** JSON text of the facts */
  readonly body: string
  /** number of the attempt that is to be made, from 1; from 1 again when it is asked for again */
  readonly attempt: number
  /** when it was written */
  readonly createdAt: Date
}

/** What goes over the wire, as a POST. */
export type Prepared = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Verdict = 'delivered' | 'again' | 'stop'

/** One way to tell others: what is sent, how often it is tried, and what an answer means. */
export type DeliveryForm = {
  readonly name: DeliveryFormName
  /** ms to wait after the n-th failed attempt; none left: the delivery has failed */
  readonly pauses: readonly number[]
  /**
   * What to send now, signed now; or nobody is there any more, which ends the delivery for good with that reason.
   * @param at ms since the epoch by the wall clock, whatever the sandbox's clock says: receivers compare it with theirs
   */
  prepare(delivery: DueDelivery, at: number): Promise<Prepared | { readonly gone: string }>
  /** `stop`: the receiver wants nothing any more. Default: 2xx delivers, 410 stops, all else, redirects too, is tried again */
  verdict?(status: number): Verdict
  /** called when the verdict is `stop`, after which nothing that waits for the receiver is sent; absent: only that delivery ends */
  disable?(receiver: string): Promise<void>
}

export function defaultVerdict(status: number): Verdict {
  if (status >= 200 && status < 300) return 'delivered'
  return status === 410 ? 'stop' : 'again'
}
