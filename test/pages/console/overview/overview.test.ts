import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { moveFunds } from '../../../../src/operations/funding/move-funds.ts'
import { sendPayment } from '../../../../src/operations/send-payment.ts'
import { listFundings } from '../../../../src/storage/fundings.ts'
import { findWallet, type Wallet } from '../../../../src/storage/wallets.ts'
import { seriousFindings } from '../../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../../support/browser.ts'
import { looksAt } from '../../../support/looks.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let browser: Browser | undefined
before(async () => {
  server = await startConsole()
  if (!needsBrowser.skip) browser = await launchBrowser()
  await fill()
})
after(async () => {
  await browser?.close()
  await server.stop()
})

/** Money that came in, went on and waits, so that the pages have something to show. */
async function fill(): Promise<void> {
  const find = async (id: string) => (await findWallet(server.db, id)) as Wallet
  const [ada, shop, bank] = [
    await find('us:8301234567:USD'),
    await find('shop:corner-cafe:USD'),
    await find('bank:gateway:USD'),
  ]
  const by = { email: server.sandbox.operator.email, partyId: '0190a5b0-0000-7000-8000-000000000001' }
  for (const amount of [900_00n, 2_500_00n]) {
    const ask = { actor: `operator:${by.email}`, key: crypto.randomUUID(), by }
    await moveFunds(server.assembly, ask, {
      direction: 'in',
      wallet: ada,
      bank: bank.id,
      amount,
      reason: 'Salary of November',
    })
  }
  for (const amount of [12_50n, 89_99n]) {
    const ask = { actor: 'person:ada', key: crypto.randomUUID(), source: ada, target: shop }
    await sendPayment(server.assembly, { ...ask, amount, description: 'Lunch and a jar of jam for the neighbours' })
  }
}

async function openAs(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await (browser as Browser).newPage(options)
  const { email, password } = server.sandbox.operator
  await signIn(page, server.url, email, password)
  return page
}

const bare = (text: string) => text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')

test('the first page says what needs somebody, and where the money is', async () => {
  const operator = await server.visitor('operator')
  const { text, status } = await operator.get('/console')
  assert.equal(status, 200)
  assert.match(bare(text), /never audited/)
  assert.match(text, /class="where"/)
})

test(
  'the first page is drawn, redrawn for another width and the dark, and has no serious finding',
  needsBrowser,
  async () => {
    const page = await openAs({ viewport: { width: 1440, height: 900 } })
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(String(error)))
    for (const [width, scheme] of [
      [1440, 'light'],
      [768, 'dark'],
      [360, 'light'],
      [360, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme: scheme })
      await page.goto(`${server.url}/console`)
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/overview-${width}-${scheme}.png`, fullPage: true })
      assert.deepEqual(await seriousFindings(page), [], `${width} ${scheme}`)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${width}`)
    }
    assert.deepEqual(problems, [])
    await page.close()
  },
)

test(
  'the pages about money have no serious finding and no sideways scrolling, wide or narrow, light or dark',
  needsBrowser,
  async () => {
    const page = await openAs({ viewport: { width: 1440, height: 900 } })
    const wallet = 'us:8301234567:USD'
    const [waiting] = await listFundings(server.db, { waiting: true, limit: 1 })
    const paths = {
      wallets: '/wallets',
      wallet: `/wallets/${wallet}`,
      statement: `/wallets/${wallet}/statement`,
      limits: `/wallets/${wallet}/limits`,
      freeze: `/wallets/${wallet}/freeze`,
      refills: `/wallets/us:8301234568:USD/refills`,
      open: '/wallets/new',
      parties: '/parties',
      party: `/parties/${server.shop}`,
      invite: `/parties/${server.shop}/invite`,
      funding: '/funding',
      move: `/funding/new?wallet=${wallet}`,
      decision: `/funding/${waiting?.id}`,
      approve: `/funding/${waiting?.id}/approve`,
      books: '/books',
      export: '/books/export',
    }
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    for (const [index, [name, path]] of Object.entries(paths).entries()) {
      for (const [width, scheme] of [
        [1440, 'light'],
        [360, 'dark'],
      ] as const) {
        if (!looksAt(index, width === 360 ? 0 : 1, 2)) continue
        await page.setViewportSize({ width, height: 900 })
        await page.emulateMedia({ colorScheme: scheme })
        await page.goto(`${server.url}/console${path}`)
        if (process.env.SHOTS)
          await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}.png`, fullPage: true })
        assert.deepEqual(await seriousFindings(page), [], `${name} ${width} ${scheme}`)
        assert.equal(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          true,
          `${name} ${width}`,
        )
      }
    }
    assert.deepEqual(problems, [])
    await page.close()
  },
)

test('without a script the figures are a table, and by keyboard alone money is moved', needsBrowser, async () => {
  const page = await openAs({ javaScriptEnabled: false })
  await page.goto(`${server.url}/console`)
  await page.locator('#flows-chart summary').click()
  assert.ok(await page.locator('#flows-chart table').isVisible())
  await page.goto(`${server.url}/console/funding/new?wallet=us:8301234567:USD`)
  await page.locator('input[name=amount]').focus()
  await page.keyboard.type('12.50')
  await page.keyboard.press('Tab')
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Tab')
  await page.keyboard.type(server.sandbox.operator.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(/done=made/)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/moved.png`, fullPage: true })
  await page.close()
})

test('the first page weighs less than 100 kB', needsBrowser, async () => {
  const page = await openAs()
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  let transferred = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    transferred += encodedDataLength
  })
  await page.goto(`${server.url}/console`, { waitUntil: 'networkidle' })
  assert.ok(transferred > 10_000 && transferred < 100_000, String(transferred))
  await page.close()
})
