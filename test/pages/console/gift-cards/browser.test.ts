import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { findCard } from '../../../../src/storage/cards.ts'
import { seriousFindings } from '../../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../../support/browser.ts'
import { looksAt } from '../../../support/looks.ts'
import { type Shop, startShop } from './shop.ts'

let shop: Shop
let browser: Browser
let paths: string[]

before(async () => {
  if (needsBrowser.skip) return
  shop = await startShop()
  browser = await launchBrowser()
  const one = async (sql: string) => (await shop.db.query<{ id: string }>(sql))[0]?.id as string
  const own = `select b.slug as id from brand b join asset s on s.id = b.asset_id where b.supply = 'own' and s.code = 'EUR'
    and b.min_value is not null and not b.asynchronous and b.status = 'enabled' order by b.slug limit 1`
  const slug = await one(own)
  const { order } = await shop.order(slug, 5000n, 'in the browser')
  for (let i = 0; i < 5; i++) await shop.order(slug, 2500n, `more-${i}`)
  const card = await findCard(shop.db, { orderId: order.id })
  const stock = await one(`select id from brand where supply = 'stock' order by slug limit 1`)
  const csv = 'code,value\nSHOWN-1,15\nSHOWN-1,15\nwrong\n'
  const { location } = await shop.upload(shop.operator, `/console/brands/${stock}/stock`, csv)
  const asked = await shop.owner.submit('/console/float-requests/new', {
    float: 'float:sandbox:EUR',
    amount: '950.00',
    reference: 'SEPA 4711',
  })
  const request = asked.location?.split('?')[0]
  const brand = await one(`select id from brand where slug = '${slug}'`)
  const key = await one(`select id from partner_credential where revoked_at is null order by id limit 1`)
  const partner = `/console/partners/${shop.partner.id}`
  await shop.operator.submit('/console/velocity/new', {
    ...{
      subject: 'partner',
      partner: 'sandbox',
      brand: '',
      period: '86400',
      max_count: '10000',
      max_amount: '',
      currency: '',
    },
  })
  await shop.operator.submit(`/console/brands/${brand}/offers`, {
    kind: 'bonus',
    rate: '10',
    rounding: 'minor',
    funder: 'brand',
    password: shop.password,
  })
  paths = [
    ...['/console/partners', '/console/partners/new', partner, `${partner}/fund`, `${partner}/credentials`],
    ...[`${partner}/credentials/${key}`, `${partner}/credentials/${key}/revoke`],
    ...['/console/brands', '/console/brands/new', `/console/brands/${brand}`, `/console/brands/${brand}/edit`],
    ...['/console/stock', `/console/brands/${stock}/stock`, location as string],
    ...['/console/orders', `/console/orders/${order.id}`, `/console/orders/${order.id}/cancel`],
    ...['/console/cards', `/console/cards/${card?.id}`, `/console/cards/${card?.id}/reveal`],
    ...['/console/float-requests', request as string, `${request}/approve`],
    ...['/console/velocity', '/console/velocity/new', '/console/reports', '/console/reports/sales'],
  ]
})
after(async () => {
  if (needsBrowser.skip) return
  await browser.close()
  await shop.assertClean().finally(shop.stop)
})

async function operatorPage(context: BrowserContext, next: string): Promise<Page> {
  const page = await context.newPage()
  const { email, password } = shop.sandbox.operator
  await signIn(page, shop.url, email, password, next)
  return page
}

test(
  'no page about gift cards has a serious finding, wide or narrow, light or dark, in English or French, or scrolls sideways',
  needsBrowser,
  async () => {
    const folder = process.env.SCREENSHOTS
    for (const [width, scheme] of [
      [360, 'light'],
      [1440, 'dark'],
      ...(folder
        ? ([
            [360, 'dark'],
            [768, 'light'],
            [1440, 'light'],
          ] as const)
        : []),
    ] as const) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        locale: width === 360 ? 'fr-FR' : 'en-GB',
      })
      const page = await operatorPage(context, '/console/partners')
      for (const [index, path] of paths.entries()) {
        if (!folder && !looksAt(index, width === 360 ? 0 : 1, 2)) continue
        const answer = await page.goto(shop.url + path)
        assert.equal(answer?.status(), 200, path)
        assert.deepEqual(await seriousFindings(page), [], `${path} at ${width}, ${scheme}`)
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        assert.ok(over <= 0, `${path} scrolls ${over} px sideways at ${width}`)
        if (folder) {
          const name = path
            .replace('/console/', '')
            .replaceAll(/[0-9a-f-]{36}/g, 'ID')
            .replaceAll('/', '_')
          await writeFile(join(folder, `${name}-${width}-${scheme}.png`), await page.screenshot({ fullPage: true }))
        }
      }
      await context.close()
    }
  },
)

test('without a script a file is uploaded by the keyboard’s way, and its report read', needsBrowser, async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await operatorPage(context, '/console/stock')
  await page.locator('main table a').first().click()
  await page.locator('#password').fill(shop.password)
  await page.locator('input[type=file]').setInputFiles({
    name: 'plain.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('code,value\nPLAIN-1,15\nPLAIN-1,15\n'),
  })
  await page.locator('#upload button').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/report$/)
  assert.match((await page.locator('main').textContent()) ?? '', /stands above in the file/)
  await context.close()
})

test(
  'with one, the bar shows how far it is, a refusal is said on the page, and the end leads to the report',
  needsBrowser,
  async () => {
    const context = await browser.newContext()
    const page = await operatorPage(context, '/console/stock')
    const faults: string[] = []
    page.on(
      'console',
      (message) => message.type() === 'error' && !/422/.test(message.text()) && faults.push(message.text()),
    )
    await page.locator('main table a').first().click()
    await page.locator('#password').fill(shop.password)
    const choose = (text: string) =>
      page
        .locator('input[type=file]')
        .setInputFiles({ name: 'scripted.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await choose('no header at all')
    await page.locator('#upload button').click()
    await page.locator('#upload-note', { hasText: /header|column/i }).waitFor()
    assert.ok(await page.locator('#upload button').isEnabled())
    await choose(`code,value\n${Array.from({ length: 30_000 }, (_, i) => `SCRIPTED-${i},15`).join('\n')}`)
    await page.locator('#upload button').click()
    await page.locator('#upload-progress progress').waitFor()
    await page.waitForURL(/\/report$/, { timeout: 60_000 })
    assert.match((await page.locator('main').textContent()) ?? '', /30,000/)
    assert.deepEqual(faults, [])
    await context.close()
  },
)
