import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createWebWallet } from '#sdk/webwallet/client.ts'
import { WebWalletError } from '#sdk/webwallet/error.ts'
import type { WebWalletOptions } from '#sdk/webwallet/options.ts'
import type { Transaction } from '#sdk/webwallet/types.ts'
import type { WebWallet } from '#sdk/webwallet/web-wallet.ts'
import { setRefillPolicy } from '../../../src/operations/set-refill-policy.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../../support/server.ts'

const MERCHANT = 'shop:corner-cafe:USD'
const ADA = 'us:8301234567:USD'
const BEN = 'us:8301234568:USD'

let server: SandboxServer
let merchant: WebWallet
let ada: WebWallet
let ben: WebWallet

before(async () => {
  server = await startSandboxServer()
  merchant = walletsOf('merchant')
  ada = await walletsFor('Ada Moreno')
  ben = await walletsFor('Ben Moreno')
  const gateway = walletsOf('gateway')
  for (const target of [MERCHANT, ADA]) {
    await gateway.fund({ source: 'bank:gateway:USD', target, amount: '100.00', currency: 'USD' })
  }
})
after(() => server.stop())

/** A client of the sandbox, with answers that may get lost. */
function walletsOf(name: 'gateway' | 'merchant', changes: Partial<WebWalletOptions> = {}): WebWallet {
  const { client_id, client_secret, signing_secret } = server.sandbox.clients[name]
  return createWebWallet({
    url: server.url,
    issuer: PUBLIC_URL,
    clientId: client_id,
    clientSecret: client_secret,
    signingSecret: signing_secret,
    ...changes,
  })
}

/** A client of a person's own, which can do all that the person can. */
async function walletsFor(person: string, changes: Partial<WebWalletOptions> = {}): Promise<WebWallet> {
  const rows = await server.db.query<{ id: string }>('select id from party where name = $1', [person])
  const caller = await server.client([], { partyId: rows[0]?.id as string })
  return createWebWallet({
    url: server.url,
    issuer: PUBLIC_URL,
    clientId: caller.id,
    clientSecret: caller.clientSecret,
    signingSecret: caller.signingSecret as string,
    ...changes,
  })
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error) => (error instanceof WebWalletError ? error.code : String(error)),
  )

const usd = (amount: string) => ({ amount, currency: 'USD' })
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

describe('money, by the SDK', () => {
  it('charges a wallet, refunds half, and no more than all of it', async () => {
    const token = await ada.issueToken({
      operation: 'charges',
      source: ADA,
      target: MERCHANT,
      ...usd('10.00'),
      expiry: inAnHour(),
    })
    const charge = await merchant.charge({ source: ADA, target: MERCHANT, ...usd('10.00'), token: token.token })
    const half = { target: ADA, ...usd('5.00'), transaction: charge.reference, description: 'half' }
    const refund = await merchant.refund(half)
    assert.notEqual(refund.reference, charge.reference)
    assert.equal(await codeOf(merchant.refund({ ...half, amount: '5.01' })), 'refund-exceeds-original')
    await merchant.refund(half)
    assert.equal(await codeOf(merchant.refund({ ...half, amount: '0.01' })), 'refund-exceeds-original')
    assert.equal(await server.balance(ADA), 10_000n)
  })

  it('charges a wallet that its token reaches', async () => {
    const before = await server.balance(ADA)
    const receipt = await ada.charge({
      source: ADA,
      target: MERCHANT,
      ...usd('3.00'),
      details: { subtotal: 2, taxes: '1' },
    })
    assert.equal((await ada.transaction(ADA, receipt.reference)).endpoint, 'charges')
    assert.equal(before - (await server.balance(ADA)), 300n)
    assert.equal(await codeOf(merchant.charge({ source: ADA, target: MERCHANT, ...usd('3.00') })), 'wallet-not-allowed')
  })

  it('refills from the parent, as its policy allows', async () => {
    const ask = { target: BEN, ...usd('2.00') }
    await setPolicy(null)
    assert.equal(await codeOf(ben.refill(ask)), 'refill-policy-missing')
    await setPolicy({ perRefill: '5.00', perPeriod: '8.00', periodSeconds: 86_400 })
    const before = await server.balance(BEN)
    await ben.refill(ask)
    assert.equal((await server.balance(BEN)) - before, 200n)
    assert.equal(await codeOf(ben.refill({ ...ask, amount: '5.01' })), 'refill-cap-exceeded')
  })

  it('leaves clean books', () => server.assertClean())
})

