import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { createMerchantKey } from '../../src/operations/purchases/change-merchant.ts'
import {
  type CreateMerchantInput,
  createCompany,
  createMerchant,
} from '../../src/operations/purchases/create-merchant.ts'
import { submitForWallet } from '../../src/operations/submit-for-wallet.ts'
import type { Purchase } from '../../src/storage/purchases.ts'
import { findPurchase } from '../../src/storage/purchases.ts'
import { startSandboxServer } from './server.ts'
import { type Answer, type Outgoing, send } from './wallet-client.ts'

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A JSON Web Token by HS256, made as RFC 7515 says and by nothing of the program's own. */
export function token(payload: unknown, secret: string, header: unknown = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** What a token says, if it is signed with the secret. */
export function openToken(text: string, secret: string): unknown {
  const [header, payload, signature] = text.split('.')
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
  assert.equal(signature, expected, 'the token is signed with another secret')
  return JSON.parse(Buffer.from(payload as string, 'base64url').toString())
}

let references = 0
const SHOP = 'http://127.0.0.1:9'

export type TestMerchant = {
  uid: string
  id: string
  secret: string
  companyUid: string
  key: string
  keySecret: string
}

/** A sandbox with merchants that sell by the Pledg protocol, and a person with money. */
export async function createPledgWorld() {
  const server = await startSandboxServer()
  const { assembly, url, db } = server
  const ada = server.sandbox.people[0] as (typeof server.sandbox.people)[number]
  const purse = ada.wallets.find((id) => id.endsWith(':EUR')) as string
  const bank = await server.open(await server.party('Mint'), { id: 'mint:gateway:EUR', lower: null, upper: 0 })
  const financing = await server.open(await server.party('Lender'), { id: 'financing:lender:EUR', lower: '-100000.00' })
  const fees = await server.open(await server.party('Fees'), { id: 'desk:fees:EUR' })

  const world = {
    server,
    url,
    db,
    ada,
    purse,
    bank,
    financing,

    /** A merchant of a party and a company of its own, with a key for the API. */
    async merchant(
      input: Partial<CreateMerchantInput> & { number?: string } = {},
    ): Promise<TestMerchant & { partyId: string; wallet: string }> {
      const { number = `shop-${++references}`, ...more } = input
      const partyId = more.partyId ?? (await server.party('Meubles Dupont'))
      const company = await createCompany(assembly, { partyId, name: 'Meubles Dupont' })
      const wallet = `desk:${number}:EUR`
      await server.open(partyId, { id: wallet })
      const { merchant, secret } = await createMerchant(assembly, {
        name: 'Meubles Dupont',
        wallet,
        company: company.uid,
        financing: financing.explicitId,
        fees: fees.explicitId,
        plans: [
          { name: 'now', kind: 'now' },
          { name: 'in-30-days', kind: 'deferred', days: 30 },
          { name: 'in-3', kind: 'instalments', parts: 3, feeBp: 150 },
        ],
        ...more,
        partyId,
      })
      const key = await createMerchantKey(assembly, { merchantId: merchant.id })
      return {
        uid: merchant.uid,
        id: merchant.id,
        secret,
        companyUid: company.uid,
        key: key.key,
        keySecret: key.secret,
        partyId,
        wallet,
      }
    },

    /** Puts money into a wallet, in minor units. */
    async fund(wallet: string, amount: bigint): Promise<void> {
      const target = await assembly.directory.find(wallet)
      assert.ok(target)
      await submitForWallet(assembly.ledger, {
        principal: 'test',
        transaction: uuidV7(Date.now()),
        kind: 'funds',
        legs: [{ type: 'transfer', source: bank.id, target: target.id, amount }],
        payload: '{}',
      })
    },

    /** The parameters of a purchase that has nothing wrong with it. */
    data: (merchant: Pick<TestMerchant, 'uid'>, more: object = {}): Record<string, unknown> => ({
      merchantUid: merchant.uid,
      amountCents: 10_000,
      email: 'ada@shop.example',
      firstName: 'Ada',
      lastName: 'Moreno',
      reference: `order-${++references}`,
      title: 'Two chairs',
      redirectUrl: `${SHOP}/thanks?order=1`,
      cancelUrl: `${SHOP}/basket`,
      ...more,
    }),

    post: (path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> =>
      send(url, path, {
        method: 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    get: (path: string, headers: Outgoing['headers'] = {}): Promise<Answer> => send(url, path, { headers }),

    /** A purchase link by the API. @returns its answer */
    async link(merchant: TestMerchant, more: object = {}, settings?: object): Promise<Answer['body']> {
      const data = world.data(merchant, more)
      const signature = token({ data, ...(settings && { purchase_link_settings: settings }) }, merchant.secret)
      const answer = await world.post(`/api/purchase_link/?signature=${signature}`)
      assert.equal(answer.status, 201, answer.text)
      return { ...answer.body, path: new URL(answer.body.url).pathname }
    },

    async bearer(merchant: TestMerchant): Promise<{ authorization: string }> {
      const answer = await send(url, '/api/token', {
        headers: {
          authorization: `Basic ${btoa(`${merchant.key}:${merchant.keySecret}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      })
      assert.equal(answer.status, 200, answer.text)
      return { authorization: `Bearer ${answer.body.access_token}` }
    },

    async purchase(uid: string): Promise<Purchase> {
      const found = await findPurchase(db, { uid })
      assert.ok(found)
      return found
    },

    /** What is queued for a merchant, oldest first. */
    async deliveries(merchant: Pick<TestMerchant, 'id'>): Promise<{ topic: string; url: string; body: string }[]> {
      return db.query('select topic, url, body from delivery where receiver = $1 order by id', [merchant.id])
    },

    async stop() {
      try {
        await server.assertClean()
        assert.deepEqual(server.faults, [], 'the server logged faults')
      } finally {
        await server.stop()
      }
    },
  }
  return world
}

export type PledgWorld = Awaited<ReturnType<typeof createPledgWorld>>
