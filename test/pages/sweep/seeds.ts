import assert from 'node:assert/strict'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { findBrand } from '../../../src/storage/brands.ts'
import { findPartner } from '../../../src/storage/partners.ts'
import type { Access } from '../console/access.ts'
import { createVisitor } from '../visitor.ts'

/** Puts into a sandbox what its pages are about, beside what is there. @returns the addresses that no link of a page leads to */
export async function seedPages(
  server: Access,
): Promise<{ card: string; interaction: string; more: string[]; code: string }> {
  const { assembly, db, sandbox } = server
  const wallet = async (id: string) => {
    const found = await assembly.directory.find(id)
    assert.ok(found, id)
    return found
  }
  const ada = await wallet('us:8301234567:USD')
  await server.gateway.done(`/${ada.explicitId}/funds`, {
    ...{ endpoint: 'funds', source: 'bank:gateway:USD', target: ada.explicitId, amount: '50.00', currency: 'USD' },
    description: 'Top-up at the bank',
  })
  const invoice = { endpoint: 'invoices', target: ada.explicitId, amount: '4.50', currency: 'USD' }
  await server.merchant.done(`/${ada.explicitId}/invoices`, invoice)
  const person = await server.person()
  const handover = { kind: 'charges', wallet: ada.explicitId, other: '', amount: '5.00', description: '', lasts: 'day' }
  assert.equal((await person.submit('/wallet/handovers/new', handover)).status, 303)
  const [{ email } = { email: '' }] = sandbox.people
  assert.equal((await createVisitor(server.url).submit('/recover', { email })).status, 200)

  const [{ slug, delivery } = { slug: '', delivery: [] }] = await db.query<{ slug: string; delivery: string[] }>(
    `select slug, delivery from brand where supply = 'own' and status = 'enabled' and 'code' = any(delivery) limit 1`,
  )
  const [partner, brand] = [await findPartner(db, { slug: 'sandbox' }), await findBrand(db, { slug })]
  assert.ok(partner && brand, `${slug} ${delivery}`)
  const sold = await placeOrder(assembly.gift, {
    ...{ partner, protocol: 'tillo', scope: 'tillo', requestId: 'sweep-1', operation: 'digital-issue' },
    ...{ content: slug, brand, face: 5000n, delivery: 'code', later: false },
  } as Parameters<typeof placeOrder>[1])
  assert.ok('card' in sold && sold.card, 'the card is sold')
  const { row } = sold.card
  const operator = await server.visitor('operator')
  const password = server.password('operator')
  const large = { direction: 'in', bank: 'bank:gateway:USD', amount: '5000', reason: 'Bank transfer', password }
  const asked = await operator.submit(`/console/funding/new?wallet=${ada.explicitId}`, large, '/console/funding/new')
  const rule = { subject: 'partner', partner: 'sandbox', period: '86400', max_count: '9', max_amount: '', currency: '' }
  await operator.submit('/console/velocity/new', { ...rule, brand: '' })
  const redirect = sandbox.clients.merchant.redirect_uris[0] as string
  return {
    more: [
      asked.location as string,
      `${(asked.location as string).split('?')[0]}/approve`,
      ...['block', 'cancel'].map((act) => `/console/cards/${row.id}/${act}`),
      '/console/velocity',
      `/console/parties/${server.shop}/team`,
    ],
    code: (JSON.parse(assembly.keyring.open(row.code, `card:${row.id}:secrets`)) as { code: string }).code,
    card: `/cards/${assembly.keyring.open(row.link, `card:${row.id}:link`)}`,
    interaction: `/oauth/authorize?${new URLSearchParams({
      ...{ client_id: sandbox.clients.merchant.client_id, response_type: 'code', redirect_uri: redirect },
      ...{ scope: 'balance,charges', state: 's' },
    })}`,
  }
}
