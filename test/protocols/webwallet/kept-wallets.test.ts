import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { sendPayment } from '../../../src/operations/send-payment.ts'
import { findWallet, type Wallet } from '../../../src/storage/wallets.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, createCaller, refused } from '../../support/wallet-client.ts'
import { chargeOf, footprint, paymentTo } from './money.ts'

type Kept = { id: string; opaque: string; account: bigint; party: string }

let server: SandboxServer
let kept: Kept[]
/** a stranger with money of its own */
let stranger: Caller

before(async () => {
  server = await startSandboxServer()
  const party = await server.party('Lender')
  await openWallet(server.assembly, 'test', { id: 'financing:lender:EUR', partyId: party, lower: null })
  kept = await server.db.query<Kept>(
    `select distinct on (namespace) namespace || ':' || number || ':' || currency as id, opaque_id as opaque, id as account,
       party_id as party
     from wallet where kept and currency = 'EUR' order by namespace, id`,
  )
  stranger = await server.client([{ id: 'desk:rich:EUR', lower: '-10000.00' }, 'desk:poor:EUR'])
})
after(async () => {
  assert.deepEqual(server.faults, [])
  await server.assertClean()
  await server.stop()
})

const EXPIRY = '2999-01-01T00:00:00Z'
const OWN = 'desk:rich:EUR'

/** Every verb that could move, promise or ask for money of the wallet `id`, or tell about it, with `own` beside it. */
const verbs = (id: string, own: string): [string, object | null][] => {
  const money = { amount: 1, currency: 'EUR' }
  const [namespace, number] = id.split(':')
  return [
    [`/${id}`, null],
    [`/${id}/balance`, null],
    [`/${id}/transactions`, null],
    [`/${id}/invoices`, null],
    [`/${id}/tokens`, null],
    [`/${id}/payments`, paymentTo(own, 1)],
    [`/${own}/payments`, paymentTo(id, 1, money)],
    [`/${id}/payments`, paymentTo(id, 1, money)],
    [`/${id}/charges`, chargeOf(id, own, 1, money)],
    [`/${own}/charges`, chargeOf(id, own, 1, money)],
    [`/${own}/charges`, chargeOf(own, id, 1)],
    [`/${own}/funds`, { endpoint: 'funds', source: id, target: own, ...money }],
    [`/${id}/funds`, { endpoint: 'funds', source: own, target: id, ...money }],
    [`/${id}/invoices`, { endpoint: 'invoices', target: id, issuer: own, ...money }],
    [`/${own}/invoices`, { endpoint: 'invoices', target: own, issuer: id, ...money }],
    [`/${namespace}/${number}/invoices`, { endpoint: 'invoices', issuer: own, ...money }],
    [`/${id}/refills`, { endpoint: 'refills', target: id, ...money }],
    [`/${namespace}/${number}/refills`, { endpoint: 'refills', ...money }],
    [
      `/${id}/refunds`,
      { endpoint: 'refunds', target: id, transaction: '0197b6a0-0000-7000-8000-000000000000', ...money },
    ],
    [
      `/${id}/transactions`,
      { endpoint: 'transactions', operation: 'charges', source: id, target: own, expiry: EXPIRY, ...money },
    ],
    [
      `/${own}/transactions`,
      { endpoint: 'transactions', operation: 'charges', source: own, target: id, expiry: EXPIRY, ...money },
    ],
    [
      `/${own}/transactions`,
      { endpoint: 'transactions', operation: 'payments', target: own, source: id, expiry: EXPIRY, ...money },
    ],
    [
      `/${own}/transactions`,
      { endpoint: 'transactions', operation: 'charges', source: own, audience: id, expiry: EXPIRY, ...money },
    ],
  ]
}

async function answersOf(caller: Caller, id: string, own: string): Promise<string[]> {
  const answers: string[] = []
  for (const [path, payload] of verbs(id, own)) {
    const answer = payload === null ? await caller.get(path) : await caller.post(path, payload)
    answers.push(`${path.replaceAll(id, 'ID')} ${refused(answer, caller.signingSecret)}`)
  }
  return answers
}

const ALIKE = /^[^ ]+ (403 wallet-not-allowed|404 wallet-not-found|404 transaction-not-found)$/

describe('accounts that are kept for gift cards and loans', () => {
  it('are the float, the books of a brand, and what is lent', () => {
    assert.deepEqual(
      kept.map(({ id }) => id.split(':')[0]),
      ['breakage', 'financing', 'float', 'revenue', 'settlement'],
    )
  })

  it('are not there, by every verb, for a stranger and for the very party that they stand with', async () => {
    const before = await footprint(server)
    for (const { id, opaque, party } of kept) {
      const owner = await server.client([{ id: `own:${id.split(':')[0]}:EUR`, lower: '-100.00' }], { partyId: party })
      const [namespace, number] = id.split(':')
      const absent = `${namespace}:${number}-none:EUR`
      for (const [caller, own] of [
        [stranger, OWN],
        [owner, `own:${namespace}:EUR`],
      ] as const) {
        const seen = await answersOf(caller, id, own)
        for (const line of seen) assert.match(line, ALIKE)
        const none = await answersOf(caller, absent, own)
        const plain = (line: string) => line.replaceAll(`${number}-none`, number as string)
        assert.deepEqual(seen, none.map(plain))
      }
      for (const line of await answersOf(stranger, id.toLowerCase().replace('eur', 'EUR'), OWN))
        assert.match(line, ALIKE)
      const byOpaque = await stranger.post(`/${OWN}/payments`, paymentTo(opaque, 1, { currency: 'EUR' }))
      assert.equal(refused(byOpaque, stranger.signingSecret), '404 wallet-not-found')
    }
    assert.equal(await footprint(server), before)
  })

  it('are out of reach of a token that names them', async () => {
    for (const { id, account, party } of kept) {
      const client = await server.client([], { partyId: party })
      const token = server.token({ clientId: client.id, subject: party, wallets: new Set([account]) })
      const holder = createCaller(server.url, { ...client, token })
      for (const [path, payload] of [
        [`/${id}/balance`, null],
        [`/${id}/payments`, paymentTo(OWN, 1)],
      ] as const) {
        const answer = payload === null ? await holder.get(path) : await holder.post(path, payload)
        assert.equal(refused(answer, holder.signingSecret), '403 wallet-not-allowed')
      }
    }
  })

  it('are refused by the operation itself, whoever hands it their wallets', async () => {
    const own = (await findWallet(server.db, OWN)) as Wallet
    for (const { id } of kept) {
      const wallet = (await findWallet(server.db, id)) as Wallet
      for (const [source, target] of [
        [wallet, own],
        [own, wallet],
      ] as const) {
        const paying = sendPayment(server.assembly, { actor: 'person:x', key: id, source, target, amount: 1n })
        await assert.rejects(paying, { code: 'wallet-kept' })
      }
    }
  })

  it('are no parents to draw from', async () => {
    for (const { id } of kept) {
      await assert.rejects(server.change('desk:poor:EUR', { parent: id }), /there is no such wallet/)
      await assert.rejects(server.change(id, { parent: OWN }), /kept/)
      await assert.rejects(server.client([{ id: `draws:${id.split(':')[0]}:EUR`, parent: id }]), /no such parent/)
    }
  })

  it('are read by operators, with their statements', async () => {
    const headers = { authorization: `Bearer ${server.sandbox.operator.api_key}` }
    for (const { id } of kept) {
      const answer = await fetch(`${server.url}/admin/v1/wallets/${id}`, { headers })
      assert.equal(answer.status, 200)
      assert.equal(((await answer.json()) as { id: string }).id, id)
    }
  })
})
