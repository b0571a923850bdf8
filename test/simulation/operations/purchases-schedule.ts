import { DAY, type Part, PLANS, type Plan } from './purchases-state.ts'

type Share = { readonly amount: number; readonly fee: number; readonly due: number }

/** Equal parts; what does not divide is in the first one. */
function split(whole: number, count: number): number[] {
  const share = Math.floor(whole / count)
  return Array.from({ length: count }, (_, i) => (i === 0 ? whole - share * (count - 1) : share))
}

/** The same day months later, or the last one of a month that is too short. */
function monthsLater(day: number, months: number): number {
  const from = new Date(day)
  const last = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate()
  return Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, Math.min(from.getUTCDate(), last))
}

/** When and in which parts a purchase of a day is paid, as docs/pledg.md has it; null: it cannot be divided so. */
export function scheduleOf(plan: Plan, amount: number, day: number): Share[] | null {
  const { kind, parts, bp } = PLANS[plan]
  if (amount < parts) return null
  const fees = split(Math.floor((amount * bp + 5_000) / 10_000), parts)
  return split(amount, parts).map((share, i) => ({
    amount: share,
    fee: fees[i] as number,
    due: kind === 'deferred' ? day + 30 * DAY : monthsLater(day, i),
  }))
}

/** What is due on the day of the acceptance. */
export const dueAtOnce = (shares: readonly Share[], day: number): { first: number; fee: number } => {
  const [first] = shares
  return first && first.due <= day ? { first: first.amount, fee: first.fee } : { first: 0, fee: 0 }
}

/** No more is taken at once than was held for it: the parts behind get what is above, a unit each, and the last one the rest. */
export function withinHeld(shares: readonly Share[], held: { first: number; fee: number }, day: number): Share[] {
  if ((shares[0] as Share).due > day) return [...shares]
  const amounts = cap(
    shares.map(({ amount }) => amount),
    held.first,
  )
  const fees = cap(
    shares.map(({ fee }) => fee),
    held.fee,
  )
  return shares.map(({ due }, i) => ({ due, amount: amounts[i] as number, fee: fees[i] as number }))
}

function cap(shares: readonly number[], most: number): number[] {
  const result = [...shares]
  let over = Math.max(0, (result[0] as number) - most)
  result[0] = (result[0] as number) - over
  for (let i = 1; i < result.length && over > 0; i++) {
    const more = i === result.length - 1 ? over : 1
    result[i] = (result[i] as number) + more
    over -= more
  }
  return result
}

/** The rows of the schedule, of which those are paid that are due. */
export const partsOf = (shares: readonly Share[], day: number): Part[] =>
  shares.map(({ amount, fee, due }) => {
    const paid = due <= day
    return {
      amount,
      fee,
      paid: paid ? amount : 0,
      feePaid: paid ? fee : 0,
      reduced: 0,
      next: paid ? null : due,
      attempts: 0,
      state: paid ? 'paid' : 'scheduled',
      paidBy: null,
    }
  })
