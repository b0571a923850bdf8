import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, needsBrowser } from '../support/browser.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { freePort } from '../support/server-process.ts'

// What somebody does in their first minutes: by the links and buttons that the pages have, and the addresses of none.

let server: SandboxServer
let browser: Browser

before(async () => {
  if (needsBrowser.skip) return
  // As `npm start` has one: addresses are made of it.
  const config = { port: await freePort(), publicUrls: [] }
  ;[server, browser] = await Promise.all([startSandboxServer({ config }), launchBrowser()])
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

function walker(page: Page) {
  const inMain = page.locator('main:not(:has(.console-page)), .console-page')
  const sections = page.locator('.sections')
  return {
    /** A link of the page itself. */
    follow: (name: string) => inMain.getByRole('link', { name, exact: true }).first().click(),
    /** A place at the side. */
    visit: (name: string) => sections.getByRole('link', { name, exact: true }).click(),
    fill: async (fields: Record<string, string>) => {
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    },
    choose: (label: string, option: string) => page.getByLabel(label, { exact: true }).selectOption({ label: option }),
    press: (name: string) => inMain.getByRole('button', { name, exact: true }).click(),
    says: (text: string | RegExp) => inMain.getByText(text).first().waitFor(),
  }
}

const CODES = `value,code,pin
50.00,BLM-0001-AAAA,1111
50.00,BLM-0002-AAAA,2222
50.00,BLM-0001-AAAA,1111
fifty,BLM-0003-AAAA,3333
`

test('a newcomer makes a partner, pays in, uploads codes, signs a call from the builder and finds the order', {
  ...needsBrowser,
  timeout: 120_000,
}, async () => {
  const { email, password } = server.sandbox.operator
  const page = await browser.newPage()
  const { follow, visit, fill, choose, press, says } = walker(page)
  const proven = { 'Your password': password }
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))

  await page.goto(server.url.replace('127.0.0.1', 'localhost'))
  await follow('Open the console')
  await fill({ 'E-mail address': email, Password: password })
  await press('Sign in')
  await says('To the first sale')

  // A partner, of a business that is not here yet.
  await follow('New partner')
  await fill({ 'Name of the business': 'Tulip Rewards', 'Short name': 'tulip' })
  await press('Make the partner')
  await says('The partner is there. Open a float, then make a key.')
  await follow('Open a float')
  await fill({ Currency: 'EUR', ...proven })
  await press('Open it')
  await says('The float is open.')
  await follow('Pay in')
  await fill({ 'Amount, e.g. 25.00': '500.00', 'What it is': 'First transfer', ...proven })
  await press('Pay it in')
  await says('The money is in the float.')
  await says('EUR 500.00')
  const partnerPage = page.url()

  // A brand that is sold from stock, and its codes.
  await visit('Brands')
  await follow('New brand')
  await fill({ 'Short name': 'bloom', 'Name of the business': 'Bloom & Co', Currency: 'EUR', Name: 'Bloom' })
  await choose('Supply', 'from stock')
  await page.getByLabel('Values', { exact: true }).selectOption({ label: 'Single values' })
  await page.locator('input[name=values]').fill('50')
  await fill({ 'Code of Walleo': 'BLOOMFR', ...proven })
  await press('Make the brand')
  await says('Upload its codes: then it can be sold.')
  await follow('Stock, upload codes')
  await page
    .getByLabel('CSV file')
    .setInputFiles({ name: 'codes.csv', mimeType: 'text/csv', buffer: Buffer.from(CODES) })
  await fill(proven)
  await press('Upload')
  await says('Bloom can be sold now.')
  const refused = await page.getByRole('table', { name: 'Refused lines' }).locator('tbody').innerText()
  assert.match(refused, /^4\s+stands above in the file/)
  assert.match(refused, /5\s+cannot be read/)

  // A key, shown once; the builder opens beside it.
  await visit('Partners')
  await follow('tulip')
  assert.equal(page.url().split('?')[0], partnerPage.split('?')[0])
  await follow('Make a key')
  await fill(proven)
  await press('Make a key')
  await says('Copy this now')
  const [apiKey = '', identifier = '', secret = ''] = await page.locator('code.secret').allInnerTexts()
  const [builder] = await Promise.all([
    page.waitForEvent('popup'),
    follow('Sign a call with it (opens beside this page)'),
  ])
  builder.on('pageerror', ({ message }) => faults.push(message))
  const sheet = walker(builder)
  await sheet.fill({ 'API key': apiKey, Identifier: identifier, 'Shared key': secret })
  await builder.getByLabel('Body').fill('{"card":{"gift_card_code":"BLOOMFR","amount":50}}')
  const program = builder.locator('.programs pre')
  await program.filter({ hasText: identifier }).filter({ hasText: 'BLOOMFR' }).waitFor()

  // What it prints is a program for a shell; the secrets come from its environment.
  const { stdout } = await promisify(execFile)('sh', ['-c', await program.innerText()], {
    env: { PATH: process.env.PATH, WALLEO_API_KEY: apiKey, WALLEO_SHARED_KEY: secret },
    timeout: 20_000,
  })
  assert.match(stdout, /BLM-000[12]-AAAA/)

  await follow('I have copied it')
  await says('EUR 450.00')
  await follow('Its orders')
  await page.getByRole('table').locator('tbody a').first().click()
  await says('Bloom')
  assert.doesNotMatch(await page.locator('main').innerText(), /BLM-000[12]-AAAA/)
  await visit('Overview')
  await says('Gift cards, brand by brand')
  assert.equal(await page.getByText('To the first sale').count(), 0)
  assert.deepEqual(faults, [])
  assert.deepEqual(server.faults, [])
  await server.assertClean()
})
