import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { needsBrowser, openBrowser } from '../../support/browser.ts'
import { createPledgWorld, type PledgWorld } from '../../support/pledg-world.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
  await world.fund(world.purse, 1_000_000n)
})
after(() => world.stop())

test('a person pays in three parts by keyboard alone, without a script, at 360 px', needsBrowser, async (t) => {
  const browser = await openBrowser(t)
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    locale: 'en-GB',
    javaScriptEnabled: false,
  })
  const page = await context.newPage()
  const refused: string[] = []
  page.on('console', (message) => /Refused|Content Security/.test(message.text()) && refused.push(message.text()))
  // Where the shop is, nobody listens; it is enough to know that the browser goes there.
  const { path, uid } = await world.link(merchant)
  const focused = (selector: string) => page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)
  const tabTo = async (selector: string) => {
    for (let steps = 0; steps < 30 && !(await focused(selector)); steps += 1) await page.keyboard.press('Tab')
    assert.ok(await focused(selector), `${selector} is reached by Tab`)
  }
  await page.goto(world.url + path)
  await tabTo('.sheet a.button')
  await Promise.all([page.waitForURL('**/sign-in**'), page.keyboard.press('Enter')])
  await page.locator('input[name=email]').fill(world.ada.email)
  await page.locator('input[name=password]').fill(world.ada.password)
  await Promise.all([page.waitForURL('**/checkout/**'), page.keyboard.press('Enter')])
  await tabTo('input[name=plan]:checked')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  assert.equal(await page.locator('input[name=plan]:checked').inputValue(), 'in-3')
  const text = await page.locator('.plan:has(input:checked)').innerText()
  for (const shown of ['Today', '33.84', '33.83', '101.50', '1.50']) assert.ok(text.includes(shown), text)
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.equal(overflow, 0, 'nothing stands out of a narrow screen')
  await tabTo('form.sheet button')
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.url().startsWith('http://127.0.0.1:9/')),
    page.keyboard.press('Enter'),
  ])
  assert.equal(request.url(), 'http://127.0.0.1:9/thanks?order=1&pledg_result=%7B%7D')
  assert.equal((await request.allHeaders()).referer, undefined)
  assert.deepEqual(refused, [])
  assert.equal((await world.purchase(uid)).state, 'completed')
})

test('every page is clean by the rules of axe, in light and dark, in both languages', needsBrowser, async (t) => {
  const browser = await openBrowser(t)
  for (const [colorScheme, locale, width] of [
    ['light', 'en-GB', 1280],
    ['dark', 'fr-FR', 360],
  ] as const) {
    const context = await browser.newContext({ colorScheme, locale, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const check = async (name: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
        `${name}, ${colorScheme}`,
      )
    }
    const { path, uid } = await world.link(merchant, { redirectUrl: undefined, subtitle: 'Oak' })
    await page.goto(world.url + path)
    await check('for a stranger')
    await page.locator('.sheet a.button').click()
    await page.locator('input[name=email]').fill(world.ada.email)
    await page.locator('input[name=password]').fill(world.ada.password)
    await Promise.all([page.waitForURL('**/checkout/**'), page.keyboard.press('Enter')])
    await page.locator('input[value=in-3]').check()
    await check('for who pays')
    await Promise.all([page.waitForEvent('load'), page.locator('form.sheet button').click()])
    assert.match(page.url(), /\/checkout\//)
    await check('paid')
    for (const at of ['/wallet/purchases', `/wallet/purchases/${uid}`, `/wallet/purchases/${uid}/parts/2`]) {
      await page.goto(world.url + at)
      await check(at)
    }
    await page.goto(`${world.url}/purchase?signature=x`)
    await check('a link that cannot be used')
    await context.close()
  }
})
