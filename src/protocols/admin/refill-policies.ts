import { z } from 'zod'
import {
  endRefillPolicy,
  LONGEST_PERIOD,
  SHORTEST_PERIOD,
  setRefillPolicy,
  showRefillPolicy,
} from '../../operations/set-refill-policy.ts'
import { route } from './route.ts'
import { amount, timestamp } from './schema.ts'

const perRefill = amount.describe('One refill is no more than this')
const perPeriod = amount.describe('All refills of a period together are no more than this')
const periodSeconds = z
  .int()
  .min(SHORTEST_PERIOD)
  .max(LONGEST_PERIOD)
  .describe('Periods are counted from 1970-01-01T00:00:00Z: 86400 is a day in UTC')

const SetRefillPolicy = z
  .strictObject({ per_refill: perRefill, per_period: perPeriod, period_seconds: periodSeconds })
  .meta({ examples: [{ per_refill: 25, per_period: '100.00', period_seconds: 86400 }] })

const RefillPolicy = z
  .object({
    wallet: z.string(),
    parent: z.string().nullable().describe('Where refills come from; null: there are none'),
    currency: z.string(),
    policy: z
      .object({
        per_refill: perRefill,
        per_period: perPeriod,
        period_seconds: periodSeconds,
        used: amount.describe('What was drawn in the running period'),
        period_ends_at: timestamp,
      })
      .nullable()
      .describe('null: there are no refills'),
  })
  .describe('What a wallet may draw from its parent')

export const refillPolicySchemas = { SetRefillPolicy, RefillPolicy }

const path = '/wallets/{wallet_id}/refill-policy'

export const refillPolicyRoutes = [
  route({
    method: 'GET',
    path,
    scope: 'wallets:read',
    summary: 'Show what a wallet may draw from its parent',
    output: RefillPolicy,
    handle: (deps, { params }) => showRefillPolicy(deps, params.wallet_id as string),
  }),
  route({
    method: 'POST',
    path,
    scope: 'wallets:write',
    summary: 'Set what a wallet may draw from its parent',
    description:
      'Replaces the policy before it. What was drawn in the running period counts on. It ends when the parent changes.',
    input: SetRefillPolicy,
    output: RefillPolicy,
    once: 'ledger',
    handle: (deps, { actor, params, input, keep }) =>
      setRefillPolicy(
        deps,
        actor,
        params.wallet_id as string,
        { perRefill: input.per_refill, perPeriod: input.per_period, periodSeconds: input.period_seconds },
        keep,
      ),
  }),
  route({
    method: 'DELETE',
    path,
    scope: 'wallets:write',
    summary: 'End the refills of a wallet',
    description: 'They end at once. Asked again, nothing changes.',
    status: 204,
    async handle(deps, { actor, params }) {
      await endRefillPolicy(deps, actor, params.wallet_id as string)
      return undefined
    },
  }),
]
