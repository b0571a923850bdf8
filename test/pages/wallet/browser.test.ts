import assert from 'node:assert/strict'
import { after, afterEach, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../support/browser.ts'
import { looksAt } from '../../support/looks.ts'
import { ADA_EUR, ADA_USD, BEN_USD, CARLA_USD, startWalletPages, type WalletPages } from './harness.ts'

let pages: WalletPages
let browser: Browser | undefined

before(async () => {
  pages = await startWalletPages()
  if (!needsBrowser.skip) browser = await launchBrowser()
  await pages.fund(ADA_USD, '200.00')
  await pages.fund(CARLA_USD, '30.00')
})
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close()
})
after(async () => {
  await browser?.close()
  await pages.stop()
})

/** What a page complained of: its console, its policy, its scripts. */
type Watched = { page: Page; complaints: string[] }

/** A person at a browser of their own, signed in. */
async function open(name: string | null, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await (browser as Browser).newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // A form that is answered with its problems has a status that the browser prints.
    if (message.type() === 'error' && !/status of 422/.test(message.text())) complaints.push(message.text())
  })
  if (name) {
    const { email, password } = pages.person(name)
    await signIn(page, pages.url, email, password, '/wallet')
  }
  return { page, complaints }
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const follow = (page: Page, name: string | RegExp) => page.getByRole('main').getByRole('link', { name }).first().click()
const says = (page: Page, text: string | RegExp) =>
  page.getByRole('main').getByText(text).first().waitFor({ timeout: 5000 })

test(
  'an invoice is paid, another declined, a payment sent and an application’s rights taken back',
  needsBrowser,
  async () => {
    await pages.invoice(ADA_USD, '12.50', { description: 'Cake' })
    await pages.invoice(ADA_USD, '3.00', { description: 'Not mine' })
    await pages.consent(ADA_USD)
    const { page, complaints } = await open('ada')
    await says(page, '2 invoices wait for you.')
    await follow(page, 'Look at them')
    await page.getByRole('row', { name: /Cake/ }).getByRole('link').click()
    await follow(page, 'Pay USD 12.50')
    await says(page, 'Pay this invoice?')
    await press(page, 'Pay USD 12.50')
    await says(page, 'Paid. This is your receipt.')
    await page.reload()
    await page.goto(`${pages.url}/wallet/invoices`)
    await page
      .getByRole('row', { name: /Not mine/ })
      .getByRole('link')
      .click()
    await follow(page, 'Decline')
    await press(page, 'Decline it')
    await says(page, 'Declined. Nothing was paid.')

    await page.goto(`${pages.url}/wallet`)
    await follow(page, 'US Dollar')
    await follow(page, 'Send a payment')
    await page.getByLabel('To wallet').fill(CARLA_USD)
    await page.getByLabel('Amount').fill('7,5')
    await press(page, 'Go on')
    await says(page, 'Write an amount such as 12.50.')
    assert.equal(await page.getByLabel('Amount').evaluate((field) => field === document.activeElement), true)
    await page.getByLabel('Amount').fill('7.50')
    await press(page, 'Go on')
    await says(page, 'Carla R.')
    await press(page, 'Change it')
    await page.getByLabel('What it is for').fill('Flowers')
    await press(page, 'Go on')
    await press(page, 'Send USD 7.50')
    await says(page, 'Sent. This is your receipt.')
    await says(page, 'Flowers')
    assert.equal(await pages.balance(ADA_USD), 20_000n - 1250n - 750n)

    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Applications' }).click()
    await follow(page, 'Take back what Corner Café may do')
    await press(page, 'Take it back')
    await says(page, 'It may do nothing any more.')
    assert.deepEqual(complaints, [])
  },
)

