import { createBuyUpstream } from '../../../src/operations/gift-cards/buy-upstream.ts'
import { type BuyUpstream, STALE_ORDER } from '../../../src/operations/gift-cards/fulfil-order.ts'
import type { Deps } from './installation.ts'

/** What happens to a request to the vendor, and to its answer. */
export const HAPPENINGS = [
  'well',
  'well',
  'well',
  'lost-answer',
  'lost-request',
  'twice',
  'busy',
  'busy-after',
  'denied',
] as const
export type Happening = (typeof HAPPENINGS)[number]

/** Kept with the brand. Repeats of a call come at once here, so that a life is short. */
export const VENDOR = {
  protocol: 'walleo',
  url: 'http://vendor.example/partners/v1',
  apiKey: 'key',
  identifier: 'simulator',
  sharedKey: '00'.repeat(32),
  code: 'BOUGHT',
  retry: { times: 1, delay: 1 },
}

/** A vendor across a network that loses requests and answers, and delivers some of them twice. It sells once for a request's id. */
export type Vendor = {
  buy(deps: Pick<Deps, 'keyring' | 'vendorId'>): BuyUpstream
  /** whether a card was sold for the order */
  sold(order: string): boolean
}

/** @param next what happens to the next request */
export function createVendor(next: () => Happening, stock: number): Vendor {
  const cards = new Map<string, object>()
  let left = stock

  const json = (status: number, body: object) =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  const refusal = (status: number, code: string) =>
    json(status, { errors: [{ code, title: code, message: code, detail: code }], status: String(status) })

  function sell(id: string, amount: number): Response {
    let card = cards.get(id)
    if (!card) {
      if (left <= 0) return refusal(422, 'not_enough_funds')
      left--
      const code = `V-${id}`
      card = { id, code, expire_at: null, pin_code: null, amount, gift_card_code: VENDOR.code, pdf_url: null }
      cards.set(id, card)
    }
    return json(201, { card })
  }

  async function ask(idOf: (id: string) => string, init?: RequestInit): Promise<Response> {
    const happening = next()
    const id = idOf(new Headers(init?.headers).get('x-requestid') as string)
    const { card } = JSON.parse(init?.body as string) as { card: { amount: number } }
    if (happening === 'lost-request') throw new TypeError('fetch failed')
    if (happening === 'busy') return json(503, {})
    if (happening === 'denied') return refusal(401, 'invalid_signature')
    if (happening === 'twice') sell(id, card.amount)
    const answer = sell(id, card.amount)
    if (happening === 'lost-answer') throw new TypeError('fetch failed')
    return happening === 'busy-after' ? json(502, {}) : answer
  }

  const same = (id: string) => id
  return {
    buy: ({ keyring, vendorId = same }) => createBuyUpstream({ keyring, fetch: (_input, init) => ask(vendorId, init) }),
    sold: (order) => cards.has(order),
  }
}

/** Clocks of workers that come one after the other, each when the order that the one before had in hand is given up. */
export function createWorkers(): <D extends { clock: () => number }>(deps: D) => D {
  let patience = 0
  return (deps) => {
    patience += STALE_ORDER + 1_000
    const later = patience
    return { ...deps, clock: () => deps.clock() + later }
  }
}
