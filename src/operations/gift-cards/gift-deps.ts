import { type CardHasher, createCardHasher } from '../../credentials/card-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { type GiftRefusal, giftRefusals } from '../../domain/gift-card.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Ledger } from '../../ledger/command.ts'
import { CARD_END } from '../../storage/cards.ts'
import type { Database } from '../../storage/database.ts'
import { REQUEST_USED } from '../../storage/orders.ts'
import { STOCK_SOLD } from '../../storage/stock.ts'
import { createGiftLookUps, type GiftLookUps } from './look-ups.ts'
import { createSoldStock, type SoldStock } from './low-stock.ts'
import { createOrderBell, type OrderBell } from './order-bell.ts'
import { createStockShelf, type StockShelf } from './stock-shelf.ts'
import { createVelocityRules, type VelocityRules } from './velocity.ts'

/** What the operations on gift cards need. */
export type GiftDeps = {
  db: Database
  ledger: Ledger
  keyring: Keyring
  cardHasher: CardHasher
  shelf: StockShelf
  velocity: VelocityRules
  lookUps: GiftLookUps
  /** ms since the epoch */
  clock: () => number
  /** rung when an order was left open; absent where no worker listens */
  orderBell?: OrderBell
  /** told of codes that were sold, for the look whether they run low */
  soldStock?: SoldStock
}

/** Builds them, once in a process. @param deps.cardKey the server key `card-key`: all servers of a database hash alike */
export function createGiftDeps(
  deps: Pick<GiftDeps, 'db' | 'ledger' | 'keyring' | 'clock'> & { cardKey: Buffer },
): GiftDeps {
  const { db, ledger, keyring, clock, cardKey } = deps
  return {
    db,
    ledger,
    keyring,
    clock,
    cardHasher: createCardHasher(cardKey),
    shelf: createStockShelf(db, clock),
    velocity: createVelocityRules(db),
    lookUps: createGiftLookUps(db),
    orderBell: createOrderBell(),
    soldStock: createSoldStock(),
  }
}

/** For `bytea` parameters of effects, whose values travel as text. */
export const bytea = (bytes: Uint8Array): string => `\\x${Buffer.from(bytes).toString('hex')}`

export const isoTime = (ms: number): string => new Date(ms).toISOString()

/** Nothing of a partner's answer is kept with the ledger: it is made from the rows, so that no code stands anywhere unsealed. */
export const NO_ANSWER = () => ({ status: 0, body: '{}' })

/** By the checks that tell them. */
const velocityRefusals: ReadonlyMap<string | undefined, GiftRefusal> = new Map(
  giftRefusals.filter((code) => code.startsWith('velocity-')).map((code) => [code.replaceAll('-', '_'), code]),
)

/** The ledger's refusal in the words of gift cards. @param float the account that pays */
export function giftRefusal(refusal: Refusal, float?: bigint): GiftRefusal {
  switch (refusal.code) {
    case 'unavailable-funds':
      return refusal.account === float ? 'insufficient-float' : 'card-used'
    case 'account-not-empty':
      return 'card-used'
    case 'unreceivable-funds':
      return 'float-full'
    case 'effect-refused':
      if (refusal.constraint === STOCK_SOLD) return 'out-of-stock'
      return velocityRefusals.get(refusal.constraint) ?? 'refused'
    case 'already-exists':
      if (refusal.constraint === CARD_END) return 'card-ended'
      return refusal.constraint === REQUEST_USED ? 'request-conflict' : 'refused'
    case 'hold-expired':
      return 'too-late'
    default:
      return 'refused'
  }
}
