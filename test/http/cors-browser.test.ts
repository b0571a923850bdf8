import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { makeRefreshToken } from '../../src/credentials/refresh-token.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { findClient } from '../../src/storage/clients.ts'
import { insertRefreshFamilies } from '../../src/storage/refresh-families.ts'
import { needsBrowser, openBrowser } from '../support/browser.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../support/server.ts'

const WALLET = 'shop:corner-cafe:USD'

let server: SandboxServer
let site: Server
let sitePort: number
before(async () => {
  server = await startSandboxServer()
  site = createServer((_, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title>'),
  )
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  sitePort = (site.address() as AddressInfo).port
})
after(async () => {
  site.closeAllConnections()
  await new Promise((resolve) => site.close(resolve))
  await server.stop()
})

/** A refresh token of the sandbox's public client, bound to no key or to the one given. */
async function refreshToken(jkt: string | null): Promise<string> {
  const clientId = server.sandbox.clients.browser.client_id
  const { party_id: partyId } = (await findClient(server.db, clientId)) as { party_id: string }
  const id = uuidV7(Date.now())
  const { token, hash } = makeRefreshToken(id)
  const expiresAt = new Date(Date.now() + 600_000)
  await insertRefreshFamilies(server.db, [
    { id, clientId, partyId, scopes: 'balance payments', currentHash: hash, expiresAt, jkt },
  ])
  return token
}

type Init = {
  method?: string
  headers?: Record<string, string>
  body?: string
  credentials?: 'include'
}
type Fetched = { status: number; body: string; headers: Record<string, string> } | { failed: string }

/** `fetch` as the page's own script would call it, under the browser's rules for its origin. */
const fetchFrom = (page: Page, url: string, init: Init = {}): Promise<Fetched> =>
  page.evaluate(
    async ([address, options]) => {
      try {
        const answer = await fetch(address, options)
        return { status: answer.status, body: await answer.text(), headers: Object.fromEntries(answer.headers) }
      } catch (error) {
        return { failed: String(error) }
      }
    },
    [url, init] as const,
  )

async function read(
  fetched: Promise<Fetched>,
): Promise<{ status: number; body: string; headers: Record<string, string> }> {
  const answer = await fetched
  if ('failed' in answer) assert.fail(answer.failed)
  return answer
}

const form = (body: Record<string, string>): Init => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(body).toString(),
})

