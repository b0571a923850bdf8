import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import jwt from 'jsonwebtoken'
import { createPledgWorld, type PledgWorld, token } from '../../support/pledg-world.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
})
after(() => world.stop())

const link = (signature: string, path = '/api/purchase_link/') => world.post(`${path}?signature=${signature}`)
const raw = (header: string, payload: string, secret = merchant.secret) => {
  const text = [header, payload].map((one) => Buffer.from(one).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
const HEAD = '{"typ":"JWT","alg":"HS256"}'
const seconds = () => Math.floor(Date.now() / 1000)

describe('POST /api/purchase_link', () => {
  it('answers with a link, with and without the slash, whatever the order of the header', async () => {
    const data = world.data(merchant, { reference: 'link-1' })
    for (const path of ['/api/purchase_link/', '/api/purchase_link']) {
      const { status, body } = await link(token({ data }, merchant.secret, { typ: 'JWT', alg: 'HS256' }), path)
      assert.equal(status, 201)
      assert.deepEqual(Object.keys(body), [
        'uid',
        'url',
        'state',
        'reference',
        'amount_cents',
        'currency',
        'expires_at',
      ])
      assert.match(body.uid, /^pur_/)
      assert.match(body.url, /^http:\/\/billfold\.example\/checkout\/[A-Za-z0-9_-]{32}$/)
      assert.deepEqual(
        [body.state, body.reference, body.amount_cents, body.currency],
        ['created', 'link-1', 10_000, 'EUR'],
      )
      assert.ok(Date.parse(body.expires_at) > Date.now())
    }
  })

  it('takes what jsonwebtoken signs, with its day of validity', async () => {
    const signed = jwt.sign({ data: world.data(merchant), purchase_link_settings: {} }, merchant.secret, {
      algorithm: 'HS256',
      expiresIn: '1d',
    })
    assert.equal((await link(signed)).status, 201)
  })

  it('names a company and its currency in place of the merchant', async () => {
    const { merchantUid: _, ...data } = world.data(merchant)
    const ask = (more: object) => link(token({ data: { ...data, ...more } }, merchant.secret))
    assert.equal((await ask({ companyUid: merchant.companyUid, currency: 'EUR' })).status, 201)
    assert.equal((await ask({ companyUid: merchant.companyUid, currency: 'USD' })).status, 401)
    assert.equal((await ask({ companyUid: merchant.companyUid })).status, 401)
  })

  it('allows clocks to differ by a minute and no more', async () => {
    const ask = (claims: object) => link(token({ data: world.data(merchant), ...claims }, merchant.secret))
    assert.equal((await ask({ exp: seconds() - 50 })).status, 201)
    assert.equal((await ask({ nbf: seconds() + 50 })).status, 201)
    const late = await ask({ exp: seconds() - 70 })
    assert.deepEqual([late.status, late.body.error.message], [401, 'The signature has expired'])
    assert.equal((await ask({ nbf: seconds() + 70 })).status, 401)
    assert.equal((await ask({ exp: '2099-01-01' })).status, 401)
  })

  it('refuses every token that is not the one way to say it, and keeps nothing', async () => {
    const data = world.data(merchant)
    const payload = JSON.stringify({ data })
    const good = raw(HEAD, payload)
    const [head, body, signature = ''] = good.split('.')
    const other = await world.merchant()
    const nobody = { ...data, merchantUid: `mer_${'0'.repeat(8)}-0000-7000-8000-000000000000` }
    const last = signature.at(-1) as string
    // The last character of 32 bytes has two bits to spare.
    const loose = signature.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1)
    const cases: Record<string, string> = {
      'without a signature': `${head}.${body}.`,
      'by nothing': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
      'by another algorithm': token({ data }, merchant.secret, { alg: 'HS512', typ: 'JWT' }),
      'by another case of it': token({ data }, merchant.secret, { alg: 'hs256' }),
      'with another secret': raw(HEAD, payload, 'guess'),
      "with another merchant's secret": raw(HEAD, payload, other.secret),
      'for a merchant that is not there': token({ data: nobody }, merchant.secret),
      'with crit': token({ data }, merchant.secret, { alg: 'HS256', crit: ['exp'] }),
      'with a duplicate member': raw(HEAD, payload.replace('{"data":{', '{"data":{"amountCents":1,')),
      'with data twice': raw(HEAD, `${payload.slice(0, -1)},"data":{}}`),
      'with alg twice': raw('{"alg":"none","alg":"HS256"}', payload),
      'in a looser base64url': `${head}.${body}.${loose}`,
      padded: `${head}.${body}.${signature}%3D`,
      'with a newline': `${head}.${body}.${signature}%0A`,
      'without data': token({ amountCents: 1 }, merchant.secret),
      'with data as text': token({ data: JSON.stringify(data) }, merchant.secret),
      'of two parts': `${head}.${body}`,
    }
    const count = async () => (await world.db.query('select from purchase')).length
    const before = await count()
    for (const [name, signed] of Object.entries(cases)) {
      const answer = await link(signed)
      assert.equal(answer.status, 401, `${name}: ${answer.text}`)
      assert.equal(answer.body.error.type, 'authentication_error', name)
    }
    assert.equal((await world.post('/api/purchase_link/')).status, 401)
    assert.equal((await world.post(`/api/purchase_link/?signature=${good}&signature=${good}`)).status, 400)
    assert.equal((await world.post('/api/purchase_link/', { signature: good })).status, 401, 'a body is not looked at')
    assert.equal(await count(), before)
    assert.equal((await link(good)).status, 201)
  })

  it('says of every parameter what is wrong with it', async () => {
    const cases: [object, string][] = [
      [{ amountCents: 0 }, 'amountCents'],
      [{ amountCents: -1 }, 'amountCents'],
      [{ amountCents: 10.5 }, 'amountCents'],
      [{ amountCents: '1000' }, 'amountCents'],
      [{ amountCents: 1e13 }, 'amountCents'],
      [{ reference: '' }, 'reference'],
      [{ reference: 'a\u0000b' }, 'data'],
      [{ reference: 'a\nb' }, 'reference'],
      [{ title: 'x'.repeat(256) }, 'title'],
      [{ email: 'nobody' }, 'email'],
      [{ firstName: undefined }, 'firstName'],
      [{ phoneNumber: '0612345678' }, 'phoneNumber'],
      [{ address: { country: 'France' } }, 'address.country'],
      [{ birthDate: '1990-02-30' }, 'birthDate'],
      [{ civility: 'Dr' }, 'civility'],
      [{ metadata: ['x'] }, 'metadata'],
      [{ currency: 'USD' }, 'currency'],
      [{ secondInstallmentPaymentDate: '01/02/2026' }, 'secondInstallmentPaymentDate'],
      [{ redirectUrl: 'javascript:alert(1)' }, 'redirectUrl'],
      [{ redirectUrl: '//evil.example' }, 'redirectUrl'],
      [{ redirectUrl: 'http://shop.example/' }, 'redirectUrl'],
      [{ redirectUrl: 'https://shop.example@evil.example/' }, 'redirectUrl'],
      [{ redirectUrl: 'https://shop.example\\@evil.example/' }, 'redirectUrl'],
      [{ cancelUrl: 'ftp://shop.example/' }, 'cancelUrl'],
      [{ paymentNotificationUrl: 'file:///etc/passwd' }, 'paymentNotificationUrl'],
    ]
    for (const [more, field] of cases) {
      const answer = await link(token({ data: world.data(merchant, more) }, merchant.secret))
      if (field === 'data') assert.equal(answer.status, 401)
      else {
        assert.equal(answer.status, 400, `${field}: ${answer.text}`)
        assert.ok(answer.body.error.fields[field], answer.text)
        assert.equal(answer.body.error.type, 'invalid_request_error')
      }
    }
  })

  it('takes every parameter of the documents, and leaves out those that it does not know', async () => {
    const address = { street: '1 rue X', city: 'Lyon', stateProvince: 'ARA', zipcode: '69001', country: 'FR' }
    const more = {
      subtitle: 'Oak',
      civility: 'Ms',
      phoneNumber: '+33612345678',
      address,
      shippingAddress: address,
      birthDate: '1990-02-28',
      birthCity: 'Lyon',
      birthZipcode: '69001',
      birthCountry: 'FR',
      metadata: { delivery_mode: 'post', products: [{ name: 'chair' }] },
      lang: 'fr_FR',
      currency: 'EUR',
      paymentNotificationUrl: 'https://shop.example/paid',
      errorNotificationUrl: 'https://shop.example/failed',
      showCloseButton: true,
    }
    assert.equal((await link(token({ data: world.data(merchant, more) }, merchant.secret))).status, 201)
  })

  it('mails the link where it is asked to, in the language of the purchase', async () => {
    const settings = { send_email: true, email: 'Somebody@shop.example', send_sms: false }
    const { url } = await world.link(merchant, { lang: 'fr', title: 'Deux chaises' }, settings)
    const { mailContext } = await import('../../../src/mail/mailer.ts')
    const { listMails } = await import('../../../src/storage/mail-outbox.ts')
    const [row] = await listMails(world.db, 1)
    assert.ok(row)
    const mail = JSON.parse(world.server.assembly.keyring.open(row.sealed, mailContext(row.id)))
    assert.equal(mail.to, 'somebody@shop.example')
    assert.match(mail.subject, /vous demande de payer 100,00/)
    assert.ok(mail.text.includes(url) && mail.text.includes('Deux chaises'))
    const sms = await link(
      token({ data: world.data(merchant), purchase_link_settings: { send_sms: true } }, merchant.secret),
    )
    assert.deepEqual([sms.status, Object.keys(sms.body.error.fields)], [400, ['send_sms']])
  })

  it('is refused for an amount and date that no plan fits', async () => {
    const { body } = await link(token({ data: world.data(await world.merchant({ plans: [] })) }, 'x'))
    assert.equal(body.error.type, 'authentication_error')
    const shop = await world.merchant({ plans: [{ name: 'in-3', kind: 'instalments', parts: 3, minAmount: '500' }] })
    const answer = await link(token({ data: world.data(shop) }, shop.secret))
    assert.deepEqual([answer.status, answer.body.error.type], [422, 'not_eligible'])
  })
})

it('whoever has seen a signature cannot fill the tables with it', async () => {
  const signed = (reference: string) => token({ data: world.data(merchant, { reference }) }, merchant.secret)
  const purchases = async (reference: string) =>
    (await world.db.query('select from purchase where reference = $1', [reference])).length
  for (const path of ['/api/purchase_link/', '/api/payment_by_transfer']) {
    const signature = signed(path)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => world.post(`${path}?x=${i}&signature=${signature}`)),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 30)
    const slowed = answers.filter(({ status }) => status === 429)
    assert.equal(slowed.length, 10)
    assert.ok(Number(slowed[0]?.headers['retry-after']) > 0)
    assert.equal(await purchases(path), 30)
    assert.equal((await world.post(`${path}?signature=${signed('another')}`)).status, 201, 'and nobody else is slowed')
  }
  // At the front one waits at a time: another begins when that one was cancelled, and so on.
  const path = `/purchase?signature=${signed('again and again')}`
  let last: string | string[] | undefined
  for (let i = 0; i < 32; i++) {
    last = (await world.get(path)).headers.location
    await world.db.query(
      `update purchase set state = 'cancelled', decisions = 1, decided_by = gen_random_uuid(), decided_at = created_at
       where reference = 'again and again' and state = 'created'`,
    )
  }
  assert.equal(await purchases('again and again'), 30)
  assert.match(String(last), /^http:\/\/127\.0\.0\.1:9\/basket\?pledg_error=/)
  await world.db.query("delete from purchase where reference = 'again and again'")
})

it('POST /api/payment_by_transfer answers with the purchase and where to confirm it', async () => {
  const data = world.data(merchant)
  const { status, body } = await world.post(`/api/payment_by_transfer?signature=${token({ data }, merchant.secret)}`)
  assert.equal(status, 201)
  assert.deepEqual([body.state, body.merchant_uid, body.amount_cents], ['created', merchant.uid, 10_000])
  assert.match(body.url, /\/checkout\//)
  assert.equal((await world.post('/api/payment_by_transfer')).status, 401)
})
