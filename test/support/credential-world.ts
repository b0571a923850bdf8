import assert from 'node:assert/strict'
import { type KeyObject, sign } from 'node:crypto'
import type { AccessTokenClaims } from '../../src/credentials/access-token-jwt.ts'
import { CHILD, listRoutes, type MatrixRoute, PAYEE, PAYER } from './credential-routes.ts'
import { type SandboxServer, startSandboxServer } from './server.ts'
import { type Answer, type Caller, envelope, refused, send } from './wallet-client.ts'

/** What a request to a wallet route carries. */
export type Attempt = {
  authorization?: string
  headers?: Record<string, string>
  /** signs the payload; the till's signing secret by default, null leaves the signature out */
  secret?: string | null
  /** replaces the whole body */
  body?: string
  search?: string
}

export const bearer = (token: string): Attempt => ({ authorization: `Bearer ${token}` })

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const open = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())

/** A JWS signature as ES256 has it. */
export const es256 = (key: KeyObject) => (text: string) =>
  sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')

/** A sandbox with two more clients, the till and a stranger, and every wallet route with a request of the till's to it. */
export async function createCredentialWorld() {
  const server = await startSandboxServer()
  const till = await server.client([{ id: PAYER, lower: '-100.00' }, PAYEE, { id: CHILD, parent: PAYER }])
  const stranger = await server.client([{ id: 'other:purse:USD', lower: '-100.00' }])
  const routes = await listRoutes(server, till)

  const attempt = (
    route: MatrixRoute,
    { authorization, headers, secret, body, search = '' }: Attempt,
  ): Promise<Answer> =>
    send(server.url, route.path + search, {
      method: route.method,
      headers: {
        ...headers,
        ...(authorization === undefined ? {} : { authorization }),
        'content-type': 'application/json',
      },
      ...(route.payload && {
        body: body ?? envelope(secret === undefined ? till.signingSecret : secret, route.payload),
      }),
    })

  return {
    server,
    till,
    stranger,
    routes,
    posts: routes.filter(({ method }) => method === 'POST'),
    attempt,

    /** Tries every route, each of which must refuse alike and write nothing. @param signedFor whose secret signs the answers */
    async everyRouteRefuses(
      trial: Attempt | ((route: MatrixRoute) => Attempt),
      expected: string | ((route: MatrixRoute) => string),
      { signedFor = null, among = routes }: { signedFor?: Caller | null; among?: MatrixRoute[] } = {},
    ): Promise<void> {
      assert.ok(among.length > 0)
      const before = await countRows(server)
      assert.ok((before.transaction ?? 0) > 0)
      for (const route of among) {
        const answer = await attempt(route, typeof trial === 'function' ? trial(route) : trial)
        const wanted = typeof expected === 'function' ? expected(route) : expected
        assert.equal(refused(answer, signedFor?.signingSecret ?? null), wanted, `${route.name}: ${answer.text}`)
        assert.equal(answer.headers['set-cookie'], undefined)
        if (answer.status === 401) assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="wallets"/)
      }
      assert.deepEqual(await countRows(server), before)
    },

    /** A token of the server's own key for the till, with other claims. */
    own: (claims: Partial<AccessTokenClaims> = {}, issuer?: string) =>
      server.token({ clientId: till.id, subject: till.partyId, ...claims }, issuer),

    /** The till's good token, taken apart and put together by a forger. */
    forged(header: object, signer: (text: string) => string, claims: object = {}): string {
      const text = `${part({ ...open(till.token, 0), ...header })}.${part({ ...open(till.token, 1), ...claims })}`
      return `${text}.${signer(text)}`
    },

    /** A fresh access token of the till with its refresh token. */
    async grantPair(): Promise<{ access_token: string; refresh_token: string }> {
      const credentials = { client_id: till.id, client_secret: till.clientSecret }
      const body = JSON.stringify({ grant_type: 'client_credentials', ...credentials })
      return (await send(server.url, '/oauth/token', { body, headers: { 'content-type': 'application/json' } })).body
    },
  }
}

export type CredentialWorld = Awaited<ReturnType<typeof createCredentialWorld>>

/** How many rows every table has: the ledger's transactions, and all else that a request could leave behind; rates are counted of every request. */
export async function countRows({ db }: Pick<SandboxServer, 'db'>): Promise<Record<string, number>> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_name <> 'request_rate' order by 1`,
  )
  const counts = tables.map(({ name }) => `select '${name}' as name, count(*)::int as rows from "${name}"`)
  const rows = await db.query<{ name: string; rows: number }>(counts.join(' union all '))
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]))
}
