import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createPurchase } from '../../../src/operations/purchases/create-purchase.ts'
import { requireMerchant } from '../../../src/operations/purchases/require-merchant.ts'
import { createEndpoint } from '../../../src/operations/webhooks/create-endpoint.ts'
import { sendTestEvent } from '../../../src/operations/webhooks/send-test-event.ts'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../support/browser.ts'
import { seedConsole } from '../sweep/seed-console.ts'
import { redeem, seedFactors, seedMails, seedPurchases } from '../sweep/seed-people.ts'
import { seedPages } from '../sweep/seeds.ts'
import { sweep } from '../sweep/sweep.ts'
import { type Access, startAccess } from './access.ts'

let server: Access
let browser: Browser
let checkout: string
let seeds: Awaited<ReturnType<typeof seedPages>>
const paths: string[] = []
before(async () => {
  server = await startAccess()
  if (needsBrowser.skip) return
  browser = await launchBrowser()
  const { assembly, db, sandbox } = server
  const { client_id: client } = sandbox.clients.merchant
  const merchant = await requireMerchant(db, sandbox.pledg.merchant_uid)
  const wish = { reference: 'order-1', amount: 2000n, title: 'Two chairs', details: { email: 'ada@shop.example' } }
  const made = await createPurchase(assembly.purchases, { merchant, via: 'front', wish })
  assert.ok('purchase' in made)
  checkout = `/checkout/${made.link}`
  seeds = await seedPages(server)
  const grant = await server.consent(client)
  const url = 'https://shop.example/a-rather-long-path/to/the/receiver/of/everything/that/happens'
  const hook = await db.transaction((sql) =>
    createEndpoint({ ...assembly, db: sql }, { partyId: server.shop, url, topics: ['purchase.*', 'card.issued'] }),
  )
  const delivery = await sendTestEvent(assembly, { id: hook.id })
  const [jackpot] = await db.query<{ id: string }>('select partner_id as id from jackpot_account')
  const [key] = await db.query<{ id: string }>('select id from api_key limit 1')
  paths.push(
    '/purchases',
    `/purchases/${made.purchase.id}`,
    `/purchases/${made.purchase.id}/credit`,
    '/merchants',
    '/merchants/new',
    `/merchants/${merchant.id}`,
    `/merchants/${merchant.id}/edit`,
    `/merchants/${merchant.id}/plans`,
    `/merchants/${merchant.id}/secret`,
    '/jackpot-accounts',
    '/jackpot-accounts/new',
    `/jackpot-accounts/${jackpot?.id}`,
    '/clients',
    '/clients/new',
    `/clients/${client}`,
    `/clients/${client}/rotate-secret`,
    '/grants',
    `/grants/${grant.id}`,
    `/grants/${grant.id}/revoke`,
    '/api-keys',
    '/api-keys/new',
    `/api-keys/${key?.id}`,
    '/webhooks',
    '/webhooks/new',
    `/webhooks/${hook.id}`,
    `/webhooks/${hook.id}/rotate`,
    '/deliveries',
    `/deliveries/${delivery}`,
    '/compromise',
    `/compromise/answer/party/${server.shop}`,
    `/compromise/answer/client/${client}`,
  )
})
after(async () => {
  await browser?.close()
  await server.stop()
})

async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  t.after(() => context.close())
  const page = await context.newPage()
  const { email, password } = server.sandbox.operator
  await signIn(page, server.url, email, password)
  return page
}

/** Where pictures go, for people to look at; absent: none are taken. */
const pictures = process.env.CONSOLE_PICTURES

async function look(page: Page, name: string): Promise<void> {
  if (!pictures) return
  await mkdir(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

test(
  'every page of every route is used without a mouse, without a script, at every width, and is light',
  needsBrowser,
  async (t) => {
    const { card, interaction, more } = seeds
    await seedMails(server)
    const factors = await seedFactors(server)
    const purchases = await seedPurchases(server)
    const states = await seedConsole(server, purchases)
    const receipt = await redeem(server, seeds.code)
    const { people, till, operator } = server.sandbox
    const { pages, heaviest, findings, missed } = await sweep(browser, server, [
      {
        name: 'a stranger',
        from: [
          '/',
          '/sign-in',
          '/recover',
          '/outbox',
          '/tools/signature',
          '/docs',
          '/docs/admin/clients',
          '/cards/balance',
          card,
          checkout,
          '/purchase',
          '/payment_solutions',
        ],
      },
      { name: 'half signed in', cookies: factors.half.cookies, from: ['/sign-in/factor'] },
      { name: 'a careful person', cookies: factors.whole.cookies, from: ['/account/security', '/account'] },
      {
        name: 'a person',
        ...people[0],
        from: [
          '/wallet',
          ...['purchases', 'invoices', 'applications', 'handovers'].map((list) => `/wallet/${list}`),
          purchases.part,
          '/account',
          '/account/security/totp',
          interaction,
          '/account/data/erasure/sent',
        ],
      },
      {
        name: 'an operator',
        ...operator,
        from: ['/console', ...paths.map((path) => `/console${path}`), ...more, ...states.paths],
      },
      { name: 'a business', ...till, from: ['/till', receipt, '/console', '/console/purchases', '/console/api-keys'] },
      { name: 'a partner', cookies: states.partner.cookies, from: ['/console', '/console/float-requests/new'] },
    ])
    t.diagnostic(`${pages} pages, the heaviest of ${heaviest} bytes`)
    assert.deepEqual(findings, [])
    assert.deepEqual(missed, [], 'a route that nobody gets to: make what its page is about')
  },
)

test('a secret is replaced by keyboard alone, without a script, and is read on the page', needsBrowser, async (t) => {
  const page = await open(t, { javaScriptEnabled: false, viewport: { width: 768, height: 900 } })
  const { client_id: id } = server.sandbox.clients.gateway
  await page.goto(`${server.url}/console/clients/${id}/rotate-signing-secret`)
  await page.locator('input[name=password]').focus()
  await page.keyboard.type(server.sandbox.operator.password)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('.secret').waitFor()
  assert.match((await page.locator('.secret').textContent()) ?? '', /^bfh_/)
  await look(page, 'secret-768')
  assert.match((await page.locator('.warnings').textContent()) ?? '', /HTTPS only/)
  await page.locator('.secret').focus()
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'secret')
})

test('a credential is answered for from its page, and its uses are shown', needsBrowser, async (t) => {
  const page = await open(t, { viewport: { width: 1440, height: 900 } })
  const { client_id: id } = server.sandbox.clients.merchant
  await page.goto(`${server.url}/console/clients/${id}`)
  await page.getByRole('link', { name: 'Somebody else may have it' }).click()
  await page.locator('input[name=password]').fill(server.sandbox.operator.password)
  await page.getByRole('button', { name: 'End it now' }).click()
  await page.getByRole('heading', { name: 'What it was used for' }).waitFor()
  await look(page, 'compromise-id-1440')
  assert.deepEqual(await seriousFindings(page), [])
  assert.match((await page.getByRole('status').first().textContent()) ?? '', /ended|second factor/)
  await page.setViewportSize({ width: 360, height: 800 })
  await look(page, 'compromise-id-360')
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(over <= 0)
})
