import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { apiDocuments } from '../../../src/api-documents.ts'
import { operationsOf } from '../../../src/openapi/document.ts'
import { API_NAMES } from '../../../src/openapi/names.ts'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser } from '../../support/browser.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../../support/server.ts'

let server: SandboxServer
let browser: Browser | undefined
before(async () => {
  server = await startSandboxServer()
  if (!needsBrowser.skip) browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await server.stop()
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers })

test('each protocol has its pages, its document and its collection, and they lead to one another', async () => {
  const index = await (await get('/docs')).text()
  for (const name of API_NAMES) {
    for (const path of [
      `/docs/${name}`,
      `/docs/${name}/try`,
      `/docs/openapi/${name}.json`,
      `/docs/postman/${name}.json`,
    ]) {
      assert.ok(index.includes(`href="${path}"`), path)
      assert.equal((await get(path)).status, 200, path)
    }
    assert.deepEqual(
      await (await get(`/docs/openapi/${name}.json`)).json(),
      JSON.parse(JSON.stringify(await apiDocuments[name]())),
    )
    const { variable } = await (await get(`/docs/postman/${name}.json`)).json()
    assert.equal(variable.find(({ key }: { key: string }) => key === 'baseUrl').value, PUBLIC_URL)
  }
  assert.ok((await (await get('/')).text()).includes('href="/docs"'))
  for (const path of [
    '/docs/nothing',
    '/docs/openapi/nothing.json',
    '/docs/openapi/walleo',
    '/docs/postman/__proto__.json',
    '/docs/walleo/cards',
    '/docs/admin/nothing',
    '/docs/constructor/try',
  ])
    assert.equal((await get(path)).status, 404, path)
})

test('every call and every code of a document stands on its pages, once, and every link of a page leads to a place', async () => {
  for (const name of API_NAMES) {
    const document = await apiDocuments[name]()
    const first = await (await get(`/docs/${name}`)).text()
    const large = operationsOf(document).length > 40
    const paths = large ? document.tags.map((tag) => `/docs/${name}/${tag.name}`) : []
    const pages = new Map([[`/docs/${name}`, first]])
    for (const path of paths) pages.set(path, await (await get(path)).text())
    const all = [...pages.values()].join()
    for (const { operation } of operationsOf(document))
      assert.equal(all.split(`<h3 id="${operation.operationId}"`).length, 2, operation.operationId)
    for (const { code } of document['x-errors']) assert.ok(first.includes(`id="error-${code}"`), code)
    for (const [path, page] of pages) {
      assert.equal(
        new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)).size,
        [...page.matchAll(/ id="/g)].length,
        path,
      )
      for (const [, href = ''] of page.matchAll(/href="((?:\/docs|#)[^"]*)"/g)) {
        const [to = '', id] = href.split('#')
        const target = to === '' ? page : (pages.get(to) ?? (id === undefined ? null : assert.fail(`${path}: ${href}`)))
        if (id && target) assert.ok(target.includes(` id="${id}"`), `${path}: ${href}`)
      }
    }
  }
})

test('a page is compressed and known again, knows nobody, and is small', async () => {
  for (const name of [...API_NAMES, 'admin/wallets', 'admin/brands']) {
    const plain = await get(`/docs/${name}`, { 'accept-encoding': 'identity', 'accept-language': 'fr' })
    assert.equal(plain.headers.get('content-encoding'), null)
    const etag = plain.headers.get('etag') as string
    const again = await get(`/docs/${name}`, { 'if-none-match': etag, 'accept-language': 'fr' })
    assert.equal(again.status, 304)
    assert.doesNotMatch(await plain.text(), /csrf|billfold_session/)
    const zipped = await fetch(`${server.url}/docs/${name}`, { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(zipped.headers.get('content-encoding'), 'gzip')
    assert.ok(Number(zipped.headers.get('content-length')) < 60_000, name)
    assert.doesNotMatch(zipped.headers.get('content-security-policy') ?? '', /connect-src/)
  }
})

for (const [width, locale, colorScheme, paths] of [
  [360, 'en-GB', 'dark', ['', '/pledg', '/jackpot/try']],
  [768, 'fr-FR', 'light', ['/oauth', '/admin/clients', '/walleo/try']],
  [1440, 'en-GB', 'light', ['', '/admin']],
  [1440, 'fr-FR', 'dark', ['/walleo']],
] as const) {
  test(`nothing is amiss at ${width} px, ${locale}, ${colorScheme}`, needsBrowser, async (t) => {
    const options: BrowserContextOptions = { viewport: { width, height: 900 }, locale, colorScheme }
    const context = await (browser as Browser).newContext(options)
    t.after(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    for (const path of paths) {
      await page.goto(`${server.url}/docs${path}`)
      assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, path)
      assert.deepEqual(await seriousFindings(page), [], path)
    }
    assert.deepEqual(complaints, [])
  })
}

test('by the keyboard one gets from the contents to a call, and on to what a code means', needsBrowser, async (t) => {
  const context = await (browser as Browser).newContext({ locale: 'en-GB' })
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${server.url}/docs/walleo`)
  await page.locator('.contents a[href="#createCard"]').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/#createCard$/)
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(() => document.activeElement?.getAttribute('href'))) === '#error-not_enough_funds') break
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(/#error-not_enough_funds$/)
})
