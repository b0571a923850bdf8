import type { JsonObject } from '../protocol/exact-json.ts'
import { isJsonObject, readJsonObject } from '../protocol/json-object.ts'
import type { JackpotError } from './error.ts'
import {
  type JackpotCouponEvent,
  type JackpotEvent,
  type JackpotState,
  type JackpotStore,
  type JackpotStoreEvent,
  type JackpotVoucher,
  jackpotEvents,
} from './wire.ts'

/** What a notification claims; nothing of it is proven, since nothing is signed. */
export type JackpotClaim = {
  /** The same at every delivery; null in the older form, where the body is the voucher. */
  id: string | null
  /** ISO 8601; null in the older form. */
  createdAt: string | null
} & (
  | { event: JackpotCouponEvent; voucherId: string; couponId: string | null; notificationKey: string | null }
  | { event: JackpotStoreEvent; storeId: string }
)

/** Why a notification must not be acted upon. */
export type JackpotNotificationRefusal =
  /** The body is no exact JSON object of either form. */
  | 'malformed-body'
  | 'unknown-event'
  /** The server knows no such voucher of this partner. */
  | 'unknown-voucher'
  | 'unknown-store'
  /** The voucher is not at what the event says, or is another one. */
  | 'not-true'

/** What the server itself says about it. */
export type JackpotVerifiedNotification =
  | { ok: false; refusal: JackpotNotificationRefusal }
  | {
      ok: true
      event: JackpotCouponEvent
      id: string | null
      /** As the server answers it now: it may be further than the event. */
      voucher: JackpotVoucher
      /** The claim's own: good to find one's own record by, whose voucher must then be this one. */
      notificationKey: string | null
    }
  | { ok: true; event: JackpotStoreEvent; id: string | null; store: JackpotStore }

/** States of a voucher of which the event has happened. */
const after: Record<JackpotCouponEvent, readonly JackpotState[]> = {
  'coupon/reserved': ['RESERVED', 'CONFIRMED', 'READY', 'CANCELED', 'REFUNDING', 'REFUNDED', 'REFUND_REJECTED'],
  'coupon/confirmed': ['CONFIRMED', 'READY', 'REFUNDING', 'REFUNDED', 'REFUND_REJECTED'],
  'coupon/ready': ['READY', 'REFUNDING', 'REFUNDED', 'REFUND_REJECTED'],
  'coupon/canceled': ['CANCELED'],
  'coupon/refunded': ['REFUNDED'],
  // A refund that was refused may be asked for again.
  'coupon/refund_rejected': ['REFUND_REJECTED', 'REFUNDING', 'REFUNDED'],
}

/** Reads a notification of either form without believing it. */
export function readJackpotNotification(
  body: string,
): { ok: true; claim: JackpotClaim } | { ok: false; refusal: 'malformed-body' | 'unknown-event' } {
  const content = readJsonObject(body)
  if (content === null) return refused('malformed-body')
  if (content.event === undefined) return readCallback(content)
  const { event, id, createdAt, message } = content
  if (typeof event !== 'string' || !isText(id) || !isJsonObject(message)) return refused('malformed-body')
  if (!(jackpotEvents as readonly string[]).includes(event)) return refused('unknown-event')
  const told = { id, createdAt: textOrNull(createdAt) }
  if (isStoreEvent(event as JackpotEvent)) {
    const { storeId } = message
    return isText(storeId)
      ? { ok: true, claim: { ...told, event: event as JackpotStoreEvent, storeId } }
      : refused('malformed-body')
  }
  const { data, couponId, notificationKey } = message
  if (!isJsonObject(data) || !isId(data.id)) return refused('malformed-body')
  const coupon = textOrNull(couponId) ?? textOrNull(data.couponId)
  const facts = { voucherId: data.id, couponId: coupon, notificationKey: textOrNull(notificationKey) }
  return { ok: true, claim: { ...told, event: event as JackpotCouponEvent, ...facts } }
}

/** The older form, whose key stands in the address: the voucher itself, when it is reserved and when it is ready. */
function readCallback({ id, state, couponId }: JsonObject): ReturnType<typeof readJackpotNotification> {
  const event = state === 'RESERVED' ? 'coupon/reserved' : state === 'READY' ? 'coupon/ready' : null
  if (!isId(id) || event === null) return refused('malformed-body')
  const facts = { voucherId: id, couponId: textOrNull(couponId), notificationKey: null }
  return { ok: true, claim: { id: null, createdAt: null, event, ...facts } }
}

/** What verification asks the server. Both throw a `JackpotError`; status 400 or 404 says that there is none. */
type Source = {
  voucher(id: string): Promise<JackpotVoucher>
  stores(): Promise<JackpotStore[]>
}

/** Believes of a notification only what the server says when it is asked. */
export async function verifyJackpotNotification(
  body: string,
  source: Source,
  isAbsent: (error: unknown) => error is JackpotError,
): Promise<JackpotVerifiedNotification> {
  const read = readJackpotNotification(body)
  if (!read.ok) return read
  const { claim } = read
  if ('storeId' in claim) {
    const store = (await source.stores()).find(({ id }) => id === claim.storeId)
    return store ? { ok: true, event: claim.event, id: claim.id, store } : refused('unknown-store')
  }
  const { event, id, voucherId, couponId, notificationKey } = claim
  let voucher: JackpotVoucher
  try {
    voucher = await source.voucher(voucherId)
  } catch (error) {
    if (isAbsent(error)) return refused('unknown-voucher')
    throw error
  }
  const same = voucher.id === voucherId && (couponId === null || voucher.couponId === couponId)
  if (!same || !after[event].includes(voucher.state)) return refused('not-true')
  return { ok: true, event, id, voucher, notificationKey }
}

const refused = <const Refusal extends JackpotNotificationRefusal>(refusal: Refusal) =>
  ({ ok: false, refusal }) as const

const isStoreEvent = (event: JackpotEvent): event is JackpotStoreEvent => event.startsWith('store/')

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 255 && value.isWellFormed()
// It becomes a segment of a path.
const isId = (value: unknown): value is string => isText(value) && !/^\.+$/.test(value)
const textOrNull = (value: unknown): string | null => (isText(value) ? value : null)