async function setPolicy(policy: Parameters<typeof setRefillPolicy>[3] | null): Promise<void> {
  await setRefillPolicy(server.assembly, 'test', BEN, policy as never)
}

describe('invoices, by the SDK', () => {
  it('are sent, listed for both sides, read, and paid whole and once', async () => {
    const sent = await merchant.sendInvoice({
      target: ADA,
      ...usd('4.50'),
      expiry: inAnHour(),
      description: 'Two coffees',
      metadata: { table: 7 },
    })
    const invoice = await ada.invoice(ADA, sent.reference)
    assert.deepEqual(
      [invoice.issuer, invoice.debtor, invoice.amount, invoice.status, invoice.description],
      [MERCHANT, ADA, 4.5, 'open', 'Two coffees'],
    )
    const open = await ada.invoices(ADA, { status: 'open' })
    assert.deepEqual(
      open.invoices.map(({ reference }) => reference),
      [sent.reference],
    )
    const issued = await merchant.invoices(MERCHANT, { role: 'issuer', limit: 1 })
    assert.equal(issued.invoices[0]?.reference, sent.reference)

    assert.equal(await codeOf(ada.payInvoice({ ...invoice, amount: '4.49' })), 'invoice-amount-differs')
    const paid = await ada.payInvoice(invoice)
    assert.equal(await codeOf(ada.payInvoice(invoice)), 'invoice-settled')
    const after = await merchant.invoice(MERCHANT, sent.reference)
    assert.deepEqual([after.status, after.payment], ['paid', paid.reference])
  })

  it('are declined by the debtor, or taken back by the issuer', async () => {
    const send = () => merchant.sendInvoice({ target: ADA, issuer: MERCHANT, ...usd('1.00') })
    const [first, second] = [await send(), await send()]
    await ada.declineInvoice(ADA, first.reference)
    await merchant.cancelInvoice(MERCHANT, second.reference)
    assert.equal((await ada.invoice(ADA, first.reference)).status, 'declined')
    assert.equal((await ada.invoice(ADA, second.reference)).status, 'cancelled')
    assert.equal(await codeOf(merchant.declineInvoice(MERCHANT, second.reference)), 'invoice-not-found')
    const page = await ada.invoices(ADA, { limit: 2 })
    assert.equal(page.invoices.length, 2)
    const rest = await ada.invoices(ADA, { after: page.next as string })
    assert.deepEqual([rest.invoices.length, rest.next], [1, null])
  })

  it('sixteen payments of one invoice pay it once', async () => {
    const { reference } = await merchant.sendInvoice({ target: ADA, ...usd('2.00') })
    const invoice = await ada.invoice(ADA, reference)
    const codes = await Promise.all(Array.from({ length: 16 }, () => codeOf(ada.payInvoice(invoice))))
    assert.deepEqual(codes.sort(), [...Array(15).fill('invoice-settled'), 'no error'].sort())
  })

  it('leave clean books', () => server.assertClean())
})

