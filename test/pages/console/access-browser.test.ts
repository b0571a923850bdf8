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
import { looksAt } from '../../support/looks.ts'
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

const nameOf = (path: string) =>
  path
    .slice(1)
    .replace(/[0-9a-f-]{36}|bfc_[\w-]+/g, 'id')
    .replaceAll('/', '-')

for (const [at, { width, scheme, checked }] of (
  [
    { width: 360, scheme: 'light', checked: true },
    { width: 1440, scheme: 'dark', checked: true },
    { width: 768, scheme: 'light', checked: false },
  ] as const
).entries())
  test(
    `every page at ${width} px, ${scheme}: nothing wider than the window${checked ? ', nothing that axe finds serious' : ''}`,
    needsBrowser,
    async (t) => {
      const page = await open(t, { viewport: { width, height: 900 }, colorScheme: scheme })
      for (const [index, path] of paths.entries()) {
        if (checked ? !looksAt(index, at, 2) : !looksAt(index, 0, 4)) continue
        await page.goto(`${server.url}/console${path}`)
        await look(page, `${nameOf(path)}-${width}-${scheme}`)
        // What differs between the others is the width alone.
        if (checked) assert.deepEqual(await seriousFindings(page), [], path)
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        assert.ok(over <= 0, `${path} is ${over} px wider than ${width}`)
      }
    },
  )

/** Reached by other tests' ways: mails, second factors, what a business does with others, and acts of the states that these make. */
const ELSEWHERE = [
  '/sign-in/factor',
  '/invitation/:token',
  '/verify/:token',
  '/account/security/totp/remove',
  '/account/security/codes',
  '/account/security/passkeys/new',
  '/account/security/passkeys/:id/remove',
  '/account/security/applications/new',
  '/erase/:token',
  '/till/redemptions/:id',
  '/purchase',
  '/payment_solutions',
  '/wallet/purchases',
  '/wallet/purchases/:uid',
  '/wallet/purchases/:uid/parts/:number',
  '/console/wallets/:id/refills',
  '/console/funding/:id/approve',
  '/console/books/audits/:id',
  '/console/calls/:id',
  '/console/statements/:wallet/:period',
  '/console/statements/:wallet/:period/print',
  '/console/orders/:id/resend',
  '/console/cards/:id/unblock',
  '/console/stock/:id/report',
  '/console/partners/:id/credentials/:credential/addresses',
  '/console/float-requests/new',
  '/console/float-requests/:id',
  '/console/float-requests/:id/approve',
  '/console/float-requests/:id/refuse',
  '/console/purchases/:id/capture',
  '/console/purchases/:id/release',
  '/console/purchases/:id/cancel',
  '/console/compromise/:id',
]

test('every page of every route is used without a mouse, and without a script', needsBrowser, async (t) => {
  const { card, interaction, more } = seeds
  const { people, till, operator } = server.sandbox
  const { pages, findings, missed } = await sweep(browser, server, [
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
      ],
    },
    { name: 'a person', ...people[0], from: ['/wallet', '/account', '/account/data/erasure/sent', interaction] },
    { name: 'an operator', ...operator, from: ['/console', ...paths.map((path) => `/console${path}`), ...more] },
    { name: 'a business', ...till, from: ['/till', '/console', '/console/purchases', '/console/api-keys'] },
  ])
  t.diagnostic(`${pages} pages`)
  assert.deepEqual(findings, [])
  assert.deepEqual(missed, ELSEWHERE)
})

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
