import type { IncomingMessage } from 'node:http'
import { capturePurchase } from '../../operations/purchases/capture-purchase.ts'
import { creditPurchase } from '../../operations/purchases/credit-purchase.ts'
import { releasePurchase } from '../../operations/purchases/release-purchase.ts'
import { reachesMerchant } from '../../storage/merchant-keys.ts'
import { findMerchant, type Merchant } from '../../storage/merchants.ts'
import { findPurchase, listParts, type Purchase } from '../../storage/purchases.ts'
import type { Caller, PledgDeps } from './call.ts'
import { invalid, notFound } from './errors.ts'
import { read, readJsonBody } from './read-request.ts'
import { refused } from './refusals.ts'
import { renderPurchase } from './render.ts'
import { amountOnly, idempotencyKey, isUid, optionalAmount } from './schema.ts'

type Own = { merchant: Merchant; purchase: Purchase }

/** A purchase of a merchant that the caller reaches. @throws {PledgProblem} the same for another's as for none at all */
async function requireOwn({ db }: PledgDeps, { reach }: Caller, uid: string): Promise<Own> {
  const purchase = isUid('pur', uid) ? await findPurchase(db, { uid }) : undefined
  const merchant = purchase && (await findMerchant(db, { id: purchase.merchantId }))
  if (!purchase || !merchant || !reachesMerchant(reach, merchant)) throw notFound('purchase')
  return { merchant, purchase }
}

async function show({ db }: PledgDeps, merchant: Merchant, { id }: Purchase): Promise<object> {
  const [purchase, parts] = await Promise.all([findPurchase(db, { id }), listParts(db, id)])
  return renderPurchase(merchant, purchase as Purchase, parts)
}

/** `GET /api/merchants/{merchant}/purchases/{purchase}` */
export async function readPurchase(deps: PledgDeps, caller: Caller, merchantUid: string, uid: string): Promise<object> {
  const { merchant, purchase } = await requireOwn(deps, caller, uid)
  if (merchant.uid !== merchantUid) throw notFound('purchase')
  return show(deps, merchant, purchase)
}

/** `POST /api/purchases/{purchase}/capture`: pays out what was authorized, or, with `amount_cents`, a part of it. */
export async function capture(deps: PledgDeps, caller: Caller, req: IncomingMessage, uid: string): Promise<object> {
  const { amount_cents } = read(optionalAmount, await readJsonBody(req, { optional: true }))
  const { merchant, purchase } = await requireOwn(deps, caller, uid)
  const amount = amount_cents === undefined ? {} : { amount: BigInt(amount_cents) }
  const result = await capturePurchase(deps.purchases, { purchase, merchant, actor: caller.actor, ...amount })
  if (!result.done) throw refused(result.refusal)
  return show(deps, merchant, purchase)
}

/** `POST /api/purchases/{purchase}/credit_by_transfer`: gives back. The header `Idempotency-Key` makes a repeat harmless. */
export async function credit(deps: PledgDeps, caller: Caller, req: IncomingMessage, uid: string): Promise<object> {
  const key = readKey(req)
  const { amount_cents } = read(amountOnly, await readJsonBody(req))
  const { merchant, purchase } = await requireOwn(deps, caller, uid)
  const result = await creditPurchase(deps.purchases, {
    purchase,
    merchant,
    actor: caller.actor,
    amount: BigInt(amount_cents),
    ...(key !== undefined && { key }),
  })
  if (!result.done) throw refused(result.refusal)
  return show(deps, merchant, purchase)
}

/** `POST /api/purchases/{purchase}/release`: lets go of what is held. */
export async function release(deps: PledgDeps, caller: Caller, req: IncomingMessage, uid: string): Promise<object> {
  await readJsonBody(req, { optional: true })
  const { merchant, purchase } = await requireOwn(deps, caller, uid)
  const result = await releasePurchase(deps.purchases, { purchase, merchant, actor: caller.actor })
  if (!result.done) throw refused(result.refusal)
  return show(deps, merchant, purchase)
}

function readKey(req: IncomingMessage): string | undefined {
  const keys = req.headersDistinct['idempotency-key']
  if (keys === undefined) return undefined
  const [key = '', ...more] = keys
  if (more.length > 0 || !idempotencyKey.safeParse({ 'Idempotency-Key': key }).success)
    throw invalid('Idempotency-Key', 'has 1 to 128 visible ASCII characters')
  return key
}
