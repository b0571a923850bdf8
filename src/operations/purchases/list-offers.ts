import { dayAt, ScheduleError, type SchedulePart, simulateSchedule } from '../../domain/schedule.ts'
import type { Merchant, MerchantPlan } from '../../storage/merchants.ts'
import type { Purchase } from '../../storage/purchases.ts'

/** A plan with its schedule; what the person pays of a part is `amount + fee`. */
export type Offer = { readonly plan: MerchantPlan; readonly parts: readonly SchedulePart[] }

/** The schedule of a plan for an amount, or null where the plan does not fit. @param at of the due clock; ms */
export function offerOf(
  plan: MerchantPlan,
  { amount, secondDate }: Pick<Purchase, 'amount' | 'secondDate'>,
  at: number,
): Offer | null {
  if (amount < plan.minAmount || (plan.maxAmount !== null && amount > plan.maxAmount)) return null
  const { terms, feeBp } = plan
  const second = terms.kind === 'instalments' ? (secondDate ?? undefined) : undefined
  try {
    return { plan, parts: simulateSchedule({ amount, terms, created: dayAt(at), second, feeBp }) }
  } catch (error) {
    if (error instanceof ScheduleError) return null
    throw error
  }
}

/** How a purchase may be paid if it is accepted now, in the order in which a page shows it. */
export const listOffers = (
  merchant: Pick<Merchant, 'plans'>,
  purchase: Pick<Purchase, 'amount' | 'secondDate'>,
  at: number,
): Offer[] => merchant.plans.map((plan) => offerOf(plan, purchase, at)).filter((offer) => offer !== null)
