import { z } from 'zod'
import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId, walletIdFromPath } from '#sdk/protocol/wallet-id.ts'
import type { Principal } from '../../credentials/principal.ts'
import { DetailsError, parseDetails } from '../../domain/details.ts'
import { AmountError, parseAmount } from '../../domain/money.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import { digestOf, FIELD } from '../../ledger/lines.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { malformed, refusals, unprocessable } from './errors.ts'
import type { OpenedEnvelope } from './open-envelope.ts'
import { principalName, seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

const printable = /^[\x21-\x7e]{1,200}$/

/** Members that every movement's payload may have. */
export const movementShape = {
  amount: z.union([z.number(), z.string()]),
  currency: z.string().max(12),
  details: z.unknown().optional(),
  description: z.string().max(1000).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  nonce: z.string().regex(printable, 'must be 1 to 200 printable ASCII characters').optional(),
}
export const walletIdMember = z.string().max(128)

export type MovementPayload = {
  amount: number | string
  currency: string
  details?: unknown
  description?: string | undefined
  metadata?: Record<string, unknown> | undefined
  nonce?: string | undefined
}

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
export function amountFor(wallet: Wallet, payload: MovementPayload): bigint {
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

/**
 * The key under which the answer is kept: `payload.nonce`, which is signed, or the `Idempotency-Key` header. Both may be given
 * if they agree; otherwise a replayed body could be given a fresh header.
 */
function keyOfRequest(request: WalletRequest, nonce: string | undefined): string | undefined {
  const header = request.headers['idempotency-key']
  if (header !== undefined && !printable.test(header)) {
    throw malformed('idempotency-key-malformed', 'Idempotency-Key must be 1 to 200 printable ASCII characters')
  }
  if (header !== undefined && nonce !== undefined && header !== nonce) {
    throw malformed('idempotency-key-mismatch', 'Idempotency-Key and payload.nonce differ: give one, or both alike')
  }
  return nonce ?? header
}

/** Moves the amount and answers with the payload, echoed, and what became of it. */
export async function move(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
  envelope: OpenedEnvelope,
  movement: { kind: string; source: Wallet; target: Wallet; amount: bigint; payload: MovementPayload },
): Promise<WalletAnswer> {
  const { kind, source, target, amount, payload } = movement
  const transaction = uuidV7(deps.clock())
  const key = keyOfRequest(request, payload.nonce)
  const { answer } = await deps.ledger.submit({
    principal: principalName(principal),
    ...(key === undefined
      ? {}
      : {
          key: {
            value: key,
            hash: digestOf(`${kind}${FIELD}${walletIdFromPath(request.wallet)}${FIELD}${envelope.canonical}`),
          },
        }),
    transaction,
    kind,
    legs: [{ type: 'transfer', source: source.id, target: target.id, amount }],
    payload: JSON.stringify({ description: payload.description, details: payload.details, metadata: payload.metadata }),
    answer: (outcome) => render(principal, kind, envelope, outcome),
  })
  return answer
}

function render(principal: Principal, endpoint: string, { payload }: OpenedEnvelope, outcome: Outcome): WalletAnswer {
  if (!outcome.accepted) {
    const { status, code, message } = refusals[outcome.refusal.code]
    return { status, body: seal(principal, { endpoint, success: false, error: { code, message } }) }
  }
  const timestamp = new Date(outcome.at).toISOString()
  return {
    status: 200,
    body: seal(principal, { ...payload, timestamp, reference: outcome.transaction, success: true }),
  }
}
