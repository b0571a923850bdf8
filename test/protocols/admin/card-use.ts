import { randomUUID } from 'node:crypto'
import { createGiftShop, type GiftShop } from './gift-cards.ts'
import type { Answer, Body, Harness, Send } from './harness.ts'

/** A merchant that takes the cards of one brand, with a key of its own and a wallet with 100.00, and cards to spend. */
export async function createTill(harness: Harness, slug: string) {
  const shop: GiftShop = await createGiftShop(harness, slug)
  await harness.send('POST', `/partners/${slug}/floats/EUR/fund`, { source: shop.bank, amount: 9000 })
  await shop.brand({ slug, ...{ validity_days: 365 } })
  const merchant = await shop.made('/parties', { kind: 'business', name: `Shop ${slug}` })
  const wallet = `shop:${slug}:EUR`
  await shop.made('/wallets', { id: wallet, party_id: merchant.id })
  await harness.send('POST', `/brands/${slug}/merchants`, { party_id: merchant.id })
  const scopes = ['cards:redeem', 'cards:top-up']
  const apiKey = await harness.key(scopes, merchant.id)
  let orders = 0
  const as =
    (key: string, to: Send = harness.send): Send =>
    (method, path, body, headers = {}) =>
      to(method, path, body, {
        authorization: `Bearer ${key}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...headers,
      })
  return {
    ...shop,
    merchant,
    wallet,
    apiKey,
    as,
    send: as(apiKey),
    sendToOther: as(apiKey, harness.sendToOther),
    /** @returns the code of a card that was just sold; @param face minor units */
    async sell(face = 5000n): Promise<string> {
      const { card } = await shop.order(slug, face, `till-${orders++}`)
      return card?.secrets.code as string
    },
    card: async (code: string): Promise<Body> => (await as(apiKey)('POST', '/card-balances', { code })).body,
    redeem: (code: string, amount: unknown, more: object = {}, headers?: Record<string, string>): Promise<Answer> =>
      as(apiKey)('POST', '/card-redemptions', { code, wallet, amount, ...more }, headers),
  }
}

export type Till = Awaited<ReturnType<typeof createTill>>

/** Visits every route for merchants with success. */
export async function visitCardUse(harness: Harness): Promise<void> {
  const till = await createTill(harness, 'visited-till')
  const code = await till.sell()
  const made = async (path: string, body?: unknown) => {
    const answer = await till.send('POST', path, body)
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`)
    return answer.body
  }
  await made('/card-balances', { code })
  const { id } = await made('/card-redemptions', { code, wallet: till.wallet, amount: 20, note: 'Lamp' })
  await made(`/card-redemptions/${id}/refunds`, { amount: '5.00' })
  await made(`/card-redemptions/${id}/cancel`)
  await till.send('GET', '/card-redemptions?limit=1')
  await till.send('GET', `/card-redemptions/${id}`)
  const hold = async () => (await made('/card-holds', { code, wallet: till.wallet, amount: 10, seconds: 600 })).id
  const [captured, released] = [await hold(), await hold()]
  await made(`/card-holds/${captured}/capture`, {})
  await made(`/card-holds/${released}/release`)
  await till.send('GET', `/card-holds/${captured}`)
  await made('/card-top-ups', { code, wallet: till.wallet, amount: 1 })
  await harness.send('GET', '/brands/visited-till/merchants')
  await harness.send('DELETE', `/brands/visited-till/merchants/${till.merchant.id}`)
}
