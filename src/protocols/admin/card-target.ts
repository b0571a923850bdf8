import type { Deps } from '../../deps.ts'
import type { CardRefusal } from '../../operations/gift-cards/card-refusal.ts'
import { lookUpCard } from '../../operations/gift-cards/look-up-card.ts'
import type { CardAsk, CardUseResult } from '../../operations/gift-cards/use-card.ts'
import { normalWalletId } from '../../operations/show-wallet.ts'
import type { OwnCard } from '../../storage/card-use.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { AdminProblem } from './problem.ts'
import type { Call } from './route.ts'

type MerchantCall = Pick<Call<unknown, unknown>, 'principal' | 'actor' | 'key' | 'address' | 'markReplayed'>

/** The card that a code names. @throws {AdminProblem} also when too many unknown ones were asked for */
export async function requireCardOfCode(deps: Deps, call: MerchantCall, code: string): Promise<OwnCard> {
  const found = await lookUpCard(deps.gift, code, { id: call.principal.keyId, address: call.address() })
  if (found.status === 'found') return found.card
  if (found.status === 'unknown')
    throw new AdminProblem(404, 'not-found', 'no card of this server has this code', { field: 'code' })
  throw new AdminProblem(429, 'too-many-attempts', `too many unknown codes: try again in ${found.seconds} s`, {
    headers: { 'retry-after': String(found.seconds) },
  })
}

/** A wallet of the key's own party; what is somebody else's is not there. */
export async function requireOwnWallet(deps: Deps, { principal }: MerchantCall, id: string): Promise<Wallet> {
  const wallet = await deps.directory.find(normalWalletId(id, 'wallet'))
  if (wallet?.partyId === principal.partyId) return wallet
  throw new AdminProblem(404, 'not-found', 'the party of this key has no such wallet', { field: 'wallet' })
}

/** Money of cards moves under a key only: whoever has to ask again must not pay again. */
export function requireAsk({ actor, key }: MerchantCall): CardAsk {
  if (key !== null) return { actor, key }
  throw new AdminProblem(400, 'idempotency-key-missing', 'this route needs an Idempotency-Key')
}

const DETAILS: Record<CardRefusal, string> = {
  'idempotency-conflict': 'the key was used before with other content',
  'card-ended': 'the card was cancelled',
  'card-expired': 'the card has expired',
  'card-blocked': 'the card is blocked',
  'brand-not-accepted': 'the party of this wallet does not take cards of this brand',
  'wallet-not-usable': 'the wallet is closed or frozen, or keeps the books of a brand',
  'currency-differs': 'card and wallet are not in one currency of one circle',
  'insufficient-balance': 'there is not that much on the card',
  'insufficient-funds': 'there is not that much in the wallet',
  'wallet-full': 'the wallet cannot take the amount',
  'card-full': 'the card would hold more than the greatest value of its brand',
  'refund-exceeds-redemption': 'more would be given back than was spent',
  'hold-ended': 'the hold was captured or released before',
  'hold-expired': 'the time of the hold is over',
  'capture-exceeds-hold': 'more would be taken than is held',
  refused: 'the ledger refused it',
}

/** The transaction's id. @throws {AdminProblem} */
export function requireDone(call: MerchantCall, result: CardUseResult): string {
  if (result.replayed) call.markReplayed()
  if (result.accepted) return result.reference
  throw new AdminProblem(409, result.code === 'refused' ? 'conflict' : result.code, DETAILS[result.code])
}
