import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import type { Config } from '../../src/config.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createMailer } from '../../src/mail/mailer.ts'
import { duration } from '../../src/pages/landing.ts'
import { createPages, type PagesDeps } from '../../src/pages/pages.ts'
import type { Sql } from '../../src/storage/database.ts'
import type { Overview } from '../../src/storage/overview.ts'

const overview: Overview = { postgres: '18.4 (Debian)', wallets: 17, assets: [{ code: 'USD', circle: 'public' }] }
const answering = (rows: Overview) => ({ query: async () => [rows] }) as unknown as Sql
const failing: Sql = { query: () => Promise.reject(new Error('no database')) }
const silent: Sql = { query: () => new Promise(() => {}) }

function pages(mode: Config['mode'] = 'sandbox', db: Sql = answering(overview), logged: unknown[] = []) {
  const keyring = createKeyring([randomBytes(32)])
  const publicUrls = ['http://billfold.example']
  const mailer = createMailer({ keyring, clock: Date.now, origin: publicUrls[0] as string, mode, leaves: false })
  // The pages of this file need no more: none of them is anybody's.
  const log = { error: (...fault: unknown[]) => logged.push(fault) }
  const deps = { config: { mode, publicUrls }, db, keyring, mailer, clock: Date.now, log }
  return createPages(deps as unknown as PagesDeps)
}
const browser = { headers: { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' } }

test('the landing page of a sandbox says what runs and shows the three calls', async () => {
  const response = await pages().request('/')
  const text = await response.text()
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/i)
  for (const part of ['18.4', '<dd>17</dd>', 'USD', 'Ready', 'Get an access token', 'first-payment', '/metrics']) {
    assert.ok(text.includes(part), part)
  }
  assert.equal(text.match(/<pre/g)?.length, 3)
  assert.ok(!text.includes('Debian'), 'the version only')
})

test('every page is sent with the strict headers and runs, loads and frames nothing foreign', async () => {
  for (const path of ['/', '/nowhere', '/assets/style.css']) {
    const response = await pages().request(path, browser)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; /)
    for (const part of ["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "script-src 'self'"]) {
      assert.ok(policy.split('; ').includes(part), part)
    }
    assert.ok(!policy.includes('unsafe'))
    assert.equal(response.headers.get('referrer-policy'), 'same-origin')
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.match(response.headers.get('permissions-policy') ?? '', /camera=\(\)/)
    const text = await response.text()
    assert.doesNotMatch(text, /(?:src|href)="(?![/#])/, 'an address elsewhere')
    assert.doesNotMatch(text, /<style|<script(?! src="\/assets\/)|\sstyle="|\son\w+="/, 'something inline')
    assert.doesNotMatch(text, /url\(|@import/)
  }
})

test('the page names the variables of the secrets, and no secret', async () => {
  const text = await (await pages().request('/')).text()
  assert.ok(text.includes('$GATEWAY_SIGNING_SECRET'))
  assert.doesNotMatch(text, /bf[skhr]_/, "a secret's prefix")
})

test('a production server says only that it is one', async () => {
  const asked: string[] = []
  const db = { query: async (sql: string) => asked.push(sql) } as unknown as Sql
  const response = await pages('production', db).request('/')
  const text = await response.text()
  assert.ok(text.includes('A Billfold runs here.'))
  assert.doesNotMatch(text, /\d+\.\d+|PostgreSQL|sandbox|wallets|curl|<a class="(?!brand|skip)/i)
  assert.deepEqual(asked, [], 'a stranger costs the database nothing')
  assert.match(response.headers.get('strict-transport-security') ?? '', /max-age=\d{7,}/)
})

test('the page still comes when the database fails, and says so', async () => {
  const response = await pages('sandbox', failing).request('/')
  assert.equal(response.status, 200)
  assert.match(await response.text(), /status bad">Database down/)
})

test('the page does not wait for a database that is silent', { timeout: 10_000 }, async () => {
  const text = await (await pages('sandbox', silent).request('/')).text()
  assert.match(text, /Database down/)
})

test('a page that needs the database says that it is away, and of any other fault nothing but that it is ours', async () => {
  const cookie = `billfold_session=${'A'.repeat(43)}`
  const gone = Object.assign(new Error('connect ECONNREFUSED /secret/place'), { code: 'ECONNREFUSED' })
  const headers = { cookie, ...browser.headers }
  const away = await pages('sandbox', { query: () => Promise.reject(gone) }).request('/account', { headers })
  assert.equal(away.status, 503)
  assert.equal(away.headers.get('retry-after'), '5')
  assert.match(await away.text(), /Out of order for a moment/)
  const logged: unknown[] = []
  const fault = await pages('sandbox', failing, logged).request('/account', { headers })
  assert.equal(fault.status, 500)
  const text = await fault.text()
  assert.match(text, /That failed here/)
  assert.doesNotMatch(text, /no database|node:|\.ts/)
  assert.equal(logged.length, 1)
})

test('a crowd at the landing page costs the database one query', async () => {
  let queries = 0
  const query = async () => {
    queries++
    return [overview]
  }
  const db = { query } as unknown as Sql
  const app = pages('sandbox', db)
  await Promise.all(Array.from({ length: 50 }, () => app.request('/')))
  assert.equal(queries, 1)
})

test('what comes from the database is escaped', async () => {
  const nasty = { ...overview, assets: [{ code: '<b>', circle: '"><script>alert(1)</script>' }] }
  const text = await (await pages('sandbox', answering(nasty)).request('/')).text()
  assert.ok(!text.includes('<b>') && !text.includes('<script>alert'))
  assert.ok(text.includes('&lt;b&gt;'))
})

test('large counts are told as more than a limit', async () => {
  const text = await (await pages('sandbox', answering({ ...overview, wallets: 10_001 })).request('/')).text()
  assert.ok(text.includes('more than 10,000'))
})

test('an unknown path is a page for browsers and JSON for programs, and repeats nothing of the request', async () => {
  const path = '/%3Cscript%3Ealert(1)%3C/script%3E?q=<img>'
  const page = await pages().request(path, browser)
  assert.equal(page.status, 404)
  const text = await page.text()
  assert.match(text, /<h1>Nothing is here\.<\/h1>/)
  assert.doesNotMatch(text, /alert|<img>/)
  const answer = await pages().request(path)
  assert.equal(answer.status, 404)
  assert.equal(answer.headers.get('vary'), 'Accept')
  const message = 'There is no such address on this server'
  assert.deepEqual(await answer.json(), { error: { code: 'not-found', message } })
})

test('a wrong method is told what the address takes', async () => {
  for (const path of ['/', '/healthz', '/metrics', '/assets/style.css']) {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await pages().request(path, { method })
      assert.equal(answer.status, 405, `${method} ${path}`)
      assert.equal(answer.headers.get('allow'), 'GET, HEAD')
      assert.equal((await answer.json()).error.code, 'method-not-allowed')
    }
  }
  const page = await pages().request('/', { method: 'POST', ...browser })
  assert.match(await page.text(), /<!doctype html>/)
  assert.equal((await pages().request('/nowhere', { method: 'POST' })).status, 404)
})

test('HEAD is GET without a body', async () => {
  const response = await pages().request('/', { method: 'HEAD' })
  assert.equal(response.status, 200)
  assert.equal(await response.text(), '')
})

test('a style sheet under its hash is kept for ever, and under another one asked for again', async () => {
  const app = pages()
  const address = /href="(\/assets\/style\.css\?v=[0-9a-f]{16})"/.exec(await (await app.request('/')).text())?.[1] ?? ''
  const current = await app.request(address)
  assert.equal(current.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.match(current.headers.get('content-type') ?? '', /^text\/css/)
  const old = await app.request('/assets/style.css?v=0')
  assert.equal(old.headers.get('cache-control'), 'no-cache')
  const etag = old.headers.get('etag') ?? ''
  assert.equal((await app.request('/assets/style.css', { headers: { 'if-none-match': etag } })).status, 304)
})

test('pages themselves are never cached', async () => {
  for (const path of ['/', '/nowhere']) {
    assert.equal((await pages().request(path)).headers.get('cache-control'), 'no-store')
  }
})

test('how long a server runs is told in two units', () => {
  const shown = [0, 59_999, 60_000, 3_600_000, 7_500_000, 90_000_000].map(duration)
  assert.deepEqual(shown, ['0 s', '59 s', '1 min', '1 h 0 min', '2 h 5 min', '1 d 1 h'])
})
