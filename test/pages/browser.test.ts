import assert from 'node:assert/strict'
import test, { after, before, type TestContext } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { seriousFindings } from '../support/axe.ts'
import { needsBrowser, openBrowser, signIn } from '../support/browser.ts'
import { looksAt } from '../support/looks.ts'
import { PASSWORD, type PagesHarness, startPages } from './harness.ts'

let pages: PagesHarness
let browser: Browser
before(async () => {
  pages = await startPages({ config: { trustedProxies: ['127.0.0.1'] } })
  if (!needsBrowser.skip) browser = await openBrowser({ after: (close) => closing.push(close as () => Promise<void>) })
})
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
  await pages.stop()
})

let hosts = 0

/** A page of a browser profile of its own, from an address of its own; fails the test when the page complains. */
async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    extraHTTPHeaders: { 'x-forwarded-for': `192.0.2.${++hosts}` },
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // Chromium notes each answer that refuses a form.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    // What a page still loads when it is left.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${reason}`)
  })
  t.after(async () => {
    await context.close()
    assert.deepEqual(complaints, [])
  })
  return page
}

const heading = (page: Page) => page.locator('h1').textContent()

test('a person mistypes, signs in, and signs out', needsBrowser, async (t) => {
  const { email } = await pages.person()
  const page = await open(t)
  await page.goto(`${pages.url}/account`)
  assert.equal(await heading(page), 'Sign in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill('mistyped')
  await page.getByRole('button', { name: 'Sign in' }).click()
  assert.equal(await page.getByRole('alert').textContent(), 'This address and this password do not belong together.')
  assert.equal(await page.getByLabel('E-mail address').inputValue(), email)
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${pages.url}/account`)
  assert.equal(await page.locator('[aria-current=page]').textContent(), 'Account')
  await page.getByRole('button', { name: 'Sign out' }).click()
  assert.match((await page.getByRole('status').textContent()) ?? '', /You have signed out/)
  await page.goBack()
  await page.reload()
  assert.equal(await heading(page), 'Sign in', 'nothing of the account is left behind')
})

test('a forgotten password is recovered by the mail in the outbox', needsBrowser, async (t) => {
  const { email } = await pages.person()
  const page = await open(t)
  await page.goto(`${pages.url}/sign-in`)
  await page.getByRole('link', { name: 'Forgotten your password?' }).click()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('button', { name: 'Send the link' }).click()
  assert.equal(await heading(page), 'Look into your mailbox.')
  await page.goto(`${pages.url}/outbox`)
  await page.locator('article', { hasText: email }).first().getByRole('link').click()
  await page.getByLabel('New password').fill('a quite different one')
  await page.getByRole('button', { name: 'Set the password' }).click()
  assert.match((await page.getByRole('status').textContent()) ?? '', /Your new password is set/)
  await signIn(page, pages.url, email, 'a quite different one', '/account')
  assert.equal(await heading(page), 'Account')
})

test('a person changes the password and ends a session elsewhere', needsBrowser, async (t) => {
  const { email } = await pages.person()
  const [page, phone] = [await open(t), await open(t, { viewport: { width: 360, height: 740 } })]
  await signIn(page, pages.url, email, PASSWORD, '/account')
  await signIn(phone, pages.otherUrl, email, PASSWORD, '/account')
  await page.reload()
  assert.equal(await page.getByRole('row').count(), 3)
  await page.getByRole('button', { name: /^End session/ }).click()
  assert.match((await page.getByRole('status').textContent()) ?? '', /The session was ended/)
  await phone.reload()
  assert.equal(await heading(phone), 'Sign in')
  await page.getByLabel('Present password').fill('mistyped')
  await page.getByLabel('New password').fill('a quite different one')
  await page.getByRole('button', { name: 'Change the password' }).click()
  const present = page.getByLabel('Present password')
  assert.equal(await present.getAttribute('aria-invalid'), 'true')
  const described = await present.getAttribute('aria-describedby')
  assert.equal(await page.locator(`#${described}`).textContent(), 'This is not your present password.')
  await present.fill(PASSWORD)
  await page.getByLabel('New password').fill('a quite different one')
  await page.getByRole('button', { name: 'Change the password' }).click()
  assert.match((await page.getByRole('status').textContent()) ?? '', /Your password is changed/)
  await signIn(phone, pages.otherUrl, email, 'a quite different one', '/account')
})

test(
  'all of it works without a mouse: the focus is seen, and the way past the bar is first',
  needsBrowser,
  async (t) => {
    const { email } = await pages.person()
    await pages.signedIn(email)
    const page = await open(t, { viewport: { width: 360, height: 740 } })
    await page.goto(`${pages.url}/account`)
    await page.locator('[name=email]:focus').waitFor()
    await page.keyboard.type(email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${pages.url}/account`)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content')
    assert.ok(await page.evaluate(() => (document.activeElement as HTMLElement).getBoundingClientRect().top >= 0))
    await page.keyboard.press('Enter')
    const reached: string[] = []
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab')
      const { name, seen } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const style = getComputedStyle(element)
        return {
          name: element.textContent?.trim() || element.getAttribute('name') || '',
          seen: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
        }
      })
      assert.ok(seen, `the focus on ${name} cannot be seen`)
      reached.push(name)
      if (name.startsWith('End')) break
    }
    assert.match(reached.at(-1) ?? '', /^EndEnd session/)
    assert.ok(!reached.includes('Wallets'), 'the bar was passed')
    await page.keyboard.press('Enter')
    await page.waitForURL(/done=session/)
    assert.equal(await page.getByRole('row').count(), 2)
  },
)

const VIEWS: BrowserContextOptions[] = [360, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ viewport: { width, height: 800 }, colorScheme })),
)

for (const [at, view] of VIEWS.entries()) {
  const { viewport, colorScheme } = view
  test(
    `at ${viewport?.width} px, ${colorScheme}, no page has a serious flaw or needs scrolling sideways`,
    needsBrowser,
    async (t) => {
      const { email } = await pages.person()
      // Animations would be looked at half-way.
      const page = await open(t, {
        ...view,
        reducedMotion: 'reduce',
        locale: viewport?.width === 360 ? 'fr-FR' : 'en-GB',
      })
      await pages.visitor(pages.url, { 'x-forwarded-for': `198.51.100.${++hosts}` }).submit('/recover', { email })
      const link = await pages.linkTo(email)
      let looked = 0
      const look = async (name: string) => {
        if (looksAt(looked++, at, VIEWS.length)) assert.deepEqual(await seriousFindings(page), [], name)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(wide <= 0, `${name} is ${wide} px too wide`)
      }
      for (const path of ['/', '/sign-in?done=recovered', '/recover', link, '/outbox', '/nowhere', '/verify/x']) {
        await page.goto(pages.url + path)
        await look(path)
      }
      await page.goto(`${pages.url}/sign-in`)
      await page.locator('[name=email]').fill(email)
      await page.locator('[name=password]').fill('mistyped')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await look('a wrong password')
      await signIn(page, pages.url, email, PASSWORD, '/account?done=session')
      await look('/account')
      await page.locator('[name=present]').fill('mistyped')
      await page.locator('[name=next]').fill('mistyped')
      await page.keyboard.press('Enter')
      await page.locator('#present-error').waitFor()
      await look('a wrong present password')
    },
  )
}

test('pages work without scripts', needsBrowser, async (t) => {
  const { email } = await pages.person()
  const page = await open(t, { javaScriptEnabled: false })
  await signIn(page, pages.url, email, PASSWORD, '/account')
  await page.locator('select[name=language]').selectOption('fr')
  await page.getByRole('button', { name: 'Save the language' }).click()
  assert.equal(await heading(page), 'Compte')
})

test(
  'a sign-in that leads to a consent, and from there to another site, is let through by the policy',
  needsBrowser,
  async (t) => {
    const { email } = await pages.person()
    const page = await open(t)
    await page.goto(`${pages.url}/sign-in?next=/interaction/away`)
    await page.locator('[name=email]').fill(email)
    await page.locator('[name=password]').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${pages.url.replace('127.0.0.1', 'localhost')}/nowhere/away`)
  },
)
