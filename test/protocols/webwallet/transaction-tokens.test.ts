import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signTransactionToken, type TransactionTokenClaims } from '../../../src/credentials/transaction-token.ts'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, canonical, mac, opened, refused, send } from '../../support/wallet-client.ts'
import { CALLERS, chargeOf, footprint, give, granted, many, paymentTo, refusal, tally } from './money.ts'

let server: SandboxServer
let shop: Caller & { partyId: string }
let owner: Caller & { partyId: string }
let stranger: Caller & { partyId: string }

before(async () => {
  server = await startSandboxServer()
  shop = await server.client(['stall:one:USD', 'stall:two:USD'])
  owner = await server.client(['own:one:USD', 'own:two:USD'])
  stranger = await server.client([{ id: 'far:one:USD', lower: '-100.00' }])
  await give(server, 'own:one:USD', 1_000)
})
after(() => server.stop())

const soon = (ms = 60_000) => new Date(Date.now() + ms).toISOString()
const asking = (more: object = {}) => ({
  endpoint: 'transactions',
  operation: 'charges',
  source: 'own:one:USD',
  target: 'stall:one:USD',
  amount: 5,
  currency: 'USD',
  expiry: soon(),
  ...more,
})
const issue = async (more: object = {}): Promise<string> =>
  (await owner.done('/own:one:USD/transactions', asking(more))).token
const claimsOf = (token: string): TransactionTokenClaims =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
const charging = (token: string | undefined, more: object = {}) =>
  chargeOf('own:one:USD', 'stall:one:USD', 5, { token, ...more })
const charge = (token: string, more: object = {}, caller: Caller = shop) =>
  caller.post('/own:one:USD/charges', charging(token, more))

