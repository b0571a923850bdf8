import assert from 'node:assert/strict'
import test, { after, before, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, needsBrowser } from '../../support/browser.ts'
import { type Console, startConsole } from '../console/harness.ts'

let server: Console
let browser: Browser
before(async () => {
  if (needsBrowser.skip) return
  server = await startConsole()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await server?.stop()
  assert.deepEqual(server?.faults ?? [], [])
})

/** Two tabs of one browser, on their way to two pages of ours. */
async function twoTabs(t: TestContext, first: string, second: string): Promise<[Page, Page]> {
  const context = await browser.newContext({ locale: 'en-GB' })
  t.after(() => context.close())
  const tabs: [Page, Page] = [await context.newPage(), await context.newPage()]
  await Promise.all([tabs[0].goto(server.url + first), tabs[1].goto(server.url + second)])
  return tabs
}

/** By the form that stands in the tab. */
async function signIn(tab: Page): Promise<void> {
  const { email, password } = server.sandbox.operator
  await tab.locator('input[name=email]').fill(email)
  await tab.locator('input[name=password]').fill(password)
  await Promise.all([
    tab.waitForURL((at) => at.pathname !== '/sign-in'),
    tab.getByRole('button', { name: 'Sign in', exact: true }).click(),
  ])
}

const pathOf = (tab: Page) => new URL(tab.url()).pathname
const below = (tab: Page) => tab.locator('input[name=below]').first()
const limits = () => server.db.query('select * from float_alert order by 1')

test(
  'two tabs that ask to sign in each lead where they were going, one after the other, and sign out so',
  needsBrowser,
  async (t) => {
    const [account, console] = await twoTabs(t, '/account', '/console')
    assert.deepEqual([pathOf(account), pathOf(console)], ['/sign-in', '/sign-in'])
    await signIn(account)
    assert.equal(pathOf(account), '/account')
    await signIn(console)
    assert.equal(pathOf(console), '/console')
    await account.reload()
    assert.equal(pathOf(account), '/account')
    // The second one has a session no more, and no error either.
    for (const tab of [account, console]) {
      await tab.getByRole('button', { name: 'Sign out' }).click()
      await tab.getByText('You have signed out.').waitFor()
    }
  },
)

test('two tabs that sign in at the same moment both arrive, and both are signed in', needsBrowser, async (t) => {
  const tabs = await twoTabs(t, '/account', '/console')
  await Promise.all(tabs.map(signIn))
  assert.deepEqual(tabs.map(pathOf), ['/account', '/console'])
  await Promise.all(tabs.map((tab) => tab.reload()))
  assert.deepEqual(tabs.map(pathOf), ['/account', '/console'])
})

test('a form that was open when the other tab signed out is not taken, which is said', needsBrowser, async (t) => {
  const [account, alerts] = await twoTabs(t, '/account', '/console/alerts')
  await signIn(account)
  await signIn(alerts)
  await account.reload()
  await below(alerts).fill('12.50')
  const before = await limits()
  await account.getByRole('button', { name: 'Sign out' }).click()
  await account.getByText('You have signed out.').waitFor()

  await below(alerts).press('Enter')
  await alerts.getByText('nothing was done. Sign in, and fill it in again.').waitFor()
  assert.equal(pathOf(alerts), '/sign-in')
  assert.deepEqual(await limits(), before)
  await signIn(alerts)
  assert.equal(pathOf(alerts), '/console/alerts')
  await below(alerts).fill('12.50')
  await below(alerts).press('Enter')
  await alerts.waitForURL(/done=float/)
})

test('a form of a session that another one took the place of is refused with its reason', needsBrowser, async (t) => {
  const [first, second] = await twoTabs(t, '/console/alerts', '/account')
  await signIn(first)
  const before = await limits()
  await below(first).fill('13.50')
  await signIn(second)
  await below(first).press('Enter')
  await first.getByRole('heading', { name: 'This form is out of date' }).waitFor()
  await first.getByText('so nothing was done').waitFor()
  assert.deepEqual(await limits(), before)
  // What was typed is there still, a page back.
  await first.goBack()
  assert.equal(await below(first).inputValue(), '13.50')
})
