import type { IncomingMessage } from 'node:http'
import { createRequestAddress, networkOf } from '../../credentials/address.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { readAddress } from './addresses.ts'
import type { PledgDeps } from './call.ts'
import { explain, invalid, type PledgProblem, tooMany } from './errors.ts'
import { makePurchase } from './make-purchase.ts'
import { requireNamed } from './merchant.ts'
import { openSignature } from './open-signature.ts'
import { readQuery } from './read-request.ts'
import { readings } from './readings.ts'
import { createRecentLinks } from './recent-links.ts'
import { fromQuery } from './schema.ts'
import { readWish } from './wish.ts'

/** What became of an address of the front: the secret of a checkout page, or why there is none. */
export type FrontResult =
  | { readonly link: string }
  | {
      readonly problem: Pick<PledgProblem, 'type' | 'message' | 'http'>
      /** whose failure it is and where it goes back to; null: neither is proven, and nobody is led anywhere */
      readonly back: { readonly merchant: Merchant; readonly cancelUrl: string } | null
    }

/** `/purchase` and `/payment_solutions`, for the page that people see: by `?signature=`, or plainly where the merchant allows it. */
export function createFront(deps: PledgDeps): (req: IncomingMessage) => Promise<FrontResult> {
  const recent = createRecentLinks(deps.purchases)
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  const count = deps.rates.limit({
    name: 'pledg-front',
    limit: readings.unsignedPerMinute,
    length: 60_000,
  })

  const countSigned = deps.rates.limit({
    name: 'pledg-signed',
    limit: readings.signedPerMinute,
    length: 60_000,
  })

  return async (req) => {
    // A person's browser sends it: the address is theirs and not the merchant's.
    const call = deps.calls.begin(
      'pledg',
      req.method ?? '',
      req.url?.startsWith('/payment_solutions') ? '/payment_solutions' : '/purchase',
    )
    let back: { merchant: Merchant; cancelUrl: string } | null = null
    try {
      const query = readQuery(req)
      const token = query.get('signature')
      const { merchant, data } =
        token === undefined ? await openPlain(query, addressOf(req)) : await openSignature(deps, token, call)
      back = backOf(merchant, data, token !== undefined)
      const wish = readWish(deps, merchant, data, token !== undefined)
      // Its reference stands in the signature: what else is in the address makes no other purchase.
      const name = token ?? req.url ?? ''
      const link = await recent(name, async () => {
        const seconds = token === undefined ? 0 : countSigned.take(hashSecret(token).toString('base64'))
        if (seconds > 0) throw tooMany(seconds)
        return (await makePurchase(deps, merchant, wish, 'front')).link
      })
      deps.calls.end(call, 303)
      return { link }
    } catch (error) {
      const problem = explain(error, (err) => deps.log.error({ err }, 'a front address failed'))
      deps.calls.end(call, problem.http, { code: problem.type, message: problem.message })
      return { problem, back }
    }
  }

  /** Anybody can write such an address, so each network may begin so many purchases only. */
  async function openPlain(query: ReadonlyMap<string, string>, address: string) {
    const data = fromQuery(query)
    const merchant = await requireNamed(deps, namesOf(data))
    if (merchant.requiresSignature) throw invalid('signature', 'is required by this merchant')
    const seconds = count.take(networkOf(address))
    if (seconds > 0) throw tooMany(seconds)
    return { merchant, data }
  }

  /** A failure is told at this address even if the rest of the request is wrong, once the address itself is right. */
  function backOf(merchant: Merchant, data: Record<string, unknown>, signed: boolean) {
    if (typeof data.cancelUrl !== 'string') return null
    try {
      const origin = { mode: deps.config.mode, signed, hosts: merchant.redirectHosts }
      const cancelUrl = readAddress('cancelUrl', data.cancelUrl, origin)
      return cancelUrl === null ? null : { merchant, cancelUrl }
    } catch {
      return null
    }
  }
}

const namesOf = (data: Record<string, unknown>) => {
  const text = (name: string) => (typeof data[name] === 'string' ? (data[name] as string) : undefined)
  return { merchantUid: text('merchantUid'), companyUid: text('companyUid'), currency: text('currency') }
}
