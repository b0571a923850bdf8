import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { watchAlerts } from '../../src/operations/alerts/watch-alerts.ts'
import { noteJobFailure } from '../../src/storage/job-failures.ts'
import { seriousFindings } from '../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../support/browser.ts'
import { looksAt } from '../support/looks.ts'
import { type Console, startConsole } from './console/harness.ts'

let server: Console
let browser: Browser
before(async () => {
  server = await startConsole()
  for (let i = 0; i < 3; i++)
    await noteJobFailure(server.db, 'deliver-cards', 'ECONNREFUSED: the mail server does not answer', new Date())
  await watchAlerts(server.assembly)
  if (!needsBrowser.skip) browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await server.stop()
})

const pictures = process.env.BILLFOLD_PICTURES

async function look(page: Page, name: string, axe: boolean): Promise<void> {
  if (axe) assert.deepEqual(await seriousFindings(page), [], name)
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`)
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
}

const SIZES = [
  { width: 360, scheme: 'light', locale: 'en-GB' },
  { width: 768, scheme: 'dark', locale: 'fr-FR' },
  { width: 1440, scheme: 'light', locale: 'fr-FR' },
] as const

for (const [at, { width, scheme, locale }] of SIZES.entries()) {
  test(
    `the pages about people's data and alerts can be used at ${width} px, ${scheme}, ${locale}`,
    needsBrowser,
    async (t) => {
      const open = async () => {
        const context = await browser.newContext({ locale, colorScheme: scheme, viewport: { width, height: 800 } })
        t.after(() => context.close())
        return context.newPage()
      }
      let looked = 0
      const axe = () => looksAt(looked++, at, SIZES.length)
      const [person] = server.sandbox.people
      assert.ok(person)
      const page = await open()
      await signIn(page, server.url, person.email, person.password)
      for (const path of ['/account', '/account/data', '/account/data/everything', '/account/data/erasure']) {
        await page.goto(server.url + path)
        await look(page, `${path.slice(1).replaceAll('/', '-')}-${width}`, axe())
      }
      await page.getByLabel(locale === 'en-GB' ? 'Password' : 'Mot de passe').fill(person.password)
      await page.locator('main form button.danger').click()
      await look(page, `erasure-sent-${width}`, axe())

      const { operator } = server.sandbox
      const console_ = await open()
      await signIn(console_, server.url, operator.email, operator.password)
      const [row] = await server.db.query<{ id: string }>('select party_id as id from sign_in where email = $1', [
        person.email,
      ])
      for (const path of [
        '/alerts',
        `/parties/${row?.id}/data`,
        `/parties/${row?.id}/erasure`,
        `/parties/${server.shop}/erasure`,
      ]) {
        await console_.goto(`${server.url}/console${path}`)
        await look(
          console_,
          `console-${path
            .slice(1)
            .replaceAll('/', '-')
            .replace(row?.id ?? '-', 'person')}-${width}`,
          axe(),
        )
      }
    },
  )
}

test('an operator sets the amount of a float by keyboard alone', needsBrowser, async (t) => {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    javaScriptEnabled: false,
  })
  t.after(() => context.close())
  const page = await context.newPage()
  const { operator } = server.sandbox
  await signIn(page, server.url, operator.email, operator.password)
  await page.goto(`${server.url}/console/alerts`)
  await page.locator('input[name=below]').first().focus()
  await page.keyboard.type('12.50')
  await page.keyboard.press('Enter')
  await page.waitForURL(/done=float/)
  assert.equal(await page.locator('input[name=below]').first().inputValue(), '12.50')
})
