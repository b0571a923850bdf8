import { z } from 'zod'
import { setCardBlocked } from '../../operations/gift-cards/block-card.ts'
import { findCardByCode, requireCard } from '../../operations/gift-cards/find-card-by-code.ts'
import { revealCard } from '../../operations/gift-cards/reveal-card.ts'
import { takeBackOrder } from '../../operations/gift-cards/take-back-order.ts'
import { cardView, secretsView } from '../../operations/gift-cards/views.ts'
import { OperationRefusal } from '../../operations/input.ts'
import type { Sql } from '../../storage/database.ts'
import { route } from './route.ts'
import { amount, name, timestamp, uuid } from './schema.ts'

const FindCard = z
  .strictObject({
    code: z.string().min(1).max(2000).describe('As it stands on the card; blanks and dashes may be left out'),
  })
  .meta({ examples: [{ code: 'N3ZK 8Q2M 4T7V W1XA 9B5C' }] })

const ChangeCard = z.strictObject({ reason: name.optional() }).meta({ examples: [{ reason: 'Reported stolen' }] })
const RevealCard = z
  .strictObject({ reason: name.describe('Why it is looked at; kept with the card') })
  .meta({ examples: [{ reason: 'The holder’s printer ate it' }] })

export const Card = z
  .object({
    id: uuid,
    order_id: uuid.nullable(),
    brand: z.string(),
    code: z.string().describe('Its end'),
    currency: z.string(),
    value: amount,
    balance: amount.nullable().describe('Of a card that Billfold issued; null: the vendor knows'),
    held: amount.nullable(),
    status: z.enum(['active', 'blocked', 'ended']),
    holder_id: uuid.nullable().describe('The party that keeps it'),
    issued_at: timestamp,
    expires_at: timestamp.nullable(),
    end: z
      .object({ how: z.string(), amount, reference: uuid, at: timestamp })
      .nullable()
      .describe('How it ended, and what was left of it'),
  })
  .describe('An issued gift card, masked')

const CardSecrets = z
  .object({
    code: z.string().nullable(),
    pin: z.string().nullable(),
    url: z.string().nullable().describe('The vendor’s page of the card'),
    serial: z.string().nullable(),
    page: z.string().describe('Path of our page of the card'),
  })
  .describe('What its holder redeems')

export const cardSchemas = { FindCard, ChangeCard, RevealCard, Card, CardSecrets }

const show = async (sql: Sql, id: string) => cardView(await requireCard(sql, id))

export const cardRoutes = [
  route({
    method: 'POST',
    path: '/cards/find',
    scope: 'cards:read',
    summary: 'Find a card by its code',
    description: 'The code travels in the body, so that it stands in no log.',
    input: FindCard,
    output: Card,
    handle: async (deps, { input }) => cardView(await findCardByCode(deps.gift, input.code)),
  }),
  route({
    method: 'GET',
    path: '/cards/{card_id}',
    scope: 'cards:read',
    summary: 'Show a card',
    output: Card,
    handle: (deps, { params }) => show(deps.db, params.card_id as string),
  }),
  ...(['block', 'unblock'] as const).map((verb) =>
    route({
      method: 'POST',
      path: `/cards/{card_id}/${verb}`,
      scope: 'cards:write',
      summary: verb === 'block' ? 'Let nothing be spent of a card until it is unblocked' : 'Let a blocked card go',
      description: 'Asked again, nothing changes.',
      input: ChangeCard,
      output: Card,
      async handle(deps, { actor, params, input }) {
        const cardId = params.card_id as string
        const to = verb === 'block' ? 'blocked' : 'active'
        await setCardBlocked(deps.gift, actor, { cardId, to, reason: input.reason ?? null })
        return show(deps.db, cardId)
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/cards/{card_id}/cancel',
    scope: 'cards:write',
    summary: 'End a card and pay its price back to the float of its order',
    description: 'The card must be unspent. Asked again, nothing changes.',
    output: Card,
    async handle(deps, { params }) {
      const card = await requireCard(deps.db, params.card_id as string)
      if (card.order_id === null) throw new OperationRefusal('conflict', 'card_id', 'the card belongs to no order')
      await takeBackOrder(deps.gift, card.order_id)
      return show(deps.db, card.id)
    },
  }),
  route({
    method: 'POST',
    path: '/cards/{card_id}/reveal',
    scope: 'cards:reveal',
    summary: 'Show code and PIN of a card',
    description: 'Who looked, when and why is kept with the card, each time.',
    input: RevealCard,
    output: CardSecrets,
    handle: async (deps, { actor, params, input }) =>
      secretsView(await revealCard(deps.gift, actor, { cardId: params.card_id as string, reason: input.reason })),
  }),
]
