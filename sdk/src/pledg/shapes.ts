import { type Check, integer, list, maybe, number, object, optional, ShapeError, text } from '../protocol/shape.ts'
import type { PledgPayment, PledgPurchase, PledgPurchaseLink, PledgSchedule, PledgTokenAnswer } from './wire.ts'

const purchaseFields = {
  uid: text,
  state: text,
  reference: text,
  amount_cents: integer,
  currency: maybe(text),
  credited_cents: maybe(integer),
}

export const purchase = object<PledgPurchase>(purchaseFields)
export const purchaseLink = object<PledgPurchaseLink>({ ...purchaseFields, url: text, expires_at: maybe(text) })

const part = object<PledgPayment>({ amount_cents: integer, fees: integer, payment_date: text })

const scheduleMembers = object<PledgSchedule>({
  INSTALLMENT: optional(list(part)) as Check<PledgPayment[]>,
  DEFERRED: optional(part) as Check<PledgPayment>,
  taeg: maybe(number),
  debit_rate: maybe(number),
})

export const schedule: Check<PledgSchedule> = (value, path) => {
  const read = scheduleMembers(value, path)
  if (read.INSTALLMENT === undefined && read.DEFERRED === undefined) throw new ShapeError(path, 'a schedule')
  return read
}

export const schedules = object<{ items: PledgSchedule[] }>({ items: list(schedule) })

export const tokenAnswer = object<PledgTokenAnswer>({ access_token: text, token_type: text, expires_in: integer })
