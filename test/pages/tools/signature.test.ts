import assert from 'node:assert/strict'
import test, { after, before, type TestContext } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { signingFields } from '#sdk/explain/fields.ts'
import { explainSigning, signingSchemes } from '#sdk/explain/index.ts'
import { needsBrowser, openBrowser } from '../../support/browser.ts'
import { type PagesHarness, startPages } from '../harness.ts'

const AXE_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

let pages: PagesHarness
let browser: Browser
const closing: (() => Promise<void>)[] = []
before(async () => {
  pages = await startPages()
  if (!needsBrowser.skip) browser = await openBrowser({ after: (close) => closing.push(close as () => Promise<void>) })
})
after(async () => {
  for (const close of closing) await close()
  await pages.stop()
})

/** The page in a browser of its own; fails the test when it complains. */
async function open(t: TestContext, options: BrowserContextOptions = {}, hash = ''): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // What one of these tests does on purpose.
    if (message.type() === 'error' && !message.text().includes('/healthz')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => void complaints.push(String(error)))
  t.after(async () => {
    await context.close()
    assert.deepEqual(complaints, [])
  })
  await page.goto(`${pages.url}/tools/signature${hash}`)
  await page.locator('#results > *').first().waitFor()
  return page
}

const choose = async (page: Page, name: 'scheme' | 'mode' | 'language', value: string) => {
  await page.locator(`input[name=${name}][value="${value}"]`).check()
  if (name !== 'language') await page.locator(`#builder[data-shown~="${value}"]`).waitFor()
}

test(
  'a secret that is typed leaves the browser with no request, and the page could send it nowhere',
  needsBrowser,
  async (t) => {
    const page = await open(t)
    const asked: string[] = []
    page.on('request', (request) =>
      asked.push(`${request.url()} ${request.postData()} ${JSON.stringify(request.headers())}`),
    )
    const secret = 'correct-horse-battery-staple'
    await page.locator('#field-secret').fill(secret)
    const values = {
      ...Object.fromEntries(signingFields.webwallet.map(({ name, example }) => [name, example])),
      secret,
    }
    const { signature } = await explainSigning('webwallet', { ...values, url: `${pages.url}/x` })
    await page.getByText(signature).first().waitFor()
    for (const language of ['node', 'php', 'ruby', 'python', 'curl']) await choose(page, 'language', language)
    await choose(page, 'mode', 'check')
    await page.locator('#field-pasted').fill(`{"header":{"alg":"hs256"},"payload":{"a":1},"signature":"${signature}"}`)
    await page.locator('[data-mistake]').first().waitFor()
    for (const scheme of signingSchemes) await choose(page, 'scheme', scheme)
    await choose(page, 'scheme', 'webwallet')
    assert.equal(await page.locator('#field-secret').inputValue(), secret)
    assert.ok(asked.length > 5, 'modules are fetched as they are needed')
    for (const request of asked) assert.ok(!request.includes(secret) && request.includes('/assets/'), request)
    assert.ok(!page.url().includes(secret))
    assert.equal(await page.evaluate(() => Object.keys(localStorage).length + Object.keys(sessionStorage).length), 0)
    const sent = await page.evaluate(() =>
      fetch('/healthz')
        .then(
          () => 'sent',
          () => 'refused',
        )
        .catch(() => 'refused'),
    )
    assert.equal(sent, 'refused')
    const { headers } = await fetch(`${pages.url}/tools/signature`)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /connect-src/)
  },
)

test(
  'every scheme shows its steps and programs, what it signs is found good, and a spoilt one is named',
  needsBrowser,
  async (t) => {
    const page = await open(t)
    for (const scheme of signingSchemes) {
      await choose(page, 'mode', 'sign')
      await choose(page, 'scheme', scheme)
      const request = await page.getByRole('group', { name: /^(The request)$/ }).textContent()
      assert.match(request ?? '', / HTTP\/1\.1/, scheme)
      for (const language of ['curl', 'node', 'php', 'ruby', 'python']) {
        await choose(page, 'language', language)
        await page.getByRole('group', { name: language, exact: true }).waitFor()
      }
      await choose(page, 'mode', 'check')
      await page.locator('#field-pasted').fill(request ?? '')
      await page.locator('[data-valid]').waitFor()
      assert.equal(await page.locator('[data-valid]').getAttribute('data-valid'), 'true', `${scheme}\n${request}`)
      await page.getByRole('button', { name: 'One that fails' }).click()
      await page.locator('[data-mistake]').first().waitFor()
      assert.equal(await page.locator('[data-mistake]').count(), 1, scheme)
    }
  },
)