describe('transaction tokens, by the SDK', () => {
  const toCharge = (changes: object = {}) =>
    ada.issueToken({ operation: 'charges', source: ADA, ...usd('1.25'), expiry: inAnHour(), ...changes })

  it('are checked without asking the server, and say what they allow', async () => {
    const { token, reference } = await toCharge({ target: MERCHANT, description: 'Tea' })
    const claims = await merchant.checkToken(token, { audience: MERCHANT })
    assert.deepEqual(
      [claims.jti, claims.sub, claims.aud, claims.source, claims.target, claims.amount, claims.description],
      [reference, ADA, MERCHANT, ADA, MERCHANT, '1.25', 'Tea'],
    )
    assert.ok(claims.exp * 1000 > Date.now())
    const opaque = (await merchant.wallet(MERCHANT)).opaqueId
    await merchant.checkToken(token, { audience: opaque })
    assert.equal(await codeOf(merchant.checkToken(token, { audience: BEN })), 'transaction-token-refused')
  })

  it('are used by whom they are for, once of sixteen times', async () => {
    const { token, reference } = await toCharge({ target: MERCHANT, metadata: { table: 3 } })
    assert.equal(await codeOf(ben.redeemToken(token, BEN)), 'token-audience-differs')
    const before = await server.balance(ADA)
    const codes = await Promise.all(Array.from({ length: 16 }, () => codeOf(merchant.redeemToken(token, MERCHANT))))
    assert.deepEqual(codes.sort(), [...Array(15).fill('token-used'), 'no error'].sort())
    assert.equal(before - (await server.balance(ADA)), 125n)
    const listed = (await ada.tokens(ADA, { limit: 5 })).tokens.find(({ id }) => id === reference)
    assert.equal(listed?.status, 'used')
    const used = await ada.transaction(ADA, listed?.transaction as string)
    assert.deepEqual(used.metadata, { table: 3 })
  })

  it('leave the other side open, and are taken back', async () => {
    const forAnyone = await toCharge({ audience: '*' })
    const before = await server.balance(BEN)
    await ben.redeemToken(forAnyone.token, BEN)
    assert.equal((await server.balance(BEN)) - before, 125n)

    const regretted = await toCharge({ audience: '*' })
    await ada.revokeToken(ADA, regretted.reference)
    assert.equal(await codeOf(ben.redeemToken(regretted.token, BEN)), 'token-used')
  })

  it('ask for a payment, too', async () => {
    const { token } = await merchant.issueToken({
      operation: 'payments',
      target: MERCHANT,
      source: ADA,
      ...usd('0.75'),
      expiry: inAnHour(),
    })
    const before = await server.balance(MERCHANT)
    await ada.redeemToken(token, ADA)
    assert.equal((await server.balance(MERCHANT)) - before, 75n)
  })

  it('are refused when anything about them is wrong', async () => {
    const { token } = await toCharge({ target: MERCHANT })
    const [header = '', claims = '', signature = ''] = token.split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const wrong: Record<string, string> = {
      'another amount': `${header}.${encode({ ...read(claims), amount: '9.99' })}.${signature}`,
      'no signature': `${header}.${claims}.`,
      'alg none': `${encode({ ...read(header), alg: 'none' })}.${claims}.`,
      'an unknown key': `${encode({ ...read(header), kid: 'other' })}.${claims}.${signature}`,
      'another type': `${encode({ ...read(header), typ: 'at+jwt' })}.${claims}.${signature}`,
      'a critical extension': `${encode({ ...read(header), crit: ['x'] })}.${claims}.${signature}`,
      'a second spelling of the signature': `${token.slice(0, -1)}${token.at(-1) === 'B' ? 'C' : 'B'}`,
      'no JWT': 'hello',
    }
    for (const [name, forged] of Object.entries(wrong)) {
      assert.equal(await codeOf(merchant.checkToken(forged)), 'transaction-token-refused', name)
    }
    const access = server.token({ clientId: server.sandbox.clients.merchant.client_id, subject: 'x' })
    assert.equal(await codeOf(merchant.checkToken(access)), 'transaction-token-refused')
    const later = walletsOf('merchant', { clock: () => Date.now() + 3_700_000 })
    assert.equal(await codeOf(later.checkToken(token)), 'transaction-token-refused')
    const elsewhere = walletsOf('merchant', { issuer: 'https://other.example' })
    assert.equal(await codeOf(elsewhere.checkToken(token)), 'transaction-token-refused')
  })

  it('leave clean books', () => server.assertClean())
})

describe('history, by the SDK', () => {
  const collect = async (lines: AsyncIterable<Transaction>) => {
    const references: string[] = []
    for await (const { reference } of lines) references.push(reference)
    return references
  }

  it('is read to its end over many pages, and narrowed', async () => {
    const all = await collect(ada.transactions(ADA))
    assert.ok(all.length > 8)
    assert.deepEqual(await collect(ada.transactions(ADA, { limit: 3 })), all)
    assert.equal(new Set(all).size, all.length)
    const charges: Transaction[] = []
    for await (const line of ada.transactions(ADA, { endpoint: 'charges', limit: 2 })) charges.push(line)
    assert.ok(charges.length > 1)
    assert.ok(charges.every(({ endpoint }) => endpoint === 'charges'))
    const since = charges[1]?.timestamp as string
    const recent = await collect(ada.transactions(ADA, { from: since }))
    assert.deepEqual(recent, all.slice(0, recent.length))
    assert.deepEqual(await collect(ada.transactions(ADA, { to: since })), all.slice(recent.length))
    const withBen = await collect(ada.transactions(ADA, { counterparty: BEN }))
    assert.ok(withBen.length > 0 && withBen.length < all.length)
    assert.deepEqual(await collect(ada.transactions(ADA, { reference: all[2] })), [all[2]])
  })

  it('stops asking when its reader stops', async () => {
    let asked = 0
    const watched = await walletsFor('Ada Moreno', {
      fetch: (input, init) => {
        if (String(input).includes('/transactions')) asked += 1
        return fetch(input, init)
      },
    })
    for await (const line of watched.transactions(ADA, { limit: 2 })) {
      assert.ok(line.reference)
      break
    }
    assert.equal(asked, 1)
  })
})

