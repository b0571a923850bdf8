import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { findWalletsInAsset, type Wallet } from '../../storage/wallets.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { unprocessable } from './errors.ts'
import {
  amountFor,
  checkPayload,
  findWalletOf,
  move,
  movementShape,
  requireOneAsset,
  walletIdMember,
} from './movement.ts'
import { openEnvelope } from './open-envelope.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'

const schema = z.strictObject({ endpoint: z.literal('payments'), target: walletIdMember, ...movementShape })

/**
 * `POST /:walletID/payments`. The request names no payer, so the route decides (docs/webwallet.md, "Who pays"): where the route's
 * wallet is the target, the payer is the token's own wallet in that currency; otherwise the route's wallet pays. Either way the
 * token must reach the payer.
 */
export async function pay(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'payments')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'payments')
  const sought = [findWalletOf(deps, 'target', payload.target), walletOfPath(deps, request.wallet)] as const
  // Waited for together: when the database is away both fail, and a failure that nobody waits for would end the process.
  const [found, routed] =
    sought[0] instanceof Promise || sought[1] instanceof Promise ? await Promise.all(sought) : [sought[0], sought[1]]
  const target = requireWallet(found, 'target')
  const amount = amountFor(target, payload)
  const source = routed?.id === target.id ? await ownWallet(deps, principal, target) : requireReach(principal, routed)
  requireOneAsset(source, target)
  return move(deps, request, principal, envelope, { kind: 'payments', source, target, amount, payload })
}

const ownWallets = new WeakMap<ReadonlySet<bigint>, Map<number, Wallet[]>>()

/** The one wallet of the token in the target's unit of account, the target itself left out. */
async function ownWallet(deps: WalletDeps, principal: Principal, target: Wallet): Promise<Wallet> {
  // A token's set of wallets never changes, nor does a wallet's unit; the set itself is the key.
  const known = ownWallets.get(principal.wallets) ?? new Map<number, Wallet[]>()
  ownWallets.set(principal.wallets, known)
  const inAsset =
    known.get(target.asset.id) ?? (await findWalletsInAsset(deps.db, [...principal.wallets], target.asset.id))
  known.set(target.asset.id, inAsset)
  const [own, ...others] = inAsset.filter((wallet) => wallet.id !== target.id)
  if (!own)
    throw unprocessable('payer-missing', `The access token reaches no wallet in ${target.asset.code} to pay from`)
  if (others.length > 0) {
    throw unprocessable(
      'payer-ambiguous',
      `The access token reaches several wallets in ${target.asset.code}: pay at the payer's route`,
    )
  }
  return own
}
