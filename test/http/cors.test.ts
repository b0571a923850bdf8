import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CORS_RULES, WALLET_ROUTES } from '../../src/http/cors.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { disableClient } from '../../src/operations/disable-client.ts'
import { servedRoutes } from '../support/served-routes.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { type Answer, send } from '../support/wallet-client.ts'

const WALLET = 'shop:corner-cafe:USD'
const REGISTERED = 'https://app.example'
const FOREIGN = 'https://evil.example'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
  await register(['https://app.example/back', 'https://APP2.example:443/', 'https://app3.example:8443/x?y=z'])
})
after(() => server.stop())

async function register(redirectUris: string[], isPublic = true) {
  const partyId = await server.party()
  return createClient(server.assembly, { partyId, name: 'Page', public: isPublic, redirectUris, scopes: ['balance'] })
}

/** One address for each rule of the table. */
const examples: Record<string, string[]> = {
  '/.well-known/*': ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
  [WALLET_ROUTES]: [`/${WALLET}`, `/${WALLET}/balance`, `/wallets/${WALLET}/payments`, '/4JpVLE2PVP2eaLSXm6zujLbdmnBR'],
}
const addresses = CORS_RULES.flatMap((rule) => (examples[rule.path] ?? [rule.path]).map((path) => ({ rule, path })))

const preflight = (path: string, origin: string, method: string) =>
  send(server.url, path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,dpop,idempotency-key',
    },
  })

const corsOf = (answer: Answer) =>
  Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control-')))

const allowed = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'www-authenticate, retry-after, x-request-id',
})

