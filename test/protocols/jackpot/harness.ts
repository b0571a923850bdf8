import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { startSandboxServer } from '../../support/server.ts'
import { type Answer, send } from '../../support/wallet-client.ts'

let keys = 0
export const nowInSeconds = () => Math.floor(Date.now() / 1000)
export const notificationKey = () => `n-${process.pid}-${keys++}`

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token by node:crypto alone: nothing of ours signs here. */
export function makeToken(
  key: string,
  claims: object | string,
  header: object | string = { alg: 'HS256', typ: 'JWT' },
): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

export const claimsV1 = (more: object = {}) => ({
  amount: 100,
  cp: '75000',
  age: 40,
  gender: 'M',
  userId: 'u-1234',
  iat: nowInSeconds(),
  notificationKey: notificationKey(),
  ...more,
})
export const claimsV2 = (more: object = {}) => ({
  amount: 100,
  iat: nowInSeconds(),
  notificationKey: notificationKey(),
  ...more,
})

export const ASSERTION = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const JSON_TYPE = { 'content-type': 'application/json' }

/** A sandbox whose partner speaks Jackpot. */
export async function startJackpot() {
  const server = await startSandboxServer()
  const { api_key: apiKey, api_signature: apiSignature, client_secret: clientSecret } = server.sandbox.jackpot
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send(server.url, path, {
      method,
      headers: { ...(body === undefined ? {} : JSON_TYPE), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  const jackpot = Object.assign(server, {
    apiKey,
    apiSignature,
    clientSecret,
    call,
    bearer,
    openV1: (token: string, key = apiKey) => call('POST', '/token', { apiKey: key, initializationToken: token }),
    openV2: (assertion: string, key = apiKey) =>
      call('POST', '/v2/token', { grant_type: ASSERTION, client_id: key, assertion }),
    async session(claims: object = {}): Promise<string> {
      const { status, body } = await jackpot.openV2(makeToken(apiSignature, claimsV2(claims)))
      assert.equal(status, 200, JSON.stringify(body))
      return body.access_token as string
    },
    async machine(): Promise<string> {
      const wish = { grant_type: 'client_credentials', client_id: apiKey, client_secret: clientSecret }
      return (await call('POST', '/v2/token', wish)).body.access_token as string
    },
    async store(slug = 'maison-verte') {
      const { body } = await call('GET', '/v2/stores', undefined, { apikey: apiKey })
      const stores = body as unknown as { id: string; slug: string; offers: { id: string }[] }[]
      const store = stores.find((one) => one.slug === slug)
      assert.ok(store)
      return { storeId: store.id, offerId: store.offers[0]?.id as string }
    },
    async reserve(price = 100, token?: string, slug?: string): Promise<Answer> {
      const { storeId, offerId } = await jackpot.store(slug)
      const path = `/v2/stores/${storeId}/offers/${offerId}/reserve-voucher-by-price`
      return call('POST', path, { price }, bearer(token ?? (await jackpot.session({ amount: price }))))
    },
    async sessions(): Promise<number> {
      const [row] = await server.db.query<{ n: bigint }>('select count(*) as n from jackpot_session')
      return Number(row?.n)
    },
  })
  return jackpot
}

export type JackpotServer = Awaited<ReturnType<typeof startJackpot>>
