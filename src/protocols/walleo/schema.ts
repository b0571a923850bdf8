import { z } from 'zod'
import { readings } from './readings.ts'

// What a request says, field by field: in which order they are looked at, and in which words refused, `purchase.ts` knows.

const requestId = z
  .string()
  .regex(readings.requestId)
  .describe('Yours: visible ASCII without comma. The same id again gets the first answer, and nothing is bought twice')

export const fields = {
  request_id: requestId,
  gift_card_code: z.string().describe('`code` of a gift card of the catalogue'),
  amount: z.int().positive().describe('Whole units of the currency, one of the values that the gift card is sold with'),
}

const { request_id, gift_card_code, amount } = fields

/** Bodies. Members that the API does not know are signed, and change nothing. */
export const bodies = {
  card: z.object({ card: z.object({ gift_card_code, amount, request_id: request_id.optional() }) }),
  pullRequest: z.object({ pull_request: z.object({ gift_card_code, amount, request_id }) }),
}

export const headers = z.object({
  'X-RequestId': request_id
    .optional()
    .describe('The id of the request, where the body has none; where both have one, it is the same'),
})

export const balanceQuery = z.object({
  currency: z.string().optional().describe(`Of the float; ${readings.balanceCurrency}, or the first one, where absent`),
})