test(
  'two people: one hands over, the other opens the link before signing in, accepts, and the link is used up',
  needsBrowser,
  async () => {
    const giver = await open('ada')
    await giver.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Handovers' }).click()
    await follow(giver.page, 'Hand over an amount')
    await giver.page.getByLabel('Amount').fill('4.00')
    await giver.page.getByLabel('What it is for').fill('Bus ticket')
    await press(giver.page, 'Make the link')
    const link = await giver.page.locator('#link').innerText()
    assert.match(link, /\/wallet\/redeem#eyJ/)
    assert.ok((await giver.page.locator('svg.qr').boundingBox())?.width)

    const requests: string[] = []
    const taker = await open(null)
    taker.page.on('request', (request) => requests.push(`${request.url()} ${request.headers().referer ?? ''}`))
    await taker.page.goto(link)
    await says(taker.page, /Somebody hands you an amount/)
    assert.equal(new URL(taker.page.url()).hash, '', 'the token leaves the address bar')
    await follow(taker.page, 'Sign in')
    const { email, password } = pages.person('carla')
    await taker.page.locator('input[name=email]').fill(email)
    await taker.page.locator('input[name=password]').fill(password)
    await taker.page.locator('main form button').first().click()
    await says(taker.page, 'Ada M. gives you this.')
    await says(taker.page, 'Bus ticket')
    await taker.page.getByLabel('Into').selectOption(CARLA_USD)
    await press(taker.page, 'Accept USD 4.00')
    await says(taker.page, 'Accepted. The money has moved.')
    const token = link.split('#')[1] as string
    assert.deepEqual(
      requests.filter((request) => request.includes(token)),
      [],
      'no address or referrer has the token',
    )
    assert.equal(await taker.page.evaluate(() => sessionStorage.length), 0)

    await giver.page.reload()
    await says(giver.page, 'Accepted')
    const late = await open('ben')
    await late.page.goto(link)
    await says(late.page, 'This has been accepted before, or was taken back.')
    assert.deepEqual([...giver.complaints, ...taker.complaints, ...late.complaints], [])
  },
)

test('a handover is taken back in the browser', needsBrowser, async () => {
  const { page, complaints } = await open('ada')
  await page.goto(`${pages.url}/wallet/handovers/new`)
  await page.getByLabel('Amount').fill('1')
  await press(page, 'Make the link')
  await follow(page, 'Take it back')
  await press(page, 'Take it back')
  await says(page, 'Taken back. The link no longer works.')
  assert.deepEqual(complaints, [])
})

test(
  'without script everything still works: send, hand over by the text of the link, accept by pasting it',
  needsBrowser,
  async () => {
    const { page } = await open('ada', { javaScriptEnabled: false })
    await page.goto(`${pages.url}/wallet/handovers/new`)
    await page.locator('#amount').fill('2')
    await page.locator('main form button').click()
    const link = await page.locator('#link').innerText()
    const taker = await open('carla', { javaScriptEnabled: false })
    await taker.page.goto(link)
    await taker.page.locator('#token').fill(link)
    await taker.page.locator('main form button').click()
    await taker.page.locator('#wallet').selectOption(CARLA_USD)
    await taker.page.locator('button[value=accept]').click()
    assert.match(await taker.page.locator('main').innerText(), /Accepted\. The money has moved\./)
  },
)

test('a payment is sent with the keyboard alone', needsBrowser, async () => {
  const { page, complaints } = await open('ada')
  const had = await pages.balance(ADA_USD)
  const { keyboard } = page
  /** Presses Tab until the focus is on what is named, which it must show. */
  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await keyboard.press('Tab')
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const label = (element as HTMLInputElement).labels?.[0]?.textContent
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        const after = getComputedStyle(element, '::after')
        const visible = outlineStyle !== 'none' && outlineWidth !== '0px'
        return { name: (label ?? element.textContent ?? '').trim(), visible: visible || after.outlineStyle !== 'none' }
      })
      assert.ok(focused.visible, `the focus shows on ${focused.name}`)
      if (focused.name === name) return
    }
    assert.fail(`no way to ${name} by the keyboard`)
  }
  await page.goto(`${pages.url}/wallet`)
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content', 'past the bar')
  await tabTo('US Dollar')
  await keyboard.press('Enter')
  await page.waitForURL(`**/wallet/${ADA_USD}`)
  await tabTo('Send a payment')
  await keyboard.press('Enter')
  await page.waitForURL('**/wallet/send?**')
  await tabTo('To wallet')
  await keyboard.type(BEN_USD)
  await tabTo('Amount')
  await keyboard.type('1.25')
  await keyboard.press('Enter')
  await says(page, 'Send this?')
  await tabTo('Send USD\u00a01.25')
  await keyboard.press('Enter')
  await says(page, 'Sent. This is your receipt.')
  assert.equal(await pages.balance(ADA_USD), had - 125n)
  assert.deepEqual(complaints, [])
})