describe('a page of another origin, in a browser', needsBrowser, () => {
  it('of a public client works with tokens and wallets', async (t) => {
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`http://127.0.0.1:${sitePort}/`)
    const ask = (path: string, init?: Init) => read(fetchFrom(page, server.url + path, init))

    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/oauth/jwks',
    ]) {
      assert.equal((await ask(path)).status, 200, path)
    }
    const client_id = server.sandbox.clients.browser.client_id
    const token = await ask(
      '/oauth/token',
      form({ grant_type: 'refresh_token', client_id, refresh_token: await refreshToken(null) }),
    )
    assert.equal(token.status, 200, token.body)
    const { access_token, refresh_token } = JSON.parse(token.body)
    const authorization = `Bearer ${access_token}`

    const balance = await ask(`/${WALLET}/balance`, { headers: { authorization } })
    assert.equal(JSON.parse(balance.body).payload.balance.currency.code, 'USD')
    assert.ok(balance.headers['x-request-id'])
    const payload = { endpoint: 'payments', target: 'us:8301234567:USD', amount: 1, currency: 'USD' }
    const post = (extra: Record<string, string>): Init => ({
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...extra },
      body: JSON.stringify({ payload }),
    })
    const payment = await ask(`/${WALLET}/payments`, post({ 'idempotency-key': 'from-a-page' }))
    // The shop's wallet is empty: the refusal is the books', and the page can read it.
    assert.equal(JSON.parse(payment.body).payload.error.code, 'unavailable-funds')
    const none = await ask(`/${WALLET}/balance`)
    assert.equal(none.status, 401)
    assert.match(none.headers['www-authenticate'] ?? '', /^Bearer/)
    // A header that is not on the list stops the browser at the preflight.
    assert.ok('failed' in (await fetchFrom(page, `${server.url}/${WALLET}/payments`, post({ 'x-other': '1' }))))

    const revoked = await ask('/oauth/revoke', form({ token: refresh_token, client_id }))
    assert.equal(revoked.status, 200)
    const again = await ask('/oauth/token', form({ grant_type: 'refresh_token', client_id, refresh_token }))
    assert.equal(JSON.parse(again.body).error, 'invalid_grant')
  })

  it('of a public client binds its tokens to a key that the page cannot export', async (t) => {
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`http://127.0.0.1:${sitePort}/`)
    const jkt = await page.evaluate(async () => {
      const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
      const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
      const encode = (bytes: Uint8Array) =>
        btoa(String.fromCharCode(...bytes))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replaceAll('=', '')
      const utf8 = new TextEncoder()
      const digest = async (text: string) =>
        encode(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))))
      Object.assign(globalThis, {
        async prove(htm: string, htu: string, accessToken?: string) {
          const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }
          const iat = Math.floor(Date.now() / 1000)
          const ath = accessToken && (await digest(accessToken))
          const text = [header, { jti: crypto.randomUUID(), htm, htu, iat, ath }]
            .map((one) => encode(utf8.encode(JSON.stringify(one))))
            .join('.')
          const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
          const signature = await crypto.subtle.sign(algorithm, pair.privateKey, utf8.encode(text))
          return `${text}.${encode(new Uint8Array(signature))}`
        },
      })
      return digest(JSON.stringify({ crv, kty, x, y }))
    })
    const prove = (method: string, path: string, accessToken?: string) =>
      page.evaluate(
        ([htm, htu, token]) =>
          (globalThis as unknown as { prove(...args: unknown[]): Promise<string> }).prove(htm, htu, token),
        [method, PUBLIC_URL + path, accessToken] as const,
      )

    const client_id = server.sandbox.clients.browser.client_id
    const refresh = form({ grant_type: 'refresh_token', client_id, refresh_token: await refreshToken(jkt) })
    const dpop = await prove('POST', '/oauth/token')
    const bound = { ...refresh, headers: { ...refresh.headers, dpop } }
    const token = await read(fetchFrom(page, `${server.url}/oauth/token`, bound))
    assert.equal(token.status, 200, token.body)
    const { access_token, token_type } = JSON.parse(token.body)
    assert.equal(token_type, 'DPoP')
    const path = `/${WALLET}/balance`
    const once = { authorization: `DPoP ${access_token}`, dpop: await prove('GET', path, access_token) }
    assert.equal((await read(fetchFrom(page, server.url + path, { headers: once }))).status, 200)
    const replayed = await read(fetchFrom(page, server.url + path, { headers: once }))
    assert.equal(JSON.parse(replayed.body).payload.error.code, 'invalid-dpop-proof')
    assert.match(replayed.headers['www-authenticate'] ?? '', /DPoP realm="wallets", error="invalid_dpop_proof"/)
  })

  it('may carry no cookie and may not call what is not in the table', async (t) => {
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`http://127.0.0.1:${sitePort}/`)
    const fails = async (path: string, init?: Init) =>
      assert.ok('failed' in (await fetchFrom(page, server.url + path, init)), path)
    await fails('/oauth/jwks', { credentials: 'include' })
    for (const path of [
      '/',
      '/wallet',
      '/sign-in',
      '/admin/v1/wallets',
      '/admin/v1/openapi.json',
      '/healthz',
      '/metrics',
    ])
      await fails(path)
    const authorization = `Bearer ${server.sandbox.operator.api_key}`
    await fails('/admin/v1/wallets', { headers: { authorization } })
    await fails('/oauth/introspect', form({ token: 'x' }))
    await fails('/oauth/par', form({ client_id: 'x' }))
  })

  it('that is not registered can read nothing', async (t) => {
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`http://foreign.localhost:${sitePort}/`)
    assert.equal(await page.evaluate(() => origin), `http://foreign.localhost:${sitePort}`)
    const requests: [string, Init?][] = [
      ['/.well-known/oauth-authorization-server'],
      ['/oauth/jwks'],
      ['/oauth/token', form({ grant_type: 'client_credentials' })],
      ['/oauth/revoke', form({ token: 'x' })],
      [`/${WALLET}/balance`],
      [`/${WALLET}/balance`, { headers: { authorization: `Bearer ${server.merchant.token}` } }],
    ]
    for (const [path, init] of requests) assert.ok('failed' in (await fetchFrom(page, server.url + path, init)), path)
  })
})
