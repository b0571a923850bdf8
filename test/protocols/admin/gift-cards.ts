import assert from 'node:assert/strict'
import { audit } from '../../../src/ledger/audit.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { type OrderRefused, type PlacedOrder, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { requestFloat } from '../../../src/operations/gift-cards/request-float.ts'
import { type Brand, findBrand } from '../../../src/storage/brands.ts'
import { findPartner, type Partner } from '../../../src/storage/partners.ts'
import type { Answer, Body, Harness } from './harness.ts'

/** Gift cards through the admin API: a partner with a float of 1000.00 in EUR, and what a test makes. */
export async function createGiftShop(harness: Harness, slug = 'acme') {
  const { send, deps } = harness
  const made = async (path: string, body: unknown): Promise<Body> => {
    const answer = await send('POST', path, body)
    assert.equal(answer.status, 201, answer.text)
    return answer.body
  }
  const party = await made('/parties', { kind: 'business', name: `Party of ${slug}` })
  const partner = await made('/partners', { party_id: party.id, slug })
  const bank = `bank:${slug}:EUR`
  await made('/wallets', { id: bank, party_id: party.id, lower: null, upper: 0 })
  await made(`/partners/${slug}/floats`, { currency: 'EUR' })
  await made(`/partners/${slug}/floats/EUR/fund`, { source: bank, amount: '1000.00' })

  return {
    party,
    partner,
    bank,
    made,
    brand: (input: { slug: string; [member: string]: unknown }): Promise<Body> =>
      made('/brands', {
        name: 'Meubles',
        party_id: party.id,
        currency: 'EUR',
        supply: 'own',
        values: { type: 'range', min: 5, max: 500, step: 5 },
        ...input,
      }),
    upload: (brand: string, csv: string, headers: Record<string, string> = {}, query = ''): Promise<Answer> =>
      send('POST', `/brands/${brand}/stock/imports${query}`, csv, { 'content-type': 'text/csv', ...headers }),
    /** Buys as the partner does, by way of the operation that the protocols use. @param face minor units */
    async order(brandSlug: string, face: bigint, requestId: string, more: object = {}): Promise<PlacedOrder> {
      const brand = (await findBrand(harness.db, { slug: brandSlug })) as Brand
      const result: PlacedOrder | OrderRefused = await placeOrder(deps.gift, {
        partner: (await findPartner(harness.db, { slug })) as Partner,
        protocol: 'tillo',
        scope: 'tillo',
        requestId,
        operation: 'digital-issue',
        content: `${brandSlug} ${face}`,
        brand,
        face,
        delivery: brand.delivery[0] ?? 'code',
        later: brand.asynchronous,
        ...more,
      })
      assert.ok(!('refusal' in result), 'refusal' in result ? result.refusal : '')
      return result
    },
    fulfil: () => fulfilOpenOrders(deps.gift, async () => ({ status: 'pending' })),
    async balance(): Promise<{ balance: number; held: number }> {
      const { body } = await send('GET', `/partners/${slug}/floats`)
      return body.items[0]
    },
    async assertClean() {
      const report = await audit(harness.db, { journalKey: deps.keyring.derive('journal') })
      assert.deepEqual(report.findings, [])
    },
  }
}

export type GiftShop = Awaited<ReturnType<typeof createGiftShop>>