test(
  'no page has a serious finding of axe, is wider than the screen, or breaks its policy',
  needsBrowser,
  async (t) => {
    const invoice = await pages.invoice(ADA_USD, '9.00', { description: 'Lunch', details: { subtotal: 8, taxes: 1 } })
    await pages.consent(ADA_USD)
    const visitor = await pages.visitor('ada')
    const made = await visitor.submit('/wallet/handovers/new', {
      kind: 'charges',
      wallet: ADA_USD,
      other: '',
      amount: '1',
      description: 'Tea',
      lasts: 'hour',
    })
    const history = await visitor.get(`/wallet/${ADA_USD}`)
    const transaction = /class="line" href="([^"]+)"/.exec(history.text)?.[1] as string
    const consent = /href="(\/wallet\/applications\/[^"]+)"/.exec(
      (await visitor.get('/wallet/applications')).text,
    )?.[1] as string
    const paths = [
      '/wallet',
      `/wallet/${ADA_USD}?range=week`,
      `/wallet/${ADA_USD}?q=nothing+like+it&least=1&most=0`,
      `/wallet/${ADA_EUR}`,
      `${transaction}?done=sent`,
      '/wallet/send',
      '/wallet/invoices',
      `/wallet/invoices/${invoice}`,
      `/wallet/invoices/${invoice}/pay`,
      `/wallet/invoices/${invoice}/decline`,
      '/wallet/applications',
      consent,
      '/wallet/handovers',
      '/wallet/handovers/new',
      made.location as string,
      `${made.location}/revoke`,
      '/wallet/redeem',
    ]
    await inspect(t, 'en-GB', paths)
    await inspect(t, 'fr-FR', paths, { axe: false })
  },
)

const WIDTHS = [1280, 360] as const
const SCHEMES = ['light', 'dark'] as const

async function inspect(
  t: TestContext,
  locale: string,
  paths: string[],
  // Another language is other widths, not another structure.
  options = { axe: true },
): Promise<void> {
  // Without motion, so that no colour is caught on its way to another.
  const { page, complaints } = await open('ada', { locale, reducedMotion: 'reduce' })
  let checked = 0
  const check = async (name: string) => {
    const place = checked++
    for (const [row, width] of WIDTHS.entries()) {
      await page.setViewportSize({ width, height: 800 })
      for (const [column, colorScheme] of SCHEMES.entries()) {
        if (!options.axe || !looksAt(place, row * SCHEMES.length + column, WIDTHS.length * SCHEMES.length)) continue
        await page.emulateMedia({ colorScheme })
        // Only colours differ between the schemes.
        assert.deepEqual(
          await seriousFindings(page, colorScheme === 'light' ? undefined : ['color-contrast']),
          [],
          `${name} at ${width}, ${colorScheme}`,
        )
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`)
    }
  }
  for (const path of paths) {
    await page.goto(pages.url + path)
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
    })
    await check(path)
  }
  await page.goto(`${pages.url}/wallet/send?to=x&amount=x`)
  await page.locator('main form button').first().click()
  await check('a form with problems')
  await page.goto(`${pages.url}/wallet/send?from=${ADA_USD}&to=${CARLA_USD}&amount=1`)
  await page.locator('main form button').first().click()
  await check('what is to be confirmed')
  t.diagnostic(`${paths.length + 2} pages in ${locale}`)
  assert.deepEqual(complaints, [])
  await page.context().close()
}

test('the server logged no fault, and the books are clean', async () => {
  assert.deepEqual(pages.faults, [])
  await pages.assertClean()
})