/** A charge with the transaction token as the bearer, signed by a client that the header names. */
function present(
  token: string,
  payload: object,
  header: object = { alg: 'hs256', kid: shop.id },
  secret = shop.signingSecret as string,
) {
  const body = JSON.stringify({ header, payload, signature: mac(secret, canonical(payload)) })
  return send(server.url, '/own:one:USD/charges', {
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
}

describe('a transaction token', () => {
  it('says what it is for, signed with a key of the server that anyone can look up', async () => {
    const active = soon(-1_000)
    const request = asking({
      amount: '5.00',
      details: { subtotal: 5 },
      description: 'two lamps',
      metadata: { order: 7 },
      active,
    })
    const { timestamp, reference, success, token, ...echo } = await owner.done('/own:one:USD/transactions', request)
    assert.deepEqual(echo, request)
    assert.ok(success && timestamp)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { alg, typ, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    assert.deepEqual([alg, typ], ['ES256', 'transaction+jwt'])
    const { body: jwks } = await send(server.url, '/oauth/jwks')
    const jwk = jwks.keys.find((key: { kid: string }) => key.kid === kid)
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    assert.ok(
      verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    )
    const { iss, iat, exp, nbf, ...claims } = claimsOf(token)
    assert.deepEqual(claims, {
      sub: 'own:one:USD',
      aud: 'stall:one:USD',
      endpoint: 'charges',
      source: 'own:one:USD',
      target: 'stall:one:USD',
      amount: '5.00',
      currency: 'USD',
      details: { subtotal: 5 },
      description: 'two lamps',
      metadata: { order: 7 },
      jti: reference,
    })
    assert.equal(iss, 'http://billfold.example')
    assert.equal(exp, Math.floor(Date.parse(request.expiry) / 1000))
    assert.equal(nbf, Math.floor(Date.parse(active) / 1000))
    assert.ok(Math.abs(iat - Date.now() / 1000) < 5)
  })

  it('is issued once for a key', async () => {
    const answers = await many(
      () => owner.post('/own:one:USD/transactions', asking({ nonce: 'token-1', expiry: '2099-01-01T00:00:00Z' })),
      4,
    )
    assert.deepEqual(tally(answers, owner.signingSecret), { '422 token-lifetime-invalid': 4 })
    const request = asking({ nonce: 'token-1' })
    const again = await many(() => owner.post('/own:one:USD/transactions', request), 16)
    assert.equal(new Set(again.map(({ text }) => text)).size, 1)
    assert.equal(again[0]?.status, 200)
  })

  it('is issued by who may charge the source, or be paid into the target, only', async () => {
    const refuse = (caller: Caller, payload: object, path = '/own:one:USD/transactions') =>
      refusal(server, caller, path, payload)
    assert.equal(await refuse(shop, asking()), '403 wallet-not-allowed')
    const reader = await granted(server, shop, owner.partyId, ['own:one:USD'], ['transactions', 'balance', 'payments'])
    assert.equal(await refuse(reader, asking()), '403 insufficient-scope')
    const charger = await granted(server, shop, owner.partyId, ['own:one:USD'], ['charges'])
    assert.equal(await refuse(charger, asking()), '403 insufficient-scope')
    assert.equal(await refuse(owner, asking({ source: 'own:two:USD' })), '422 route-mismatch')
    assert.equal(await refuse(owner, asking({ source: undefined })), '400 payload-invalid')
    assert.equal(await refuse(owner, asking({ operation: 'payments' })), '422 route-mismatch')
    assert.equal(await refuse(owner, asking({ operation: 'refunds' })), '400 payload-invalid')
    assert.equal(await refuse(owner, asking({ target: 'own:one:USD' })), '422 same-wallet')
    assert.equal(await refuse(owner, asking({ target: 'nobody:one:USD' })), '404 wallet-not-found')
    assert.equal(await refuse(owner, asking({ target: 'be:412345678:EUR' })), '422 currency-mismatch')
    assert.equal(await refuse(owner, asking({ details: { subtotal: 1 } })), '422 details-sum-differs')
    assert.equal(await refuse(owner, asking({ expiry: undefined })), '400 payload-invalid')
    assert.equal(await refuse(owner, asking({ expiry: 'soon' })), '400 payload-invalid')
    assert.equal(await refuse(owner, asking({ expiry: soon(-1_000) })), '422 expiry-passed')
    assert.equal(await refuse(owner, asking({ active: soon(90_000) })), '422 expiry-passed')
    assert.equal(await refuse(owner, asking({ expiry: soon(8 * 86_400_000) })), '422 token-lifetime-invalid')
  })
})

describe('a charge by a transaction token', () => {
  it('is made by the audience with its own access token, and nothing else is needed of the source', async () => {
    const token = await issue()
    const [before, shops] = [await server.balance('own:one:USD'), await server.balance('stall:one:USD')]
    const done = opened(await charge(token), shop.signingSecret)
    assert.equal(done.success, true)
    assert.equal(await server.balance('own:one:USD'), before - 500n)
    assert.equal(await server.balance('stall:one:USD'), shops + 500n)
    const seen = opened(await owner.get(`/own:one:USD/transactions/${done.reference}`), owner.signingSecret).transaction
    assert.deepEqual([seen.endpoint, seen.token], ['charges', claimsOf(token).jti])
    assert.equal(refused(await charge(token), shop.signingSecret), '409 token-used')
  })

  it('or by an envelope that a client of the audience signs, with the token as the bearer', async () => {
    const token = await issue()
    const before = await server.balance('own:one:USD')
    const answer = await present(token, charging(undefined, { nonce: 'bearer-1' }))
    assert.equal(opened(answer, shop.signingSecret).success, true)
    assert.equal(await server.balance('own:one:USD'), before - 500n)
    const again = await present(token, charging(undefined, { nonce: 'bearer-1' }))
    assert.equal(again.text, answer.text)
    assert.equal(refused(await present(token, charging(undefined)), shop.signingSecret), '409 token-used')
  })

  it('is not made by anybody else', async () => {
    const token = await issue()
    const before = await footprint(server)
    const wrong: [Promise<{ status: number }>, string, string | null][] = [
      [charge(token, {}, stranger), '403 token-audience-differs', stranger.signingSecret],
      [charge(token, {}, owner), '403 token-audience-differs', owner.signingSecret],
      [
        present(token, charging(undefined), { alg: 'hs256', kid: stranger.id }, stranger.signingSecret as string),
        '403 token-audience-differs',
        stranger.signingSecret,
      ],
      [
        present(token, charging(undefined), { alg: 'hs256', kid: shop.id }, stranger.signingSecret as string),
        '403 presenter-unproven',
        null,
      ],
      [present(token, charging(undefined), { alg: 'hs256', kid: 'nobody' }), '403 presenter-unproven', null],
      [present(token, charging(undefined), { alg: 'hs256' }), '403 presenter-unproven', null],
      [present(token, charging(undefined), { alg: 'none', kid: shop.id }), '400 envelope-algorithm-refused', null],
      [present(token, charging(token)), '422 token-given-twice', shop.signingSecret],
    ]
    for (const [answer, code, secret] of wrong) assert.equal(refused((await answer) as never, secret), code)
    const unsigned = await send(server.url, '/own:one:USD/charges', {
      body: JSON.stringify({ payload: charging(undefined) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    assert.equal(refused(unsigned, null), '403 presenter-unproven')
    assert.equal(await footprint(server), before)
    assert.equal((await charge(token)).status, 200)
  })

  it('does what the token says and nothing else', async () => {
    const token = await issue({ description: 'two lamps', metadata: { order: 7 }, details: { subtotal: 5 } })
    const good = { description: 'two lamps', metadata: { order: 7 }, details: { subtotal: 5 } }
    const refuse = (more: object, path = '/own:one:USD/charges') =>
      refusal(server, shop, path, charging(token, { ...good, ...more }))
    assert.equal(await refuse({ amount: 4, details: { subtotal: 4 } }), '422 token-terms-differ')
    assert.equal(await refuse({ amount: '5.01', details: { subtotal: 5.01 } }), '422 token-terms-differ')
    assert.equal(await refuse({ target: 'stall:two:USD' }), '422 token-terms-differ')
    assert.equal(await refuse({ source: 'own:two:USD' }, '/own:two:USD/charges'), '422 token-terms-differ')
    assert.equal(await refuse({ description: 'three lamps' }), '422 token-terms-differ')
    assert.equal(await refuse({ description: undefined }), '422 token-terms-differ')
    assert.equal(await refuse({ metadata: { order: 8 } }), '422 token-terms-differ')
    assert.equal(await refuse({ details: undefined }), '422 token-terms-differ')
    const paying = { ...paymentTo('stall:two:USD', 5, good), token }
    assert.equal(await refusal(server, shop, '/stall:one:USD/payments', paying), '422 token-terms-differ')
    // The value counts, not its spelling, nor how a wallet is named.
    const spelt = { amount: '5.00', source: opaqueWalletId('own:one:USD'), target: opaqueWalletId('stall:one:USD') }
    assert.equal((await charge(token, { ...good, ...spelt })).status, 200)
  })

  it('needs the scope, and a token of this server that nobody altered', async () => {
    const token = await issue()
    const narrow = await granted(server, shop, shop.partyId, ['stall:one:USD'], ['payments', 'transactions'])
    assert.equal(await refusal(server, narrow, '/own:one:USD/charges', charging(token)), '403 insufficient-scope')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const richer = Buffer.from(JSON.stringify({ ...claimsOf(token), amount: 500 })).toString('base64url')
    const { keys } = server.tokens
    const signed = (changes: object) => signTransactionToken(keys.signer(), { ...claimsOf(token), ...changes })
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = signature.slice(0, -1) + last[last.indexOf(signature.at(-1) as string) | 1]
    for (const bad of [
      `${header}.${richer}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.x`,
      `${header}.${payload}.${twin === signature ? `${signature}=` : twin}`,
      `${Buffer.from('{"alg":"none","typ":"transaction+jwt"}').toString('base64url')}.${payload}.`,
      `${Buffer.from('{"alg":"HS256","typ":"transaction+jwt"}').toString('base64url')}.${payload}.${signature}`,
      shop.token,
      '',
      'x',
      // Of ours, but of no record: as after a restore of an older backup.
      signed({ jti: '00000000-0000-7000-8000-000000000000' }),
      signed({ jti: 'x' }),
      signed({ iss: 'https://elsewhere.example' }),
      signed({ sub: 'own:two:USD' }),
    ])
      assert.equal(await refusal(server, shop, '/own:one:USD/charges', charging(bad)), '403 token-invalid', bad)
    assert.equal((await charge(token)).status, 200)
  })

  it(`goes through once, when ${CALLERS} try at the same moment`, async () => {
    for (let round = 0; round < 3; round++) {
      const token = await issue()
      const before = await server.balance('own:one:USD')
      const answers = await many((i) =>
        i % 4 === 0 ? present(token, charging(undefined)) : charge(token, i % 2 ? { nonce: `use-${round}-${i}` } : {}),
      )
      assert.deepEqual(tally(answers, shop.signingSecret), { '200 true': 1, '409 token-used': CALLERS - 1 })
      assert.equal(await server.balance('own:one:USD'), before - 500n)
    }
  })

  it('comes in time, or moves nothing; its key keeps the answer for ever', async () => {
    const token = await issue({ expiry: soon(2_500) })
    const late = await issue({ expiry: soon(2_500) })
    const early = await issue({ active: soon(30_000) })
    const first = await charge(token, { nonce: 'in-time' })
    assert.equal(first.status, 200)
    assert.equal(refused(await charge(early), shop.signingSecret), '422 token-not-active')
    await delay(2_600)
    assert.equal((await charge(token, { nonce: 'in-time' })).text, first.text)
    assert.equal(refused(await charge(late), shop.signingSecret), '422 token-expired')
  })

  it('may be for anyone: then the presenter is paid, and nobody else', async () => {
    const token = await issue({ target: undefined })
    assert.deepEqual([claimsOf(token).aud, claimsOf(token).target], ['*', '*'])
    const mine = chargeOf('own:one:USD', 'far:one:USD', 5, { token })
    assert.equal(await refusal(server, shop, '/own:one:USD/charges', mine), '403 token-audience-differs')
    assert.equal(
      refused(await present(token, chargeOf('own:one:USD', 'far:one:USD', 5)), shop.signingSecret),
      '403 token-audience-differs',
    )
    assert.equal((await stranger.post('/own:one:USD/charges', mine)).status, 200)
    const open = await issue({ audience: '*' })
    assert.equal(claimsOf(open).aud, '*')
    // Whoever brings it, the money goes where it says.
    assert.equal((await charge(open, {}, stranger)).status, 200)
    const agent = await issue({ audience: 'far:one:USD' })
    assert.equal(refused(await charge(agent), shop.signingSecret), '403 token-audience-differs')
    assert.equal((await charge(agent, {}, stranger)).status, 200)
  })
})

describe('a payment by a transaction token', () => {
  const requesting = (more: object = {}) => ({
    endpoint: 'transactions',
    operation: 'payments',
    target: 'stall:one:USD',
    amount: 3,
    currency: 'USD',
    expiry: soon(),
    ...more,
  })
  const request = async (more: object = {}) =>
    (await shop.done('/stall:one:USD/transactions', requesting(more))).token as string

  it('is asked for by the payee, and made by the payer with its own token', async () => {
    const token = await request({ source: 'own:one:USD', description: 'a lamp' })
    const { sub, aud, source, target } = claimsOf(token)
    assert.deepEqual([sub, aud, source, target], ['stall:one:USD', 'own:one:USD', 'own:one:USD', 'stall:one:USD'])
    const paying = paymentTo('stall:one:USD', 3, { token, description: 'a lamp' })
    assert.equal(await refusal(server, stranger, '/far:one:USD/payments', paying), '403 token-audience-differs')
    assert.equal(await refusal(server, owner, '/own:two:USD/payments', paying), '422 token-terms-differ')
    assert.equal(
      await refusal(server, owner, '/own:one:USD/payments', { ...paying, amount: 2 }),
      '422 token-terms-differ',
    )
    assert.equal((await owner.post('/own:one:USD/payments', paying)).status, 200)
    assert.equal(refused(await owner.post('/own:one:USD/payments', paying), owner.signingSecret), '409 token-used')
  })

  it('may be made by anyone, once, and pays the invoice that it names', async () => {
    const { reference: invoice } = await shop.done('/own:one:USD/invoices', {
      ...paymentTo('own:one:USD', 3, { endpoint: 'invoices' }),
      issuer: 'stall:one:USD',
    })
    const token = await request({ metadata: { invoice } })
    const paying = paymentTo('stall:one:USD', 3, { token, metadata: { invoice } })
    assert.equal(await refusal(server, stranger, '/far:one:USD/payments', paying), '422 invoice-payer-differs')
    const answers = await many(() => owner.post('/own:one:USD/payments', paying))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const seen = opened(await shop.get(`/stall:one:USD/invoices/${invoice}`), shop.signingSecret).invoice
    assert.equal(seen.status, 'paid')
  })

  it('is not made with the transaction token as the bearer: a signing secret alone debits nobody', async () => {
    const token = await request({ source: 'own:one:USD' })
    const payload = paymentTo('stall:one:USD', 3)
    const before = await footprint(server)
    const answer = await send(server.url, '/own:one:USD/payments', {
      body: JSON.stringify({
        header: { alg: 'hs256', kid: owner.id },
        payload,
        signature: mac(owner.signingSecret as string, canonical(payload)),
      }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    assert.equal(refused(answer, null), '401 invalid-token')
    assert.equal(await footprint(server), before)
  })

  it('is no way around the scopes: a payee that may not charge gets no charge token', async () => {
    const token = await request()
    assert.equal(
      await refusal(server, shop, '/own:one:USD/charges', charging(token, { amount: 3 })),
      '422 token-terms-differ',
    )
  })
})

describe('who has consented', () => {
  it('sees its tokens, and takes back one that was not used', async () => {
    const fresh = await server.client([{ id: 'list:one:USD', lower: '-50.00' }])
    const issued: { reference: string; token: string }[] = []
    for (let i = 0; i < 5; i++)
      issued.unshift(
        await fresh.done(
          '/list:one:USD/transactions',
          asking({ source: 'list:one:USD', amount: i + 1, description: `nr ${i}` }),
        ),
      )
    const [revoked, used] = [issued[1], issued[3]] as [
      { reference: string; token: string },
      { reference: string; token: string },
    ]
    const path = `/list:one:USD/tokens/${revoked.reference}/revoke`
    const revoking = { endpoint: 'tokens/revoke', token: revoked.reference }
    assert.equal(
      await refusal(server, owner, `/own:one:USD/tokens/${revoked.reference}/revoke`, revoking),
      '404 token-not-found',
    )
    assert.equal(await refusal(server, shop, path, revoking), '403 wallet-not-allowed')
    assert.equal(await refusal(server, fresh, path, { ...revoking, token: used.reference }), '422 route-mismatch')
    await fresh.done(path, revoking)
    assert.equal(await refusal(server, fresh, path, revoking), '409 token-used')
    const using = (token: string, amount: number, i: number) =>
      shop.post(
        '/list:one:USD/charges',
        chargeOf('list:one:USD', 'stall:one:USD', amount, { token, description: `nr ${i}` }),
      )
    assert.equal(refused(await using(revoked.token, 4, 3), shop.signingSecret), '409 token-used')
    const done = opened(await using(used.token, 2, 1), shop.signingSecret)
    assert.equal(
      await refusal(server, fresh, `/list:one:USD/tokens/${used.reference}/revoke`, {
        ...revoking,
        token: used.reference,
      }),
      '409 token-used',
    )

    const seen: { id: string; status: string; transaction: string | null }[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { tokens: typeof seen; next: string | null } = opened(
        await fresh.get(`/list:one:USD/tokens?limit=2${cursor && `&cursor=${cursor}`}`),
        fresh.signingSecret,
      )
      seen.push(...page.tokens)
      cursor = page.next
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      issued.map(({ reference }) => reference),
    )
    assert.deepEqual(
      seen.map(({ status }) => status),
      ['open', 'revoked', 'open', 'used', 'open'],
    )
    assert.deepEqual(
      seen.map(({ transaction }) => transaction),
      [null, null, null, done.reference, null],
    )
  })

  it('takes it back before it is used, or finds that it was: never both', async () => {
    for (let round = 0; round < 3; round++) {
      const token = await issue()
      const { jti } = claimsOf(token)
      const before = await server.balance('own:one:USD')
      const answers = await many((i) =>
        i % 2
          ? charge(token)
          : owner.post(`/own:one:USD/tokens/${jti}/revoke`, { endpoint: 'tokens/revoke', token: jti }),
      )
      const done = answers.filter(({ status }) => status === 200)
      assert.equal(done.length, 1)
      const charged = done[0]?.body.payload.endpoint === 'charges'
      assert.equal(await server.balance('own:one:USD'), before - (charged ? 500n : 0n))
    }
  })
})

it('the books are clean after all of it', () => server.assertClean())
