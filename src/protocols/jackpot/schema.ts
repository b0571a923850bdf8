import { z } from 'zod'
import { AmountError, parseAmount } from '../../domain/money.ts'
import { invalidRequest } from './errors.ts'

const text = z.string().min(1).max(65_536)

export const GRANTS = {
  assertion: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  machine: 'client_credentials',
} as const

export const schemas = {
  /** V1. The key may stand in the header `apikey` instead. */
  tokenV1: z.object({ apiKey: text.max(200).optional(), initializationToken: text }),
  assertion: z.object({ client_id: text.max(200), assertion: text }),
  machine: z.object({ client_id: text.max(200), client_secret: text.max(200) }),
  byPrice: z.object({ price: z.number() }),
  byValue: z.object({ value: z.number() }),
  proposals: z.object({
    amount: z.string().max(64).optional(),
    strict: z.enum(['true', 'false']).optional(),
  }),
}

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