describe('a lost answer, by the SDK', () => {
  const once = (path: string) => {
    let lost = false
    const keys: (string | null)[] = []
    const lossy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!String(input).includes(path)) return response
      keys.push(new Headers(init?.headers).get('idempotency-key'))
      if (lost) return response
      lost = true
      await response.arrayBuffer()
      throw new TypeError('the answer was lost')
    }
    return { keys, options: { fetch: lossy, retry: { delay: 1 } } }
  }

  const transactions = async () => {
    const rows = await server.db.query<{ count: number }>('select count(*)::int as count from transaction')
    return rows[0]?.count as number
  }

  it('is asked for again under the same key, by every method that changes something', async () => {
    const payment = await ada.pay({ target: MERCHANT, ...usd('1.00') })
    const invoice = await merchant.sendInvoice({ target: ADA, ...usd('1.00') })
    const handed = await ada.issueToken({
      operation: 'charges',
      source: ADA,
      ...usd('1.00'),
      audience: '*',
      expiry: inAnHour(),
    })
    const calls: Record<string, (options: Partial<WebWalletOptions>) => Promise<unknown>> = {
      '/payments': (options) => walletsOf('merchant', options).pay({ target: ADA, ...usd('1.00') }),
      '/refunds': (options) =>
        walletsOf('merchant', options).refund({ target: ADA, ...usd('0.40'), transaction: payment.reference }),
      '/invoices': (options) => walletsOf('merchant', options).sendInvoice({ target: ADA, ...usd('1.00') }),
      '/cancel': (options) => walletsOf('merchant', options).cancelInvoice(MERCHANT, invoice.reference),
      '/charges': (options) => walletsOf('merchant', options).redeemToken(handed.token, MERCHANT),
      '/refills': async (options) => (await walletsFor('Ben Moreno', options)).refill({ target: BEN, ...usd('0.10') }),
    }
    for (const [path, call] of Object.entries(calls)) {
      const { keys, options } = once(path)
      const before = await transactions()
      await call(options)
      assert.equal(keys.length, 2, path)
      assert.ok(keys[0] && keys[0] === keys[1], path)
      assert.equal((await transactions()) - before, 1, path)
    }
  })
})

describe('a public client, by the SDK', () => {
  it('neither signs nor gets signatures, and moves money all the same', async () => {
    const rows = await server.db.query<{ id: string }>("select id from party where name = 'Ada Moreno'")
    const caller = await server.client([], { partyId: rows[0]?.id as string, public: true })
    const tokens = { get: async () => ({ value: caller.token, dpop: null }), drop() {} }
    const wallets = createWebWallet({ url: server.url, tokens })
    const receipt = await wallets.pay({ target: MERCHANT, ...usd('0.50') })
    assert.equal(receipt.success, true)
    assert.equal(await codeOf(wallets.pay({ target: MERCHANT, ...usd('100000.00') })), 'unavailable-funds')
  })

  it('talks over TLS, or to its own machine', () => {
    const tokens = { get: async () => ({ value: 't', dpop: null }), drop() {} }
    assert.throws(() => createWebWallet({ url: 'http://wallets.example', tokens }), TypeError)
    assert.throws(() => createWebWallet({ url: 'http://127.0.0.1.example', tokens }), TypeError)
    for (const url of ['https://wallets.example', 'http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1']) {
      createWebWallet({ url, tokens })
    }
  })

  it('is not what a client without its signing secret becomes', async () => {
    const { client_id, client_secret } = server.sandbox.clients.merchant
    const wallets = createWebWallet({ url: server.url, clientId: client_id, clientSecret: client_secret })
    assert.equal(await codeOf(wallets.balance(MERCHANT)), 'answer-signature-unverifiable')
  })
})
