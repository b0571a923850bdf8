import type { Brand } from '../../../src/storage/brands.ts'
import type { Partner } from '../../../src/storage/partners.ts'
import type { Offer } from '../../../src/storage/voucher-offers.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { hasCome } from './books.ts'
import type { Deps } from './installation.ts'
import type { Action, Stage } from './life.ts'
import type { During, Next } from './search.ts'
import type { Vendor } from './upstream.ts'
import { type BrandName, freed, type VoucherState } from './vouchers-state.ts'

/** A brand on sale: its rate in hundredths of a percent. */
export type Store = { readonly brand: Brand; readonly offer: Offer; readonly step: number }

export type VoucherScene = {
  readonly stage: Stage
  readonly partner: Partner
  readonly caller: Parameters<typeof import('../../../src/operations/jackpot/open-session.ts').openSession>[1]['caller']
  readonly shop: Wallet
  readonly stores: Readonly<Record<BrandName, Store>>
  readonly vendor: Vendor
  /** whether cards may be handed back, and whether reservations confirm themselves */
  readonly terms: { readonly cancellable: boolean; readonly automatic: boolean }
  /** tokens of sessions, by their names: only who was answered has one */
  readonly tokens: Map<string, string>
  pick<T>(of: readonly T[]): T
  key(): string
}

export type VoucherAction = Action<VoucherState>
export type Choose = (state: VoucherState) => VoucherAction

export const GREATEST = 5_000
export const LEAST = 100
export const HOUR = 3_600_000
export const RESERVATION = 48 * HOUR

export const no = (state: VoucherState, reason: string): Next<VoucherState> => ({ state, answer: `no ${reason}` })
/** What only somebody meets who is not answered: the process was gone in the middle. */
export const interrupted = (state: VoucherState): Next<VoucherState> => ({ state, answer: 'interrupted' })

/** The voucher that a session has reserved; null: none. */
export async function voucherId({ partner }: VoucherScene, deps: Deps, name: string): Promise<string | null> {
  const rows = await deps.db.query<{ id: string }>(
    'select id from voucher where partner_id = $1 and notification_key = $2',
    [partner.id, name],
  )
  return rows[0]?.id ?? null
}

/** What a value costs: rounded up to the offer's unit, and never more than the value. */
export function priceFor({ offer }: Store, face: number): number {
  const exact =
    offer.kind === 'discount' ? (face * (10_000 - offer.rateBp)) / 10_000 : (face * 10_000) / (10_000 + offer.rateBp)
  const unit = offer.rounding === 'whole' ? 100 : 1
  // Cents of a few digits: what a division leaves behind the comma is at least a ten-thousandth apart from the next whole number.
  return Math.min(face, Math.ceil(Math.ceil(exact - 1e-7) / unit) * unit)
}

/** The greatest value whose price is within the amount; null: none. */
export function valueFor(store: Store, amount: number): number | null {
  let best: number | null = null
  let [low, high] = [Math.ceil(LEAST / store.step), Math.floor(GREATEST / store.step)]
  while (low <= high) {
    const middle = (low + high) >> 1
    if (priceFor(store, middle * store.step) <= amount) {
      best = middle * store.step
      low = middle + 1
    } else high = middle - 1
  }
  return best
}

/** What stays with the operator. */
export function revenueFor({ offer, brand }: Store, face: number, price: number): number {
  if (offer.funder === 'brand') return 0
  return price - (face - Math.floor((face * brand.discountBp) / 10_000))
}

/** A hold whose time is over ends with the next batch that locks one of its accounts, whoever's that is. */
export function overHolds(
  state: VoucherState,
  during: During,
  decide: (state: VoucherState) => Next<VoucherState>[],
): Next<VoucherState>[] {
  let variants = [state]
  for (const [name, it] of Object.entries(state.vouchers)) {
    if ((!it.held && !it.added) || hasCome(it.ends, during) === false) continue
    for (const hold of ['held', 'added'] as const)
      if (it[hold]) variants = variants.flatMap((one) => [one, freed(one, name, [hold])])
  }
  return variants.flatMap(decide)
}
