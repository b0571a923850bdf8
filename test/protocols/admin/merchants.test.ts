import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, createHarness } from './harness.ts'

let harness: Awaited<ReturnType<typeof createHarness>>
let party: string
before(async () => {
  harness = await createHarness()
  party = (await harness.send('POST', '/parties', { kind: 'business', name: 'Corner Café' })).body.id
  for (const id of ['shop:corner:EUR', 'financing:pledg:EUR', 'lender:fees:EUR', 'shop:corner:USD']) {
    const opened = await harness.send('POST', '/wallets', { id, party_id: party, lower: id.startsWith('f') ? null : 0 })
    assert.equal(opened.status, 201, opened.text)
  }
})
after(() => harness.close())

const plans = [
  { name: 'now', kind: 'now' },
  { name: '3x', kind: 'instalments', parts: 3, fee_bp: 150, max_amount: 500 },
]
const wish = () => ({
  party_id: party,
  name: 'Corner Café',
  wallet: 'shop:corner:EUR',
  financing: 'financing:pledg:EUR',
  fees: 'lender:fees:EUR',
  plans,
})
const fieldOf = ({ status, body }: Answer) => [status, body.field]

test('a merchant is created once under a key, with a secret that no later answer shows', async () => {
  const headers = { 'idempotency-key': 'merchant-1' }
  const made = await harness.send('POST', '/merchants', wish(), headers)
  assert.equal(made.status, 201, made.text)
  assert.match(made.body.uid, /^mer_[0-9a-f-]{36}$/)
  assert.match(made.body.secret, /^[0-9a-f]{64}$/)
  assert.deepEqual(
    made.body.plans.map(({ name, max_amount }: { name: string; max_amount: unknown }) => [name, max_amount]),
    [
      ['now', null],
      ['3x', 500],
    ],
  )
  assert.equal((await harness.send('POST', '/merchants', wish(), headers)).text, made.text)
  const shown = await harness.send('GET', `/merchants/${made.body.uid}`)
  assert.equal(shown.body.secret, undefined)
  assert.equal((await harness.send('GET', '/merchants')).body.items.length, 1)
  const rotated = await harness.send('POST', `/merchants/${made.body.id}/secret`)
  assert.notEqual(rotated.body.secret, made.body.secret)
})

test('what cannot work is refused by the name of its field', async () => {
  const cases: [object, [number, string]][] = [
    [{ wallet: 'financing:pledg:EUR' }, [422, 'wallet']],
    [{ wallet: 'shop:nobody:EUR' }, [404, 'wallet']],
    [{ financing: 'lender:fees:EUR' }, [422, 'financing']],
    [{ fees: 'shop:corner:USD' }, [422, 'fees']],
    [{ company: 'cmp_none' }, [404, 'company']],
    [{ plans: [{ name: '3x', kind: 'instalments' }] }, [422, 'plans']],
    [{ plans: [{ name: 'now', kind: 'now', parts: 3 }] }, [422, 'plans']],
    [{ plans: [plans[0], plans[0]] }, [422, 'plans']],
    [{ fees: undefined }, [422, 'plans']],
    [{ financing: undefined }, [422, 'plans']],
    [{ payment_notification_url: 'javascript:alert(1)' }, [422, 'payment_notification_url']],
    [{ redirect_hosts: ['shop.example/path'] }, [422, 'redirect_hosts']],
    [{ link_seconds: 5 }, [422, 'link_seconds']],
  ]
  for (const [change, expected] of cases) {
    const refused = await harness.send('POST', '/merchants', { ...wish(), ...change })
    assert.deepEqual(fieldOf(refused), expected, refused.text)
  }
})

test('plans, settings and keys of a merchant change; a key of a company needs one', async () => {
  const company = await harness.send('POST', '/companies', { party_id: party, name: 'Corner Cafés' })
  assert.match(company.body.uid, /^cmp_/)
  assert.equal((await harness.send('GET', '/companies')).body.items.length, 1)
  const made = await harness.send('POST', '/merchants', { ...wish(), company: company.body.uid })
  const path = `/merchants/${made.body.uid}`
  const later = await harness.send('POST', `${path}/plans`, { name: 'later', kind: 'deferred', days: 30 })
  assert.deepEqual(
    later.body.plans.map(({ name }: { name: string }) => name),
    ['now', 'later', '3x'],
  )
  assert.equal((await harness.send('DELETE', `${path}/plans/later`)).status, 204)
  assert.equal((await harness.send('DELETE', `${path}/plans/later`)).status, 404)
  const changed = await harness.send('PATCH', path, { redirect_hosts: ['Shop.Example'], error_notification_url: null })
  assert.deepEqual(changed.body.redirect_hosts, ['shop.example'])
  const key = await harness.send('POST', `${path}/keys`, { of: 'company' })
  assert.equal(key.status, 201, key.text)
  assert.equal((await harness.send('GET', `${path}/keys`)).body.items[0].secret, undefined)
  assert.equal((await harness.send('DELETE', `${path}/keys/${key.body.id}`)).status, 204)
  assert.match((await harness.send('GET', `${path}/keys`)).body.items[0].revoked_at, /Z$/)
  assert.deepEqual((await harness.send('GET', `${path}/purchases`)).body, { items: [], next: null })
  assert.equal((await harness.send('GET', `${path}/purchases/pur_none`)).status, 404)
  const single = await harness.send('POST', '/merchants', wish())
  assert.equal((await harness.send('POST', `/merchants/${single.body.id}/keys`, { of: 'company' })).status, 409)
  const ended = await harness.send('POST', `/merchants/${single.body.id}/disable`)
  assert.equal((await harness.send('POST', `/merchants/${single.body.id}/disable`)).text, ended.text)
})
