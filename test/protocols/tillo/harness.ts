import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { type CreateBrandInput, createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createCredential, createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { makePlasticCards } from '../../../src/operations/gift-cards/plastic-cards.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import type { Partner } from '../../../src/storage/partners.ts'
import { startSandboxServer } from '../../support/server.ts'

export type Answer = {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export type Credentials = { apiKey: string; secret: string }

export type CallOptions = {
  /** a query without its question mark */
  query?: string
  /** sent instead of the body's own text */
  raw?: string
  /** what is signed between endpoint and time; as the simplified form has it when absent */
  parts?: string[]
  timestamp?: number | string
  /** headers instead of, or beside, those of the protocol; null: left out */
  headers?: Record<string, string | string[] | null>
}

/** The signature, made as the documents say, by nothing of the program's own. */
export const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex')

/** One call over the network, signed in the simplified form unless `parts` says otherwise. */
export async function call(
  url: string,
  { apiKey, secret }: Credentials,
  method: string,
  path: string,
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  body?: any,
  { query, raw, parts, timestamp = Date.now(), headers = {} }: CallOptions = {},
): Promise<Answer> {
  const values = parts ?? simplified(method, path, query, body)
  const text = [apiKey, method, path.replaceAll('/', '-'), ...values, timestamp].join('-')
  const sent = new Headers({ 'api-key': apiKey, signature: sign(secret, text), timestamp: String(timestamp) })
  if (body !== undefined || raw !== undefined) sent.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(headers)) {
    sent.delete(name)
    if (value !== null) for (const one of [value].flat()) sent.append(name, one)
  }
  const response = await fetch(`${url}/api/v2/${path}${query ? `?${query}` : ''}`, {
    method,
    headers: sent,
    ...(raw !== undefined ? { body: raw } : body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = await response.text()
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(answer) : null
  return { status: response.status, headers: response.headers, text: answer, json }
}

const UNSIGNED = [
  'check-floats',
  'float/transfer-requests',
  'promotions',
  'digital/order-status',
  'physical/order-status',
]

function simplified(
  method: string,
  path: string,
  query: string | undefined,
  body: { client_request_id?: unknown; brand?: unknown } | undefined,
): string[] {
  if (UNSIGNED.includes(path) || path === 'float/request-payment-transfer') return []
  const brand = method === 'GET' ? new URLSearchParams(query ?? '').get('brand') : body?.brand
  const values = method === 'GET' ? [brand] : [body?.client_request_id, brand]
  return values.filter((value) => typeof value === 'string' && value !== '') as string[]
}

/** A server with the sandbox, and partners and brands as a test wants them. */
export async function startWorld(t?: TestContext | { after(fn: () => unknown): void }) {
  const server = await startSandboxServer()
  t?.after(() => server.stop())
  const { assembly, url } = server
  const bank = await openWallet(assembly, 'test', {
    id: 'bank:tests:GBP',
    partyId: await server.party('Bank of tests'),
    lower: null,
    upper: 0,
  })

  const world = {
    ...server,
    bank,
    /** the sandbox's own partner */
    sandboxPartner: { apiKey: server.sandbox.tillo.api_key, secret: server.sandbox.tillo.secret },

    /** A partner with a float in GBP. */
    async partner({ float = '1000.00', live = false, lower, addresses = [] as string[] }: PartnerInput = {}) {
      const partner = await createPartner(assembly, {
        partyId: await server.party(),
        slug: `p-${randomUUID().slice(0, 8)}`,
        live,
      })
      const { apiKey, secret, id } = await createCredential(assembly, partner, 'tillo', addresses)
      const purse = await openFloat(assembly, 'test', partner, {
        currency: 'GBP',
        ...(lower !== undefined && { lower }),
      })
      const amount = BigInt(Math.round(Number(float) * 100))
      if (amount > 0n) await world.move(bank.id, purse.id, amount)
      const credentials = { apiKey, secret }
      return {
        partner,
        credentialId: id,
        credentials,
        float: purse,
        // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
        call: (method: string, path: string, body?: any, options?: CallOptions) =>
          call(url, credentials, method, path, body, options),
        balance: () => world.account(purse.id),
      }
    },

    async move(source: bigint, target: bigint, amount: bigint) {
      await submitForWallet(assembly.ledger, {
        principal: 'test',
        transaction: uuidV7(Date.now()),
        kind: 'test',
        legs: [{ type: 'transfer', source, target, amount }],
        payload: '{}',
      })
    },

    async account(id: bigint): Promise<{ balance: bigint; held: bigint }> {
      const rows = await server.db.query<{ balance: bigint; held: bigint }>(
        'select balance, held from account where id = $1',
        [id],
      )
      assert.ok(rows[0])
      return rows[0]
    },

    async brand(input: Partial<CreateBrandInput> & { slug: string }): Promise<Brand> {
      return createBrand(assembly, 'test', {
        name: 'Books',
        partyId: await server.party('Books'),
        currency: 'GBP',
        values: { type: 'range', min: 100n, max: 50_000n, step: 1n },
        supply: 'own',
        cancellable: true,
        delivery: ['code', 'url', 'email'],
        codes: { tillo: input.slug },
        ...input,
      })
    },

    async stock(brand: Brand, face: bigint, codes: string[]) {
      const { cardHasher, keyring } = assembly.gift
      for (const code of codes) {
        const hash = cardHasher.ofBrand(brand.id, code)
        const sealed = keyring.seal(JSON.stringify({ code, pin: null }), `stock:${hash.toString('hex')}`)
        await server.db.query(
          'insert into stock_code (brand_id, face, import_id, code_hash, code) values ($1, $2, $3, $4, $5)',
          [brand.id, face, uuidV7(Date.now()), hash, sealed],
        )
      }
    },

    plastic: (brand: string, count = 1) =>
      assembly.db.transaction((sql) => makePlasticCards({ ...assembly.gift, db: sql }, 'test', { brand, count })),

    /** Lets the server's clock be another one. */
    setClock(clock: () => number) {
      assembly.gift.clock = clock
    },
  }
  return world
}

type PartnerInput = { float?: string; live?: boolean; lower?: number; addresses?: string[] }

export type World = Awaited<ReturnType<typeof startWorld>>
export type TestPartner = Awaited<ReturnType<World['partner']>>
export type { Brand, Partner }

export const requestId = () => randomUUID()

/** The body of an issue. */
export const issueBody = (brand: string, amount: string | number, more: object = {}) => ({
  client_request_id: requestId(),
  brand,
  face_value: { amount, currency: 'GBP' },
  delivery_method: 'code',
  fulfilment_by: 'partner',
  sector: 'marketplace',
  ...more,
})

export function assertProblem(answer: Answer, status: number, code: string): void {
  assert.deepEqual([answer.status, answer.json?.code, answer.json?.status], [status, code, 'error'], answer.text)
}

export function assertSuccess(answer: Answer): Answer['json']['data'] {
  assert.deepEqual([answer.status, answer.json?.code, answer.json?.status], [200, '000', 'success'], answer.text)
  return answer.json.data
}
