import { z } from 'zod'
import { LONGEST_HOLD, SHORTEST_HOLD } from '../../operations/gift-cards/hold-on-card.ts'
import { amount, page, timestamp, uuid, walletId } from './schema.ts'

const code = z
  .string()
  .min(1)
  .max(100)
  .describe('As typed or scanned; blanks, dashes and case do not matter')
  .meta({ examples: ['N3ZK 8Q2M 4T7V W1XA 9B5C'] })
const wallet = walletId.describe('A wallet of the key’s own party, in the currency of the card')
const note = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must not hold control characters')
  .describe('Your own words, such as the number of the receipt')

const example = { code: 'N3ZK 8Q2M 4T7V W1XA 9B5C', wallet: 'shop:corner-cafe:EUR', amount: '12.50' }

export const CheckCard = z.strictObject({ code }).meta({ examples: [{ code: example.code }] })

export const RedeemCard = z
  .strictObject({ code, wallet, amount, note: note.optional() })
  .meta({ examples: [{ ...example, note: 'Receipt 4711' }] })

export const HoldOnCard = z
  .strictObject({
    code,
    wallet,
    amount,
    seconds: z
      .int()
      .min(SHORTEST_HOLD)
      .max(LONGEST_HOLD)
      .optional()
      .describe('How long it is held; an hour when left out'),
    note: note.optional(),
  })
  .meta({ examples: [{ ...example, seconds: 900 }] })

export const CaptureCardHold = z
  .strictObject({ amount: amount.optional().describe('All that is held when left out') })
  .meta({ examples: [{ amount: 10 }, {}] })

export const RefundToCard = z.strictObject({ amount }).meta({ examples: [{ amount: '5.00' }] })

export const TopUpCard = z.strictObject({ code, wallet, amount }).meta({ examples: [example] })

const masked = {
  card_id: uuid,
  brand: z.string(),
  code: z.string().describe('Its end'),
  currency: z.string(),
}

export const UsableCard = z
  .object({
    ...masked,
    brand_name: z.string(),
    value: amount.describe('When it was issued'),
    balance: amount,
    held: amount,
    available: amount.describe('What can be spent now'),
    usable: z.boolean(),
    reason: z.enum(['card-ended', 'card-expired', 'card-blocked']).nullable().describe('Why it cannot be used'),
    expires_at: timestamp.nullable(),
  })
  .describe('A card as a merchant sees it')

const movement = { id: uuid.describe('The transaction'), ...masked, wallet: z.string(), amount, at: timestamp }

export const Redemption = z
  .object({
    ...movement,
    balance: amount.describe('Of the card, afterwards'),
    hold_id: uuid.nullable().describe('The hold that was captured'),
    note: z.string().nullable(),
  })
  .describe('What was spent of a card')

export const ListedRedemption = Redemption.extend({ refunded: amount.describe('What was given back of it so far') })
export const RedemptionPage = page(ListedRedemption).describe('Newest first')

export const CardHold = z
  .object({
    ...masked,
    id: uuid,
    wallet: z.string(),
    amount,
    captured: amount,
    status: z.enum(['open', 'captured', 'released', 'expired']),
    note: z.string().nullable(),
    at: timestamp,
    expires_at: timestamp,
  })
  .describe('What is reserved of a card')

export const CardMovement = z
  .object({
    id: uuid.describe('The transaction'),
    card_id: uuid,
    redemption_id: uuid.nullable().describe('What it gives back of; null for a top-up'),
    amount,
    balance: amount.describe('Of the card, afterwards'),
    at: timestamp,
  })
  .describe('What was put onto a card')

export const cardUseSchemas = {
  CheckCard,
  RedeemCard,
  HoldOnCard,
  CaptureCardHold,
  RefundToCard,
  TopUpCard,
  UsableCard,
  Redemption,
  ListedRedemption,
  RedemptionPage,
  CardHold,
  CardMovement,
}