describe('an address of the table', () => {
  it('is in the documents, and no other', () => {
    const text = readFileSync(new URL('../../docs/webwallet.md', import.meta.url), 'utf8')
    const section = text.split('## Pages of other origins')[1]?.split('\n## ')[0] ?? ''
    const rows = [...section.matchAll(/^\| `([^`]+)` \| ([A-Z, ]+) \|$/gm)].map(([, path, methods]) => [path, methods])
    assert.deepEqual(
      rows,
      CORS_RULES.map(({ path, methods }) => [path, methods.join(', ')]),
    )
  })

  it('answers the preflight of a registered origin', async () => {
    for (const { rule, path } of addresses) {
      for (const method of rule.methods) {
        const answer = await preflight(path, REGISTERED, method)
        assert.equal(answer.status, 204, path)
        assert.equal(answer.text, '')
        assert.deepEqual(corsOf(answer), {
          'access-control-allow-origin': REGISTERED,
          'access-control-allow-methods': rule.methods.join(', '),
          'access-control-allow-headers': 'authorization, content-type, idempotency-key, dpop',
          'access-control-max-age': '600',
        })
        assert.match(String(answer.headers.vary), /Origin/)
        assert.ok(answer.headers['x-request-id'])
      }
    }
  })

  it('lets the page of a registered origin read every answer, errors too', async () => {
    for (const { rule, path } of addresses) {
      for (const method of rule.methods) {
        const body = method === 'POST' ? { body: '{' } : {}
        const answer = await send(server.url, path, { method, headers: { origin: REGISTERED }, ...body })
        assert.deepEqual(corsOf(answer), allowed(REGISTERED), `${method} ${path} ${answer.status}`)
        assert.equal(answer.headers.vary, 'Origin')
        assert.equal(answer.headers['set-cookie'], undefined)
      }
    }
    const huge = await send(server.url, '/oauth/token', { body: 'x'.repeat(40_000), headers: { origin: REGISTERED } })
    assert.deepEqual([huge.status, corsOf(huge)], [413, allowed(REGISTERED)])
    const wrong = await send(server.url, '/oauth/token', { method: 'PUT', headers: { origin: REGISTERED } })
    assert.deepEqual([wrong.status, corsOf(wrong)], [405, allowed(REGISTERED)])
    const none = await send(server.url, `/${WALLET}/nothing`, { headers: { origin: REGISTERED } })
    assert.deepEqual([none.status, corsOf(none)], [404, allowed(REGISTERED)])
  })

  it('says nothing of the kind to any other origin, whose preflight fails', async () => {
    for (const { rule, path } of addresses) {
      for (const method of rule.methods) {
        const asked = await preflight(path, FOREIGN, method)
        assert.equal(asked.status, 405, path)
        assert.deepEqual(corsOf(asked), {})
        const body = method === 'POST' ? { body: '{' } : {}
        const answer = await send(server.url, path, { method, headers: { origin: FOREIGN }, ...body })
        assert.deepEqual(corsOf(answer), {}, path)
        assert.equal(answer.headers.vary, 'Origin')
      }
    }
  })

  it('tells caches that it depends on the origin, also when none is named', async () => {
    for (const { rule, path } of addresses) {
      const { headers } = await send(server.url, path, rule.methods[0] === 'POST' ? { body: '{' } : {})
      assert.equal(headers.vary, rule.cached ? 'Origin' : undefined, path)
      if (!rule.cached) assert.equal(headers['cache-control'], 'no-store', path)
    }
  })

  it('takes OPTIONS for no method of its own where it is no preflight', async () => {
    for (const path of ['/oauth/token', `/${WALLET}/balance`]) {
      assert.equal((await send(server.url, path, { method: 'OPTIONS' })).status, 405)
      assert.equal((await send(server.url, path, { method: 'OPTIONS', headers: { origin: REGISTERED } })).status, 405)
    }
  })
})

describe('every other address', () => {
  it('sends no CORS header, whoever asks', async () => {
    const table = new Set(addresses.map(({ path }) => path))
    const others = servedRoutes(server.assembly)
      .filter(({ family, path }) => family !== 'webwallet' && !table.has(path))
      .map(({ method, path }) => ({ method, path: path.replace(/:[a-zA-Z]+(?:\{[^}]*\})?/g, 'x') }))
    assert.ok(others.length > 20)
    const more = [
      '/',
      '/nothing',
      '/.well-known/nothing',
      '/oauth',
      '/oauth/nothing',
      '/token',
      '/v2/token',
      '/api/token',
    ]
    for (const { method, path } of [...others, ...more.map((path) => ({ method: 'GET', path }))]) {
      if (path.startsWith('/.well-known/oauth') || path.startsWith('/.well-known/openid')) continue
      for (const origin of [REGISTERED, FOREIGN, 'null']) {
        const asked = await preflight(path, origin, method)
        assert.deepEqual(corsOf(asked), {}, `preflight of ${method} ${path}`)
        const body = /POST|PATCH|PUT/.test(method) ? { body: '{}' } : {}
        const answer = await send(server.url, path, { method, headers: { origin }, ...body })
        assert.deepEqual(corsOf(answer), {}, `${method} ${path}`)
      }
    }
  })
})

describe('an origin', () => {
  const reads = async (origin: string) =>
    (await send(server.url, '/oauth/jwks', { headers: { origin } })).headers['access-control-allow-origin'] === origin

  it('is registered by a redirect URI of a public client', async () => {
    for (const origin of [REGISTERED, 'https://app2.example', 'https://app3.example:8443'])
      assert.ok(await reads(origin), origin)
    for (const origin of [
      'null',
      '*',
      '',
      'https://app3.example',
      'http://app.example',
      'https://app.example:444',
      'https://app.example.evil.example',
      'https://evil.example/app.example',
      'https://app.example/',
      'https://APP.example',
      'https://user@app.example',
      'https://app.example, https://evil.example',
      'https://sub.app.example',
      'https://app2.example:443',
      'file://',
      'chrome-extension://x',
    ])
      assert.equal(await reads(origin), false, origin)
  })

  it('of this machine has any port', async () => {
    for (const origin of ['http://localhost', 'http://localhost:5173', 'http://127.0.0.1:65535'])
      assert.ok(await reads(origin), origin)
    for (const origin of [
      'https://localhost:5173',
      'http://127.0.0.2:80',
      'http://[::1]:80',
      'http://localhost.evil.example',
    ])
      assert.equal(await reads(origin), false, origin)
  })

  it('is not registered by a confidential client', async () => {
    await register(['https://backend.example/back'], false)
    await delay(5_100)
    assert.equal(await reads('https://backend.example'), false)
  })

  it('comes and goes with its clients, within five seconds', async () => {
    const { id } = await register(['https://late.example/back'])
    const until = async (wanted: boolean) => {
      const end = performance.now() + 5_100
      while ((await reads('https://late.example')) !== wanted && performance.now() < end) await delay(100)
      assert.equal(await reads('https://late.example'), wanted)
    }
    await until(true)
    await disableClient(server.assembly, { id })
    await until(false)
  })
})