/** Visits every route about gift cards with success. */
export async function visitGiftCards(harness: Harness): Promise<void> {
  const shop = await createGiftShop(harness, 'visitor')
  const visit = async (method: string, path: string, body?: unknown) => {
    const answer = await harness.send(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const credential = await shop.made('/partners/visitor/credentials', { protocol: 'walleo', addresses: ['10.0.0.0/8'] })
  const own = await shop.brand({
    slug: 'visited-own',
    codes: { walleo: 'OWN', tillo: 'visited-own' },
    delivery: ['email'],
  })
  await shop.brand({ slug: 'visited-stock', supply: 'stock', low_stock: 3 })
  await shop.brand({
    slug: 'visited-upstream',
    supply: 'upstream',
    values: { type: 'fixed', values: [10, '25.50'] },
    upstream: {
      protocol: 'walleo',
      url: 'https://cards.example/partners/v1',
      api_key: 'key',
      identifier: 'id',
      shared_key: '00'.repeat(16),
      code: 'THEIRS',
    },
  })
  const csv = 'code,value\nAAAA-1111,5\nAAAA-1111,5\nBBBB-2222,7\nCCCC-3333,10\n'
  const { body: upload } = await shop.upload('visited-stock', csv)
  await shop.order('visited-stock', 500n, 'visit-1')
  const { order, card } = await shop.order('visited-own', 500n, 'visit-2')
  await harness.db.query(`insert into order_event (order_id, what, at) values ($1, 'delivered', now())`, [order.id])
  const other = await shop.order('visited-own', 500n, 'visit-3')
  const rule = await shop.made('/velocity-rules', { subject: 'partner', period_seconds: 60, max_count: 1000 })
  const today = new Date().toISOString().slice(0, 10)
  const cardId = card?.row.id
  await shop.made('/brands/visited-own/promotions', {
    code: 'SUMMER1',
    name: 'Summer',
    discount: '7.5',
    starts_at: '2026-06-01T00:00:00Z',
  })
  await shop.made('/brands/visited-own/plastic-cards', { count: 2 })
  const ask = async () => {
    const asking = (await findPartner(harness.db, { slug: 'visitor' })) as Partner
    const wish = { partner: asking, currency: 'EUR', amount: 1000n, details: {} }
    const asked = await requestFloat(harness.deps.gift, wish)
    return 'id' in asked ? asked.id : ''
  }
  for (const [method, path, body] of [
    ['GET', '/partners'],
    ['GET', '/partners/visitor'],
    ['GET', '/partners/visitor/credentials'],
    ['PATCH', `/partners/visitor/credentials/${credential.id}`, { addresses: [] }],
    ['GET', '/partners/visitor/floats'],
    ['GET', '/brands'],
    ['GET', `/brands/${own.id}`],
    ['GET', '/brands/visited-upstream'],
    ['PATCH', '/brands/visited-own', { status: 'paused', status_reason: 'visited' }],
    ['GET', '/brands/visited-stock/stock'],
    ['GET', '/brands/visited-stock/stock/imports'],
    ['GET', `/brands/visited-stock/stock/imports/${upload.id}`],
    ['GET', `/brands/visited-stock/stock/imports/${upload.id}/refusals`],
    ['GET', '/stock-notices'],
    ['GET', '/orders'],
    ['GET', `/orders/${order.id}`],
    ['POST', `/orders/${order.id}/resend`],
    ['POST', '/cards/find', { code: card?.secrets.code }],
    ['GET', `/cards/${cardId}`],
    ['POST', `/cards/${cardId}/block`, { reason: 'lost' }],
    ['POST', `/cards/${cardId}/unblock`, {}],
    ['POST', `/cards/${cardId}/reveal`, { reason: 'asked' }],
    ['POST', `/cards/${cardId}/cancel`],
    ['POST', `/orders/${other.order.id}/cancel`],
    ['GET', '/brands/visited-own/promotions'],
    ['DELETE', '/brands/visited-own/promotions/SUMMER1'],
    ['GET', '/brands/visited-own/plastic-cards'],
    ['GET', '/float-requests'],
    ['POST', `/float-requests/${await ask()}/approve`, { source: shop.bank }],
    ['POST', `/float-requests/${await ask()}/edit`, { source: shop.bank, amount: 5 }],
    ['POST', `/float-requests/${await ask()}/remove`],
    ['GET', '/velocity-rules'],
    ['DELETE', `/velocity-rules/${rule.id}`],
    ['GET', '/reports/liability'],
    ['GET', '/reports/breakage'],
    ['GET', `/reports/sales?from=${today}&to=${today}`],
    ['DELETE', `/partners/visitor/credentials/${credential.id}`],
    ['POST', '/partners/visitor/disable'],
  ] as const)
    await visit(method, path, body)
}
