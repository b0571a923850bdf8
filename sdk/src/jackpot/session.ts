import { pathSegment, type RestProof } from '../protocol/rest-call.ts'
import { anything, record } from '../protocol/shape.ts'
import * as shapes from './shapes.ts'
import { createTransport, type JackpotCall } from './transport.ts'
import type { JackpotConnection, JackpotOffer, JackpotSession } from './types.ts'

/**
 * A session that was opened elsewhere, by its access token alone. It runs in a browser, too, where the server answers pages of other
 * origins; a Billfold's does not: there the page that can be embedded is for that.
 */
export const createJackpotSession = (options: JackpotConnection & { accessToken: string }): JackpotSession =>
  sessionOver(createTransport(options), { accessToken: options.accessToken, notificationKey: null, expiresAt: null })

/** The calls of a session over a transport. */
export function sessionOver(
  call: JackpotCall,
  facts: Pick<JackpotSession, 'accessToken' | 'notificationKey' | 'expiresAt'>,
): JackpotSession {
  if (!/^[!-~]{1,4096}$/.test(facts.accessToken)) throw new TypeError('The access token is no token')
  const proof: RestProof = { headers: { authorization: `Bearer ${facts.accessToken}` } }
  const read = { method: 'GET', proof, again: 'none' } as const
  const offerPath = ({ storeId, offerId }: JackpotOffer) =>
    `/v2/stores/${pathSegment(storeId)}/offers/${pathSegment(offerId)}`

  const reserve = (offer: JackpotOffer, by: 'price' | 'value', amount: number, signal: AbortSignal | undefined) => {
    requireAmount(amount)
    // A session reserves once, so a repetition can't reserve again.
    const write = { method: 'POST', proof, again: 'same', shape: shapes.voucher } as const
    return call(`${offerPath(offer)}/reserve-voucher-by-${by}`, { ...write, body: { [by]: amount }, signal })
  }

  return {
    ...facts,
    stores: async ({ signal } = {}) => call('/v2/stores', { ...read, shape: shapes.stores, signal }),
    proposedVouchers: async (query, { signal } = {}) =>
      call(`/v2/stores/proposed-vouchers${queryOf(query)}`, { ...read, shape: shapes.proposals, signal }),
    storeVouchers: async (storeId, query, { signal } = {}) =>
      call(`/v2/stores/${pathSegment(storeId)}/proposed-vouchers${queryOf(query)}`, {
        ...read,
        shape: shapes.proposals,
        signal,
      }),
    offer: async (offer, { signal } = {}) => call(offerPath(offer), { ...read, shape: record(anything), signal }),
    reserveByPrice: async ({ price, ...offer }, { signal } = {}) => reserve(offer, 'price', price, signal),
    reserveByValue: async ({ value, ...offer }, { signal } = {}) => reserve(offer, 'value', value, signal),
    voucher: async (id, { signal } = {}) =>
      call(`/v2/voucher/${pathSegment(id)}`, { ...read, shape: shapes.voucher, signal }),
  }
}

function queryOf({ amount, strict }: { amount?: number; strict?: boolean } = {}): string {
  if (amount !== undefined) requireAmount(amount)
  const query = new URLSearchParams()
  if (amount !== undefined) query.set('amount', String(amount))
  if (strict !== undefined) query.set('strict', String(strict))
  return query.size === 0 ? '' : `?${query}`
}

/** What the API takes for an amount. Throws a `TypeError` for a number with more than two decimals, as sums of floats have. */
export function requireAmount(amount: number): void {
  if (!(amount > 0) || !/^\d{1,15}(?:\.\d{1,2})?$/.test(String(amount))) {
    throw new TypeError('An amount is a positive number with up to two decimals')
  }
}
