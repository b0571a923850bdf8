import type { CardSecrets } from '../../credentials/card-codes.ts'
import { equalBytes, hashSecret } from '../../credentials/secrets.ts'
import type { Throttle } from '../../credentials/throttle.ts'
import type { OwnCard } from '../../storage/card-use.ts'
import type { GiftDeps } from './gift-deps.ts'
import { findCardOfCode } from './use-card.ts'

export type BalanceDeps = Pick<GiftDeps, 'db' | 'keyring' | 'cardHasher'> & { throttle: Throttle }

/** `wait`: seconds until the next try. `unknown`: no card of ours, or not its PIN; nobody learns which. */
export type BalanceCheck =
  | { readonly status: 'found'; readonly card: OwnCard }
  | { readonly status: 'unknown' }
  | { readonly status: 'wait'; readonly seconds: number }

/**
 * What anybody may ask who has code and PIN. Counted for the address and for the code, whether there is such a card or not,
 * before it is looked at; a PIN has four digits, and the pauses make all of them last for most of a year. An unknown code costs
 * the same steps as a wrong PIN, on a secret that is sealed for the purpose.
 */
export async function checkBalance(
  deps: BalanceDeps,
  { code, pin, address }: { code: string; pin: string; address: string },
): Promise<BalanceCheck> {
  const { db, keyring, cardHasher, throttle } = deps
  const keys = [
    { rule: 'balance-address', of: address },
    { rule: 'balance-card', of: cardHasher.own(code).toString('hex') },
  ] as const
  const seconds = await throttle.take(db, ...keys)
  if (seconds > 0) return { status: 'wait', seconds }
  const decoy = keyring.seal(JSON.stringify({ code, pin: 'none' }), 'card:none:secrets')
  const card = await findCardOfCode(deps, code)
  const secrets = JSON.parse(keyring.open(card?.code ?? decoy, `card:${card?.id ?? 'none'}:secrets`)) as CardSecrets
  // Compared as hashes: of one length, whatever was typed.
  const right = equalBytes(hashSecret(pin.trim()), hashSecret(secrets.pin ?? ''))
  if (!card || !right || secrets.pin === null) return { status: 'unknown' }
  for (const key of keys) await throttle.giveBack(db, key)
  return { status: 'found', card }
}
