import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { changeEndpoint } from '../../../src/operations/webhooks/change-endpoint.ts'
import { tellExpiredInvoices } from '../../../src/operations/webhooks/tell-expired-invoices.ts'
import { tellWallets } from '../../../src/operations/webhooks/tell-wallets.ts'
import { give, many, paymentTo } from '../../protocols/webwallet/money.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import type { Caller } from '../../support/wallet-client.ts'
import { listen, type Told } from './world.ts'

describe('what is told of wallets and invoices', { timeout: 100_000 }, () => {
  let server: SandboxServer
  let ear: ReturnType<typeof listen>
  let shop: Caller & { partyId: string }
  /** who makes out invoices: its one wallet is the issuer */
  let stall: Caller & { partyId: string }
  before(async () => {
    server = await startSandboxServer()
    const { keyring } = server.assembly
    ear = listen({ db: server.db, keyring })
    shop = await server.client(['desk:one:USD', { id: 'desk:two:USD', lower: '-10000.00' }])
    stall = await server.client(['stall:one:USD'])
  })
  after(async () => {
    await server.assertClean()
    await server.stop()
  })
  /** Addresses where nobody is: what the running server sends stays in the table. */
  const endpoint = (partyId: string, topics: string[]) => ear.endpoint(partyId, topics, 'https://127.0.0.1:9/x')
  const moneyOf = (events: Told[]) =>
    events.map(({ type, data }) => [type, data.sequence, data.kind, data.amount, data.balance, data.counterparty])

  test('each entry is told from the moment when the endpoint began, in the order of the account', async () => {
    await give(server, 'desk:one:USD', '100.00')
    const { id } = await endpoint(shop.partyId, ['wallet.credited', 'wallet.debited'])
    await shop.done('/desk:one:USD/payments', paymentTo('desk:two:USD', '7.50', { description: 'two lamps' }))
    await give(server, 'desk:one:USD', '0.01')
    await ear.tell()
    const told = await ear.told(id)
    assert.deepEqual(moneyOf(told.filter(({ data }) => data.wallet === 'desk:one:USD')), [
      ['wallet.debited', 2, 'payments', '7.50', '92.50', 'desk:two:USD'],
      ['wallet.credited', 3, 'funds', '0.01', '92.51', 'bank:gateway:USD'],
    ])
    const [debit] = told
    assert.deepEqual(
      [debit?.data.description, debit?.data.currency, debit?.data.object],
      ['two lamps', 'USD', 'wallet:desk:one:USD'],
    )
    assert.match(debit?.timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    await ear.tell()
    assert.equal((await ear.told(id)).length, told.length)
  })

  test('400 payments and 16 tellers at once: every entry once, without a gap', async () => {
    const { id } = await endpoint(shop.partyId, ['wallet.*'])
    const done = many(
      (i) => shop.done('/desk:two:USD/payments', paymentTo('desk:one:USD', i % 7 === 0 ? '0.02' : '0.01')),
      400,
    )
    const { db } = server.assembly
    let over = false
    const tellers = many(async () => {
      while (!over) await tellWallets({ db })
    }, 16)
    await done
    over = true
    await tellers
    await ear.tell()
    const told = (await ear.told(id)).filter(({ data }) => data.wallet === 'desk:two:USD')
    assert.equal(told.length, 400)
    const first = told[0]?.data.sequence as number
    assert.deepEqual(
      told.map(({ data }) => data.sequence),
      Array.from({ length: 400 }, (_, i) => first + i),
    )
  })

  test('a wallet that is opened later is told from its opening on, and changes of limits with it', async () => {
    const { id } = await endpoint(shop.partyId, ['wallet.*'])
    await server.open(shop.partyId, { id: 'desk:new:JPY', upper: '5000' })
    await give(server, 'desk:new:JPY', '1200')
    await server.change('desk:new:JPY', { status: 'frozen' })
    await ear.tell()
    const told = (await ear.told(id)).filter(({ data }) => data.wallet === 'desk:new:JPY')
    assert.deepEqual(
      told.map(({ type, data }) => [type, data.object, data.sequence, data.status ?? data.amount]),
      [
        ['wallet.opened', 'terms:desk:new:JPY', 1, 'open'],
        ['wallet.changed', 'terms:desk:new:JPY', 2, 'frozen'],
        ['wallet.credited', 'wallet:desk:new:JPY', 1, '1200'],
      ],
    )
    assert.equal(told[0]?.data.upper, '5000')
  })

  test('what happens while an endpoint is disabled, or wants nothing of wallets, is never told', async () => {
    const { id } = await endpoint(shop.partyId, ['*'])
    const pay = (amount: string) => shop.done('/desk:two:USD/payments', paymentTo('desk:one:USD', amount))
    const change = (input: Parameters<typeof changeEndpoint>[2]) =>
      server.db.transaction((db) => changeEndpoint({ ...ear.deps, db }, id, input))
    await change({ enabled: false })
    await pay('1.01')
    await change({ enabled: true })
    await pay('1.02')
    await ear.tell()
    await change({ topics: ['stock.low'] })
    await pay('1.03')
    await ear.tell()
    await change({ topics: ['wallet.debited'] })
    await pay('1.04')
    await ear.tell()
    const told = (await ear.told(id)).filter(({ type }) => type === 'wallet.debited')
    assert.deepEqual(
      told.map(({ data }) => data.amount),
      ['1.02', '1.04'],
    )
  })

  test('a description that the database cannot read as JSON does not hold up what comes after it', async () => {
    const { id } = await endpoint(shop.partyId, ['wallet.debited'])
    const { directory, ledger } = server.assembly
    const [source, target] = [await directory.find('desk:two:USD'), await directory.find('desk:one:USD')]
    for (const description of ['\u0000', '\ud800', '\\ud800 as text', 'plain "quotes" \u0007'])
      await ledger.submit({
        principal: 'test',
        transaction: uuidV7(Date.now()),
        kind: 'payments',
        legs: [{ type: 'transfer', source: source?.id as bigint, target: target?.id as bigint, amount: 1n }],
        payload: JSON.stringify({ description }),
        answer: () => ({ status: 200, body: '' }),
      })
    await ear.tell()
    assert.deepEqual(
      (await ear.told(id)).map(({ data }) => data.description),
      [null, null, null, 'plain "quotes" \u0007'],
    )
  })

  test('nobody is told of the wallets of others', async () => {
    const stranger = await server.party('Stranger')
    await server.open(stranger, { id: 'desk:far:USD' })
    const { id } = await endpoint(stranger, ['*'])
    await shop.done('/desk:two:USD/payments', paymentTo('desk:one:USD', '1.00'))
    await ear.tell()
    assert.deepEqual(await ear.told(id), [])
  })

  test('both sides are told of an invoice, with the step that it took', async () => {
    const ann = await server.client(['desk:ann:USD'])
    await give(server, 'desk:ann:USD', '100.00')
    const mine = await endpoint(stall.partyId, ['invoice.*'])
    const hers = await endpoint(ann.partyId, ['invoice.paid', 'invoice.cancelled'])
    const ask = async (amount: string) =>
      (
        await stall.done('/desk:ann:USD/invoices', {
          endpoint: 'invoices',
          target: 'desk:ann:USD',
          amount,
          currency: 'USD',
        })
      ).reference as string
    const [paid, declined, cancelled] = [await ask('12.50'), await ask('1.00'), await ask('2.00')]
    await ann.done('/desk:ann:USD/payments', paymentTo('stall:one:USD', '12.50', { metadata: { invoice: paid } }))
    await ann.done(`/desk:ann:USD/invoices/${declined}/decline`, { endpoint: 'invoices/decline', invoice: declined })
    await stall.done(`/stall:one:USD/invoices/${cancelled}/cancel`, { endpoint: 'invoices/cancel', invoice: cancelled })
    const steps = (await ear.told(mine.id)).map(({ type, data }) => [type, data.object, data.sequence, data.amount])
    assert.deepEqual(steps, [
      ['invoice.created', `invoice:${paid}`, 1, '12.50'],
      ['invoice.created', `invoice:${declined}`, 1, '1.00'],
      ['invoice.created', `invoice:${cancelled}`, 1, '2.00'],
      ['invoice.paid', `invoice:${paid}`, 2, '12.50'],
      ['invoice.declined', `invoice:${declined}`, 2, '1.00'],
      ['invoice.cancelled', `invoice:${cancelled}`, 2, '2.00'],
    ])
    assert.deepEqual(
      (await ear.told(hers.id)).map(({ type, data }) => [type, data.issuer, data.debtor]),
      [
        ['invoice.paid', 'stall:one:USD', 'desk:ann:USD'],
        ['invoice.cancelled', 'stall:one:USD', 'desk:ann:USD'],
      ],
    )
  })

  test('an invoice that is refused leaves no event, and one of 64 payments of it one', async () => {
    const ann = await server.client(['desk:eve:USD'])
    await give(server, 'desk:eve:USD', '100.00')
    const { id } = await endpoint(ann.partyId, ['invoice.*'])
    const asked = { endpoint: 'invoices', target: 'desk:eve:USD', amount: '10.00', currency: 'USD' }
    const { reference } = await stall.done('/desk:eve:USD/invoices', asked)
    const answers = await many(() =>
      ann.post('/desk:eve:USD/payments', paymentTo('stall:one:USD', '10.00', { metadata: { invoice: reference } })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.deepEqual(
      (await ear.told(id)).map(({ type, data }) => [type, data.sequence]),
      [
        ['invoice.created', 1],
        ['invoice.paid', 2],
      ],
    )
  })

  test('an invoice whose time ran out is told once, by whichever process looks first', async () => {
    const { id } = await endpoint(stall.partyId, ['invoice.expired'])
    const expiry = new Date(Date.now() + 2_000).toISOString()
    const asked = { endpoint: 'invoices', target: 'desk:ann:USD', amount: '3.00', currency: 'USD', expiry }
    const { reference } = await stall.done('/desk:ann:USD/invoices', asked)
    const { db } = server.assembly
    const later = () => Date.now() + 70_000
    const counts = await many(() => tellExpiredInvoices({ db, clock: later }), 16)
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1,
    )
    assert.deepEqual(
      (await ear.told(id)).map(({ type, data }) => [type, data.invoice]),
      [['invoice.expired', reference]],
    )
  })
})
