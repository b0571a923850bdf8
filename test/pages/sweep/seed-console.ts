import assert from 'node:assert/strict'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { findBrand } from '../../../src/storage/brands.ts'
import { findCard } from '../../../src/storage/cards.ts'
import { findPartner, listCredentials } from '../../../src/storage/partners.ts'
import { call as callWalleo } from '../../protocols/walleo/harness.ts'
import { eventually } from '../../support/eventually.ts'
import type { Access } from '../console/access.ts'
import type { Visitor } from '../visitor.ts'

/** States that pages of the console are about and that no fresh sandbox has. @returns their pages, and who asks for floats */
export async function seedConsole(
  server: Access,
  { authorized, waiting }: { authorized: string; waiting: string },
): Promise<{ paths: string[]; partner: Visitor }> {
  const { assembly, db, sandbox } = server
  const operator = await server.visitor('operator')
  const password = server.password('operator')
  const partner = await findPartner(db, { slug: 'sandbox' })
  assert.ok(partner)
  const owner = await server.visitor('owner', partner.partyId)
  const wish = { float: 'float:sandbox:EUR', amount: '950.00', reference: 'T-1' }
  const request = (await owner.submit('/console/float-requests/new', wish)).location?.split('?')[0]
  assert.ok(request)

  const audit = (await operator.submit('/console/books', {}, '/console/books/audits')).location
  assert.ok(audit)

  const order = async (kind: 'code' | 'email') => {
    const [found] = await db.query<{ slug: string }>(
      `select b.slug from brand b join asset s on s.id = b.asset_id
       where b.supply = 'own' and b.status = 'enabled' and not b.asynchronous and s.code = 'EUR' and 5000 between b.min_value and b.max_value
       order by $1 = any(b.delivery) desc limit 1`,
      [kind],
    )
    const { slug } = found as { slug: string }
    await db.query(`update brand set delivery = array['code', 'email'] where slug = $1`, [slug])
    const brand = await findBrand(db, { slug })
    assert.ok(brand && partner)
    const placed = await placeOrder(assembly.gift, {
      ...{ partner, protocol: 'tillo', scope: 'tillo', requestId: `sweep-${kind}-2`, operation: 'digital-issue' },
      ...{ content: kind, brand, face: 5000n, delivery: kind, later: false },
      ...(kind === 'email' && { details: { recipient: { email: 'ada@sandbox.example', name: 'Ada' } } }),
    } as Parameters<typeof placeOrder>[1])
    assert.ok('order' in placed, 'refusal' in placed ? placed.refusal : '')
    return placed.order.id
  }
  const mailed = await order('email')
  const card = await findCard(db, { orderId: await order('code') })
  assert.ok(card)
  const blocked = await operator.submit(`/console/cards/${card.id}/block`, { reason: 'Reported stolen' })
  assert.equal(blocked.status, 303, blocked.text)

  const report = await upload(server, operator)
  const [credential] = await listCredentials(db, { partnerId: partner.id, limit: 1 })
  const { api_key: apiKey, identifier, shared_key: sharedKey } = sandbox.walleo
  const body = { card: { gift_card_code: 'nobody-sells-this', amount: 10 } }
  await callWalleo(server.url, { apiKey, identifier, sharedKey }, 'POST', '/cards', body)
  await assembly.calls.flush()

  const { id: client } = await server.client([])
  const since = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
  const ended = await operator.submit(`/console/compromise/answer/client/${client}`, { since, password })
  assert.equal(ended.status, 303, ended.text)

  const [child] = await db.query<{ id: string }>(`select id from wallet where number = '8301234568' limit 1`)
  const month = new Date().toISOString().slice(0, 7)
  await eventually(async () => !/<meta http-equiv="refresh"/.test((await operator.get(audit)).text))
  return {
    partner: owner,
    paths: [
      request,
      `${request}/approve`,
      `${request}/refuse`,
      audit,
      `/console/orders/${mailed}/resend`,
      `/console/cards/${card.id}/unblock`,
      report,
      '/console/calls',
      ...(credential ? [`/console/partners/${partner.id}/credentials/${credential.id}/addresses`] : []),
      ended.location as string,
      `/console/purchases/${authorized}/capture`,
      `/console/purchases/${authorized}/release`,
      `/console/purchases/${waiting}/cancel`,
      `/console/wallets/${child?.id}/refills`,
      `/console/statements/us:8301234567:USD/${month}`,
      `/console/statements/us:8301234567:USD/${month}/print`,
    ],
  }
}

/** A file of codes, some of which are refused. @returns where its report stands */
async function upload(server: Access, visitor: Visitor): Promise<string> {
  const [brand] = await server.db.query<{ id: string }>(
    `select id from brand where supply = 'stock' order by slug limit 1`,
  )
  const path = `/console/brands/${brand?.id}/stock`
  const form = new FormData()
  for (const [name, value] of Object.entries(await visitor.hidden(path))) form.append(name, value)
  form.append('password', server.password('operator'))
  const csv = 'code,pin,value\nSWEEP-0001-AAAA,1234,10.00\nSWEEP-0001-AAAA,,10\nSWEEP-0003-CCCC,,11\nnonsense\n'
  form.append('file', new Blob([csv], { type: 'text/csv' }), 'codes.csv')
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { cookie, accept: 'text/html', origin: server.url, 'sec-fetch-site': 'same-origin' }
  const sent = await fetch(server.url + path, { method: 'POST', body: form, redirect: 'manual', headers })
  const report = sent.headers.get('location')
  assert.ok(report, await sent.text())
  return report
}
