import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { call as callWalleo, nowInSeconds } from '../../protocols/walleo/harness.ts'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser } from '../../support/browser.ts'
import { looksAt } from '../../support/looks.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
let browser: Browser
let owner: Visitor
let paths: string[]

before(async () => {
  if (needsBrowser.skip) return
  ;[server, browser] = await Promise.all([startConsole(), launchBrowser()])
  const { api_key: apiKey, identifier, shared_key: sharedKey } = server.sandbox.walleo
  const walleo = { apiKey, identifier, sharedKey }
  const card = (code: string, requestId: string, twist = {}) =>
    callWalleo(
      server.url,
      walleo,
      'POST',
      '/cards',
      { card: { gift_card_code: code, amount: 50 } },
      { requestId, ...twist },
    )
  const brands = JSON.parse((await callWalleo(server.url, walleo, 'GET', '/gift_cards')).text) as { code: string }[]
  for (const [index, { code }] of brands.entries()) await card(code, `order-2026-11-${index}`)
  await card('EMPTYFR', 'order-signed-wrong', { payload: '{}' })
  await card('EMPTYFR', 'order-late', { timestamp: nowInSeconds() - 9_000 })
  await server.assembly.calls.flush()
  const [partner] = await server.db.query<{ party_id: string }>('select party_id from partner order by id limit 1')
  const party = partner?.party_id ?? ''
  await server.db.query(
    `insert into float_alert (wallet_id, below) select f.wallet_id, 1000000000 from partner_float f
     join partner p on p.id = f.partner_id where p.party_id = $1 order by f.wallet_id limit 1`,
    [party],
  )
  // A month with a course to draw.
  await server.db.query(
    `insert into business_day (party_id, day, asset_id, what, count, amount)
     select $1, (now() at time zone 'UTC')::date - n, (select asset_id from partner_float order by wallet_id limit 1), w,
       3 + n % 5, 20000 + 9000 * ((n * 7 + length(w)) % 11) from generate_series(1, 29) n, unnest(array['cards', 'redemptions']) w
     on conflict do nothing`,
    [party],
  )
  await server.db.query(
    `insert into business_day_counted (party_id, day) select $1, (now() at time zone 'UTC')::date - n from generate_series(1, 29) n
     on conflict do nothing`,
    [party],
  )
  owner = await server.visitor('owner', party)
  const link = async (path: string, pattern: RegExp) =>
    [...(await owner.get(path)).text.matchAll(/href="([^"]+)"/g)]
      .map(([, href]) => href ?? '')
      .find((href) => pattern.test(href)) ?? ''
  const account = await link('/console/statements', /\/statements\/[^/]+EUR$/)
  const month = await link(account, /\/\d{4}-\d{2}$/)
  const calls = '/console/calls?status=401'
  const detail = [...(await owner.get(calls)).text.matchAll(/href="(\/console\/calls\/[^"]+)"/g)].map(
    ([, href]) => href ?? '',
  )
  paths = [
    '/console',
    '/console/calls',
    calls,
    ...detail,
    '/console/calls?request=nobody',
    '/console/statements',
    account,
    month,
    `${month}/print`,
    '/console/keys',
  ]
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

const WIDTHS = [360, 768, 1440]
const shots = process.env.BILLFOLD_SHOTS

async function each(
  options: { colorScheme: 'light' | 'dark'; javaScriptEnabled: boolean; locale?: string },
  look: (page: Page, path: string, width: number) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  try {
    await context.addCookies([...owner.cookies].map(([name, value]) => ({ name, value, url: server.url })))
    const page = await context.newPage()
    for (const path of paths) {
      await page.goto(server.url + path)
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 })
        await look(page, path, width)
      }
    }
  } finally {
    await context.close()
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a business’s pages have no serious finding, ${colorScheme}`, {
    ...needsBrowser,
    timeout: 200_000,
  }, async () => {
    await each({ colorScheme, javaScriptEnabled: true }, async (page, path, width) => {
      if (shots) {
        const name = `${path
          .replace(/^\/console/, 'c')
          .replaceAll(/[^a-z0-9]+/gi, '-')
          .slice(0, 60)}-${width}-${colorScheme}.png`
        await page.screenshot({ path: `${shots}/${name}`, fullPage: true })
      }
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
        false,
        `${path} ${width}`,
      )
      // Wide by day and narrow by night, or the other way round.
      const day = paths.indexOf(path) * 2 + (colorScheme === 'light' ? 0 : 1)
      if (width !== 768 && looksAt(day + Math.floor(day / 2), width === 360 ? 0 : 1, 2))
        assert.deepEqual(await seriousFindings(page), [], `${path} ${width}`)
    })
  })
}

test('they say the same in French without a script', needsBrowser, async () => {
  await each({ colorScheme: 'light', javaScriptEnabled: false, locale: 'fr-FR' }, async (page, path, width) => {
    if (width !== 360) return
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr', path)
    assert.ok((await page.locator('h1').innerText()).length > 0, path)
  })
})

test('by keyboard alone a refusal is found, read, and taken to the signature builder', needsBrowser, async () => {
  const context = await browser.newContext()
  try {
    await context.addCookies([...owner.cookies].map(([name, value]) => ({ name, value, url: server.url })))
    const page = await context.newPage()
    await page.goto(`${server.url}/console/calls`)
    const tabTo = async (selector: string) => {
      for (let i = 0; i < 120; i++) {
        await page.keyboard.press('Tab')
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
      }
      assert.fail(`no way to ${selector} by keyboard`)
    }
    await tabTo('#status')
    await page.keyboard.type('401')
    await tabTo('.filters button')
    await Promise.all([page.waitForURL(/status=401/), page.keyboard.press('Enter')])
    await tabTo('a[href^="/console/calls/"]')
    await Promise.all([page.waitForURL(/calls\/[0-9a-f-]{36}$/), page.keyboard.press('Enter')])
    await tabTo('a[href^="/tools/signature#"]')
    await Promise.all([page.waitForURL(/tools\/signature#walleo$/), page.keyboard.press('Enter')])
  } finally {
    await context.close()
  }
})
