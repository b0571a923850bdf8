import { z } from 'zod'
import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import { DetailsError, parseDetails } from '../../domain/details.ts'
import { AmountError, parseAmount } from '../../domain/money.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { malformed, unprocessable } from './errors.ts'
import type { OpenedEnvelope } from './open-envelope.ts'
import type { WalletDeps } from './request.ts'

const printable = /^[\x21-\x7e]{1,200}$/

/** Both places of a request's key, `payload.nonce` and the header. */
export const keyText = z.string().regex(printable, 'must be 1 to 200 printable ASCII characters')

export const idempotencyKey = z.object({
  'Idempotency-Key': keyText
    .optional()
    .describe('Your own name for the request; the same as `payload.nonce`, if both are there'),
})

export const walletIdMember = z.string().max(128)
const nonce = keyText.optional()

/** Members of every payload that asks for an amount. */
export const amountShape = {
  amount: z.union([z.number(), z.string()]),
  currency: z.string().max(12),
  nonce,
}

/** What a caller may say about it. */
export const remarkShape = {
  details: z.unknown().optional(),
  description: z.string().max(1000).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
}

export const movementShape = { ...amountShape, ...remarkShape }
export const recordShape = { nonce }

/** RFC 3339 with an offset: a moment, whoever reads it, of the years that every clock and the database have. */
export const momentMember = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear()
  return year >= 1970 && year <= 9999
}, 'must be from 1970 to 9999, in UTC')

export type AmountPayload = { amount: number | string; currency: string; details?: unknown }

/** The payload's members, checked by a schema; anything that the endpoint does not know is refused by name. */
export function checkPayload<T>(schema: z.ZodType<T>, { payload }: OpenedEnvelope, endpoint: string): T {
  if (payload.endpoint !== endpoint) {
    throw unprocessable('endpoint-mismatch', `payload.endpoint must be "${endpoint}", the endpoint that is called`)
  }
  const result = schema.safeParse(payload)
  if (result.success) return result.data
  const issue = result.error.issues[0] as z.core.$ZodIssue
  if (issue.code === 'unrecognized_keys') {
    throw malformed('payload-member-unknown', `${endpoint} has no member ${issue.keys.join(', ')}`)
  }
  const path = ['payload', ...issue.path].join('.')
  throw malformed('payload-invalid', `${path}: ${issue.message}`)
}

export function findWalletOf(deps: WalletDeps, member: string, id: string) {
  try {
    return deps.directory.find(normaliseWalletId(id))
  } catch (error) {
    if (error instanceof WalletIdError) throw malformed('wallet-id-malformed', `payload.${member}: ${error.message}`)
    throw error
  }
}

/** Minor units of the wallet's currency, which the payload must name; the details, if given, explain them exactly. */
export function amountFor(wallet: Wallet, payload: AmountPayload): bigint {
  const { asset } = wallet
  if (payload.currency !== asset.code) {
    throw unprocessable('currency-mismatch', `The wallet is in ${asset.code}, not in ${payload.currency}`)
  }
  try {
    const amount = parseAmount(payload.amount, asset.exponent)
    if (payload.details !== undefined) parseDetails(payload.details, amount, asset.exponent)
    return amount
  } catch (error) {
    if (error instanceof AmountError) throw unprocessable(error.code, error.message)
    if (error instanceof DetailsError) throw unprocessable(error.code, error.message)
    throw error
  }
}

/** Two wallets between which money can move: one code, one circle. */
export function requireOneAsset(source: Wallet, target: Wallet): void {
  if (source.asset.code !== target.asset.code) {
    throw unprocessable(
      'currency-mismatch',
      `The source is in ${source.asset.code}, the target in ${target.asset.code}`,
    )
  }
  if (source.asset.circle !== target.asset.circle) {
    throw unprocessable('circle-mismatch', `${source.asset.code} of different circles does not mix`)
  }
}

/** The payload's wallet must be that of the route: the path is not signed. */
export function requireSame(named: Wallet, routed: Wallet, member: string): void {
  if (named.id !== routed.id) throw unprocessable('route-mismatch', `payload.${member} is not the wallet of the route`)
}
