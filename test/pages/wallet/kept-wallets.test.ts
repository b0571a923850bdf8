import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { createVisitor, type Visitor } from '../visitor.ts'
import { ADA_EUR, startWalletPages } from './harness.ts'

type Pages = Awaited<ReturnType<typeof startWalletPages>>

const KEPT = ['settlement:amazon:GBP', 'revenue:amazon:GBP', 'breakage:amazon:GBP', 'float:sandbox:EUR']

let pages: Pages
/** whose brands, or whose floats, they are */
const owners: Visitor[] = []

before(async () => {
  pages = await startWalletPages()
  for (const id of ['settlement:amazon:GBP', 'float:sandbox:EUR']) {
    const [namespace, number, currency] = id.split(':')
    const [row] = await pages.db.query<{ party_id: string }>(
      'select party_id from wallet where namespace = $1 and number = $2 and currency = $3',
      [namespace, number, currency],
    )
    const partyId = (row as { party_id: string }).party_id
    const [email, password] = [`${namespace}@owner.example`, 'correct horse battery']
    await createSignIn(pages.assembly, { partyId, email, password })
    await pages.open(partyId, { id: `own:${namespace}:EUR`, lower: '-10.00' })
    const visitor = createVisitor(pages.url)
    assert.equal((await visitor.submit('/sign-in', { email, password })).status, 303)
    owners.push(visitor)
  }
})
after(async () => {
  assert.deepEqual(pages.faults, [])
  await pages.assertClean()
  await pages.stop()
})

test('accounts that are kept for gift cards are on no page of those whom they stand with', async () => {
  for (const owner of owners) {
    const overview = await owner.get('/wallet')
    assert.equal(overview.status, 200)
    assert.match(overview.text, /own:/)
    for (const page of [overview, await owner.get('/wallet/send'), await owner.get('/wallet/invoices')]) {
      for (const id of KEPT) assert.ok(!page.text.includes(id), id)
    }
    for (const id of KEPT) {
      for (const path of [`/wallet/${id}`, `/wallet/${id}/history.csv`, `/wallet/${id}/send`]) {
        assert.equal((await owner.get(path)).status, 404, path)
      }
    }
  }
})

test('and nobody sends anything to them or from them', async () => {
  const [brands] = owners as [Visitor]
  const ada = await pages.visitor('ada')
  await pages.fund(ADA_EUR, '20.00')
  for (const [visitor, from] of [
    [ada, ADA_EUR],
    [brands, 'own:settlement:EUR'],
    [brands, 'settlement:amazon:GBP'],
  ] as const) {
    for (const to of [...KEPT, 'float:nobody:EUR']) {
      const hidden = await visitor.hidden('/wallet/send')
      const fields = { ...hidden, from, to, amount: '1', step: 'confirm' }
      const answer = await visitor.post('/wallet/send', fields, { origin: pages.url, 'sec-fetch-site': 'same-origin' })
      assert.equal(answer.status, 422, `${from} to ${to}: ${answer.status}`)
    }
  }
  // The same form to a wallet that is there is paid.
  const hidden = await ada.hidden('/wallet/send')
  const fields = { ...hidden, from: ADA_EUR, to: 'shop:corner-cafe:EUR', amount: '1', step: 'confirm' }
  assert.equal((await ada.post('/wallet/send', fields, { origin: pages.url })).status, 303)
  const [row] = await pages.db.query<{ n: bigint }>(`select count(*) as n from transaction where kind = 'payments'`)
  assert.equal(row?.n, 1n)
})
