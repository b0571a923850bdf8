import { z } from 'zod'
import { AmountError, parseAmount } from '../../domain/money.ts'
import { invalidRequest } from './errors.ts'

const text = z.string().min(1).max(65_536)

export const GRANTS = {
  assertion: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  machine: 'client_credentials',
} as const

const key = text.max(200).describe('The API key')

export const schemas = {
  /** V1. The key may stand in the header `apikey` instead. */
  tokenV1: z.object({
    apiKey: key.optional().describe('The API key; it may stand in the header `apikey` instead'),
    initializationToken: text.describe('A JWT of the claims, signed with the apiSignature'),
  }),
  assertion: z.object({
    client_id: key,
    assertion: text.describe('The initialization token: a JWT of the claims, signed with the apiSignature'),
  }),
  machine: z.object({ client_id: key, client_secret: text.max(200).describe('Of the partner’s own machine') }),
  byPrice: z.object({ price: z.number().describe('What is to be paid, in whole units') }),
  byValue: z.object({ value: z.number().describe('What the card is to be worth, in whole units') }),
  proposals: z.object({
    amount: z.string().max(64).optional().describe('Up to that of the session, which stands where it is absent'),
    strict: z.enum(['true', 'false']).optional().describe('Only offers that give a bonus or a discount'),
  }),
}

/** The bodies of `/v2/token`, by their grant: which schema one is read by, its `grant_type` tells. */
export const grants = z.union([
  schemas.assertion.extend({ grant_type: z.literal(GRANTS.assertion) }),
  schemas.machine.extend({ grant_type: z.literal(GRANTS.machine) }),
])

/** @throws {JackpotProblem} which says what is wrong with which member */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalidRequest(`${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'is not valid'}`)
}

/** Minor units. @throws {JackpotProblem} */
export function readAmount(name: string, value: number | string, exponent: number): bigint {
  try {
    return parseAmount(value, exponent)
  } catch (error) {
    if (error instanceof AmountError) throw invalidRequest(`${name}: ${error.message}`)
    throw error
  }
}
