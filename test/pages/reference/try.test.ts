import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { API_NAMES, type ApiName } from '../../../src/openapi/names.ts'
import { launchBrowser, needsBrowser, signIn } from '../../support/browser.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { startPages } from '../harness.ts'

let server: SandboxServer
let browser: Browser | undefined
before(async () => {
  server = await startSandboxServer()
  if (!needsBrowser.skip) browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await server.stop()
  assert.deepEqual(server.faults, [])
})

type Request = { url: string; headers: Record<string, string>; body: string | null }

async function open(t: TestContext): Promise<{ page: Page; requests: Request[] }> {
  const context = await (browser as Browser).newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  const requests: Request[] = []
  const complaints: string[] = []
  page.on('request', async (request) => {
    if (request.resourceType() === 'fetch')
      requests.push({ url: request.url(), headers: await request.allHeaders(), body: request.postData() })
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  t.after(async () => {
    await context.close()
    assert.deepEqual(complaints, [])
  })
  return { page, requests }
}

async function sendForm(page: Page): Promise<string> {
  await page.locator('#try button.primary').click()
  await page.locator('#builder[data-shown]:not([data-shown=""])').waitFor()
  return (await page.locator('#builder').getAttribute('data-shown')) ?? ''
}

test(
  'a signed call of each protocol goes from the page, with what its operator finds filled in, and is answered',
  needsBrowser,
  async (t) => {
    const { page, requests } = await open(t)
    const { operator } = server.sandbox
    await signIn(page, server.url, operator.email, operator.password)
    for (const name of API_NAMES) {
      await page.goto(`${server.url}/docs/${name}/try`)
      requests.length = 0
      const status = await sendForm(page)
      assert.match(status, /^20[01]$/, `${name}: ${await page.locator('#results').textContent()}`)
      await page.getByText(`The server answered ${status}`).waitFor()
      assert.ok(requests.length > 0)
      for (const { url, headers } of requests) {
        assert.ok(url.startsWith(`${server.url}/`), url)
        assert.equal(headers.cookie, undefined, 'whoever is signed in is not told')
      }
      const shown = (await page.locator('#results').textContent()) ?? ''
      assert.match(shown, /HTTP\/1\.1 20[01]/)
      if (name !== 'admin') assert.match(shown, /The text that is signed/)
      for (const secret of secretsOf(name)) assert.ok(!shown.includes(secret), `${name} shows a secret`)
    }
  },
)

/** What a person who looks on must not learn. */
function secretsOf(name: ApiName): string[] {
  const { clients, walleo, tillo, pledg, jackpot, operator } = server.sandbox
  const secrets: Record<ApiName, string[]> = {
    webwallet: [clients.gateway.client_secret, clients.gateway.signing_secret],
    oauth: [clients.merchant.client_secret],
    walleo: [walleo.shared_key],
    tillo: [tillo.secret],
    pledg: [pledg.merchant_secret],
    jackpot: [jackpot.api_signature],
    admin: [operator.api_key],
  }
  return secrets[name]
}

test(
  'whoever is not signed in, or is no operator, types credentials in; the page has none, and the same id is answered alike',
  needsBrowser,
  async (t) => {
    const { walleo, people, till } = server.sandbox
    const { page } = await open(t)
    for (const who of [null, people[0], till]) {
      if (who) await signIn(page, server.url, who.email, who.password)
      for (const name of API_NAMES) {
        const html = await (await page.goto(`${server.url}/docs/${name}/try`))?.text()
        for (const secret of [...secretsOf(name), walleo.api_key, server.sandbox.tillo.api_key])
          assert.ok(!html?.includes(secret), name)
      }
      if (who) await page.context().clearCookies()
    }
    await page.goto(`${server.url}/docs/walleo/try`)
    for (const [field, value] of Object.entries({
      apiKey: walleo.api_key,
      identifier: walleo.identifier,
      secret: walleo.shared_key,
    }))
      await page.locator(`#field-${field}`).fill(value)
    const answers = []
    for (let times = 0; times < 2; times++) {
      assert.equal(await sendForm(page), '200')
      answers.push(/"id": "([0-9a-f-]{36})"/.exec((await page.locator('#results').textContent()) ?? '')?.[1])
    }
    assert.ok(answers[0])
    assert.equal(answers[0], answers[1])
    await page.locator('#again').click()
    assert.equal(await sendForm(page), '200')
    assert.ok(!(await page.locator('#results').textContent())?.includes(answers[0] as string))
  },
)

test(
  'a wrong secret is refused by the server, a malformed one by the page, and both are told',
  needsBrowser,
  async (t) => {
    const { walleo } = server.sandbox
    const { page } = await open(t)
    await page.goto(`${server.url}/docs/walleo/try`)
    await page.locator('#field-apiKey').fill(walleo.api_key)
    await page.locator('#field-identifier').fill(walleo.identifier)
    await page.locator('#field-secret').fill('00ff')
    assert.equal(await sendForm(page), '401')
    assert.match((await page.locator('#results').textContent()) ?? '', /invalid_signature/)
    await page.locator('#field-secret').fill('no hexadecimal')
    await page.locator('#try button.primary').click()
    await page.locator('#builder[data-shown=failed]').waitFor()
    assert.equal(await page.locator('#field-secret').getAttribute('aria-invalid'), 'true')
  },
)

test('only this page may ask the server, and it may ask nobody else', needsBrowser, async (t) => {
  const { page } = await open(t)
  const answer = await page.goto(`${server.url}/docs/walleo/try`)
  const policy = answer?.headers()['content-security-policy'] ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /connect-src 'self'(;|$)/)
  assert.doesNotMatch(policy, /unsafe|\*/)
  const elsewhere = await page.evaluate(() =>
    fetch('https://elsewhere.example/').then(
      () => 'sent',
      () => 'refused',
    ),
  )
  assert.equal(elsewhere, 'refused')
  assert.equal(answer?.headers()['cache-control'], 'no-store')
})

test('a form is sent to another site’s address in no way: its path stays on this server', needsBrowser, async (t) => {
  const { page, requests } = await open(t)
  await page.goto(`${server.url}/docs/admin/try`)
  await page.locator('#field-apiKey').fill('bfk_x')
  for (const path of ['//elsewhere.example/x', 'https://elsewhere.example/x', '@elsewhere.example/']) {
    await page.locator('#field-path').fill(path)
    await sendForm(page)
  }
  for (const { url } of requests) assert.ok(url.startsWith(`${server.url}/`), url)
})

test('without a script it says what it needs', needsBrowser, async (t) => {
  const context = await (browser as Browser).newContext({ javaScriptEnabled: false, locale: 'en-GB' })
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${server.url}/docs/tillo/try`)
  assert.match((await page.locator('noscript').textContent()) ?? '', /needs a script/)
  assert.equal(await page.locator('#try').isVisible(), false)
})

test('a production server has the reference and no form', async (t) => {
  const { apiDocuments } = await import('../../../src/api-documents.ts')
  const publicUrls = ['https://billfold.example']
  const pages = await startPages({
    config: { mode: 'production', publicUrls },
    reference: { documents: apiDocuments, publicUrls },
  })
  t.after(() => pages.stop())
  const page = await fetch(`${pages.url}/docs/walleo`)
  assert.equal(page.status, 200)
  assert.doesNotMatch(await page.text(), /\/try/)
  assert.equal((await fetch(`${pages.url}/docs/walleo/try`)).status, 404)
})
