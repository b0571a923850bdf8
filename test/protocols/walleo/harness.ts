import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { type CreateBrandInput, createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createCredential, createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import type { WalleoDeps } from '../../../src/protocols/walleo/call.ts'
import { createWalleo } from '../../../src/protocols/walleo/routes.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { PUBLIC_URL, startSandboxServer } from '../../support/server.ts'
import { type Answer, canonical, send } from '../../support/wallet-client.ts'

export type Credentials = { apiKey: string; identifier: string; sharedKey: string }

/** What a test does otherwise than a well-behaved caller. */
export type Twist = {
  /** the body as text, instead of compact sorted JSON */
  text?: string | undefined
  /** the payload's segment of the string to sign; null: none */
  payload?: string | null
  /** seconds */
  timestamp?: number | string
  /** the origin that is signed */
  origin?: string
  signedMethod?: string
  requestId?: string
  headers?: Record<string, string>
  /** makes the header from its parts */
  authorization?: (parts: {
    apiKey: string
    identifier: string
    signature: string
    timestamp: string
  }) => string | string[]
}

export const nowInSeconds = () => Math.floor(Date.now() / 1000)

/** HMAC-SHA256 under the decoded key, by node:crypto alone: nothing of ours signs here. */
export const sign = (sharedKey: string, text: string) =>
  createHmac('sha256', Buffer.from(sharedKey, 'hex')).update(text).digest('hex')

/** Sends one signed request. `body`: undefined for none. */
export function call(
  url: string,
  credentials: Credentials,
  method: string,
  path: string,
  body?: unknown,
  twist: Twist = {},
): Promise<Answer> {
  const target = `/partners/v1${path}`
  const text = twist.text ?? (body === undefined ? undefined : canonical(body))
  const payload = twist.payload === undefined ? (body === undefined ? null : canonical(body)) : twist.payload
  const timestamp = String(twist.timestamp ?? nowInSeconds())
  const { apiKey, identifier, sharedKey } = credentials
  const head = `${twist.signedMethod ?? method}+${twist.origin ?? PUBLIC_URL}${target}`
  const signature = sign(sharedKey, `${head}+${payload === null ? '' : `${payload}+`}${identifier}+${timestamp}`)
  const authorization = twist.authorization?.({ apiKey, identifier, signature, timestamp })
  return send(url, target, {
    method,
    // The server itself waits eight seconds for a card from elsewhere before it says "come back later".
    timeout: 20_000,
    ...(text !== undefined && { body: text }),
    headers: {
      authorization: (authorization ??
        `Bearer ${apiKey}, Id=${identifier}, Signature=${signature}, Timestamp=${timestamp}`) as string,
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...(twist.requestId !== undefined && { 'x-requestid': twist.requestId }),
      ...twist.headers,
    },
  })
}

/** A sandbox whose partner calls Walleo, and what tests need besides. */
export async function startWalleo() {
  const server = await startSandboxServer()
  const { assembly, sandbox } = server
  const { api_key: apiKey, identifier, shared_key: sharedKey } = sandbox.walleo
  const credentials = { apiKey, identifier, sharedKey }
  const seller = await createParty(assembly, { kind: 'business', name: 'Brands of a test' })
  const bank = await openWallet(assembly, 'test', { id: 'bank:tests:EUR', partyId: seller.id, lower: null, upper: 0 })

  const fund = (wallet: bigint, amount: bigint) =>
    submitForWallet(assembly.ledger, {
      principal: 'test',
      transaction: uuidV7(Date.now()),
      kind: 'funds',
      legs: [{ type: 'transfer', source: bank.id, target: wallet, amount }],
      payload: '{}',
    })

  return Object.assign(server, {
    credentials,
    fund,
    call: (method: string, path: string, body?: unknown, twist?: Twist) =>
      call(server.url, credentials, method, path, body, twist),
    buy: (card: object, requestId: string, twist: Twist = {}) =>
      call(server.url, credentials, 'POST', '/cards', { card }, { requestId, ...twist }),
    pull: (pull: object, twist: Twist = {}) =>
      call(server.url, credentials, 'POST', '/pull_requests', { pull_request: pull }, twist),
    /** One more partner. @param float minor units of EUR; null: none is opened */
    async partner(slug: string, float: bigint | null, addresses: string[] = []) {
      const party = await createParty(assembly, { kind: 'business', name: `Partner ${slug}` })
      const partner = await createPartner(assembly, { partyId: party.id, slug })
      const purse = float === null ? null : await openFloat(assembly, 'test', partner, { currency: 'EUR' })
      if (purse && float) await fund(purse.id, float)
      const made = await createCredential(assembly, partner, 'walleo', addresses)
      const own = { apiKey: made.apiKey, identifier: made.identifier as string, sharedKey: made.secret }
      return {
        partner,
        credentialId: made.id,
        credentials: own,
        float: purse?.id ?? 0n,
        call: (method: string, path: string, body?: unknown, twist?: Twist) =>
          call(server.url, own, method, path, body, twist),
        buy: (card: object, requestId: string, twist: Twist = {}) =>
          call(server.url, own, 'POST', '/cards', { card }, { requestId, ...twist }),
      }
    },
    brand: (code: string, input: Partial<CreateBrandInput> = {}): Promise<Brand> =>
      createBrand(assembly, 'test', {
        slug: code.toLowerCase(),
        name: code,
        partyId: seller.id,
        currency: 'EUR',
        values: { type: 'range', min: 500n, max: 50_000n, step: 500n },
        supply: 'own',
        codes: { walleo: code },
        ...input,
      }),
    /** Puts codes on the shelf of a stock brand. */
    async stock(brand: Brand, face: bigint, codes: string[]) {
      const { cardHasher } = assembly.gift
      for (const code of codes) {
        const hash = cardHasher.ofBrand(brand.id, code)
        const sealed = assembly.keyring.seal(JSON.stringify({ code, pin: null }), `stock:${hash.toString('hex')}`)
        await server.db.query(
          'insert into stock_code (brand_id, face, import_id, code_hash, code) values ($1, $2, $3, $4, $5)',
          [brand.id, face, uuidV7(Date.now()), hash, sealed],
        )
      }
    },
    async account(id: bigint) {
      const [row] = await server.db.query<{ balance: bigint; held: bigint }>(
        'select balance, held from account where id = $1',
        [id],
      )
      assert.ok(row)
      return row
    },
  })
}

/** The same routes over HTTP with other parts behind them. @returns their URL */
export async function serve(t: { after(end: () => void): void }, deps: WalleoDeps): Promise<string> {
  const listener = getRequestListener(new Hono().route('/partners/v1', createWalleo(deps)).fetch)
  const http = createServer((req, res) => void listener(req, res))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    http.close()
    http.closeAllConnections()
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

export type WalleoServer = Awaited<ReturnType<typeof startWalleo>>

export const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))

/** Fails the test unless it is the refusal; its whole form is checked. */
export function assertRefused(answer: Answer, status: number, code: string, message?: string | RegExp): void {
  assert.equal(answer.status, status, answer.text)
  assert.deepEqual(Object.keys(answer.body), ['errors', 'status'])
  assert.equal(answer.body.errors.length, 1)
  const [error] = answer.body.errors
  assert.deepEqual(Object.keys(error), ['code', 'message'])
  assert.equal(error.code, code, answer.text)
  if (typeof message === 'string') assert.equal(error.message, message)
  else if (message) assert.match(error.message, message)
  const words: Record<number, string> = {
    400: 'bad_request',
    401: 'unauthorized',
    404: 'not_found',
    405: 'method_not_allowed',
    413: 'payload_too_large',
    415: 'unsupported_media_type',
    422: 'unprocessable_entity',
    503: 'service_unavailable',
  }
  assert.equal(answer.body.status, words[status])
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.headers['access-control-allow-origin'], undefined)
}