test('a request of another scheme is known, and one click checks it as that', needsBrowser, async (t) => {
  const page = await open(t)
  await choose(page, 'mode', 'check')
  const pasted = 'GET /api/v2/brands HTTP/1.1\nAPI-Key: abc123\nSignature: 00\nTimestamp: 1533025425488'
  await page.locator('#field-pasted').fill(pasted)
  await page.getByRole('button', { name: 'Check it as that' }).click()
  assert.equal(await page.locator('input[name=scheme]:checked').getAttribute('value'), 'tillo')
  assert.equal(await page.locator('[data-mistake]').first().getAttribute('data-mistake'), 'stale-time')
})

test('it is worked by the keyboard alone, and a field that is wrong says so', needsBrowser, async (t) => {
  const page = await open(t)
  await page.locator('input[name=scheme]:checked').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  assert.equal(new URL(page.url()).hash, '#walleo')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'field-method')
  for (let i = 0; i < 2; i++) await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'field-body')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('{')
  await page.getByText('is no JSON').waitFor()
  assert.equal(await page.locator('#field-body').getAttribute('aria-invalid'), 'true')
})

for (const options of [
  { viewport: { width: 360, height: 740 } },
  { viewport: { width: 768, height: 1024 }, locale: 'fr-FR', colorScheme: 'dark' },
  { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  { viewport: { width: 1440, height: 900 }, locale: 'fr-FR' },
] as const) {
  const {
    viewport,
    locale = 'en-GB',
    colorScheme = 'light',
  } = { ...options } as BrowserContextOptions & { viewport: { width: number } }
  test(`nothing is amiss at ${viewport.width} px, ${locale}, ${colorScheme}`, needsBrowser, async (t) => {
    const page = await open(t, options)
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
    for (const scheme of viewport.width === 360 ? ['webwallet', 'transaction-token'] : ['walleo']) {
      await choose(page, 'mode', 'sign')
      await choose(page, 'scheme', scheme)
      await page.locator('.programs').waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, scheme)
      assert.deepEqual(await complaintsOf(page), [])
      await choose(page, 'mode', 'check')
      await page.locator('#inputs .buttons button').first().click()
      await page.locator('[data-mistake]').first().waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, scheme)
      assert.deepEqual(await complaintsOf(page), [])
    }
  })
}

async function complaintsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(AXE_RULES).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

test('at most 100 kB come over the network until everything stands there', needsBrowser, async (t) => {
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const client = await context.newCDPSession(page)
  await client.send('Network.enable')
  let bytes = 0
  client.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await page.goto(`${pages.url}/tools/signature#walleo`)
  await page.locator('.programs').waitFor()
  assert.ok(bytes > 10_000 && bytes <= 100_000, `${bytes}`)
})

test('without a script it says what it needs, and what does the same', needsBrowser, async (t) => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' })
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${pages.url}/tools/signature`)
  assert.match((await page.locator('noscript').textContent()) ?? '', /needs a script.*billfold sign/)
  assert.equal(await page.locator('#builder').isVisible(), false)
})

test('modules are JavaScript, cached for ever under their version, and nothing else of the disk is served', async () => {
  const html = await (await fetch(`${pages.url}/tools/signature`)).text()
  const entry = /src="(\/assets\/tools\/[0-9a-f]{16}\/app\.js)"/.exec(html)?.[1] as string
  const seen = new Set([entry])
  for (const path of seen) {
    const answer = await fetch(pages.url + path)
    assert.equal(answer.status, 200, path)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/javascript/)
    assert.equal(answer.headers.get('content-encoding'), 'gzip')
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/)
    const text = await answer.text()
    assert.doesNotMatch(text, /\bimport type\b|\.ts['"]|#sdk/, path)
    for (const [, next = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([./][^'"\n]+)['"]/g)) {
      seen.add(new URL(next, `http://x${path}`).pathname)
    }
  }
  assert.ok(seen.size > 40, `${seen.size}`)
  const plain = await fetch(pages.url + entry, { headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.headers.get('content-encoding'), null)
  const [, version = ''] = /\/tools\/(\w+)\//.exec(entry) ?? []
  for (const path of [
    entry.replace(version, '0'.repeat(16)),
    `/assets/sdk/${version}/webwallet/client.js`,
    `/assets/sdk/${version}/../../../package.json`,
    `/assets/sdk/${version}/%2e%2e/%2e%2e/package.js`,
    `/assets/tools/${version}/../pages.js`,
  ]) {
    assert.equal((await fetch(pages.url + path)).status, 404, path)
  }
})
