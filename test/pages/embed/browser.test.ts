import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, FrameLocator, Page } from 'playwright-core'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser } from '../../support/browser.ts'
import { type EmbedPages, startEmbedPages, startHost } from './harness.ts'

let pages: EmbedPages
let browser: Browser | undefined
let host: Awaited<ReturnType<typeof startHost>>
let script: string
/** Where pictures of the pages go, for people to look at. */
const SHOTS = process.env.BILLFOLD_SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })

before(async () => {
  pages = await startEmbedPages({ domains: ['localhost:*'] })
  if (!needsBrowser.skip) browser = await launchBrowser()
  const texts = {
    how_to_use: 'Show the barcode at the till, or type the code in the shop.\nThe card can be spent in parts.',
    terms: 'The card is not exchanged for cash. It is valid in all shops of the brand.',
  }
  await pages.brand({ slug: 'meubles', texts }, { kind: 'bonus', rate: 10 })
  const fixed = { type: 'fixed', values: [1000n, 2500n, 5000n, 10_000n] } as const
  await pages.brand({ slug: 'papeterie', name: 'Papeterie du Parc', values: fixed }, { kind: 'discount', rate: '7.5' })
  await pages.brand(
    { slug: 'cinema', name: 'Cinéma des Trois Rivières et de la Vieille Ville' },
    { kind: 'bonus', rate: 0 },
  )
  // Every path is a page with the session that the path names.
  host = await startHost((path) => {
    const [, session = '', lang = 'en'] = path.split('/')
    script = `${pages.url}/embed/jackpot.js`
    return `<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Winnings</title><h1>Your winnings</h1>
<script>window.told = []; for (const name of ['open', 'reserved', 'confirmed', 'ready', 'failed']) addEventListener('jackpot:' + name, ({ type, detail }) => told.push([type, detail]))</script>
<script src="${script}" data-session="${session}"></script>`
  })
})
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close()
})
after(async () => {
  host?.stop()
  await browser?.close()
  await pages.assertClean().finally(pages.stop)
  assert.deepEqual(pages.faults, [])
})

const hostPage = (session: string, lang = 'en', name = 'localhost') => `http://${name}:${host.port}/${session}/${lang}`
type Told = [event: string, detail: Record<string, string> | null][]
const toldOf = (page: Page) => page.evaluate(() => (globalThis as unknown as { told: Told }).told)

async function open(options: BrowserContextOptions = {}) {
  const context = await (browser as Browser).newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: { url: string; referer: string; cookie: string }[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('request', (request) => {
    const { referer = '', cookie = '' } = request.headers()
    requests.push({ url: request.url(), referer, cookie })
  })
  return { page, context, complaints, requests, frame: page.frameLocator('iframe') }
}

const says = (frame: FrameLocator, text: string | RegExp) => frame.getByText(text).first().waitFor({ timeout: 8000 })

const reserveFirst = async (frame: FrameLocator, shop: string) => {
  await frame.getByRole('link', { name: shop }).click()
  await frame.getByRole('button', { name: 'Reserve this card' }).click()
  await says(frame, 'Your card is reserved')
}

test('a person turns 100 into a card of 110 in a frame on another site', needsBrowser, async () => {
  const { page, complaints, requests, frame, context } = await open()
  const session = await pages.session(100)
  await page.goto(hostPage(session))
  await says(frame, 'Turn EUR 100.00 into a gift card')
  assert.ok(!(await page.content()).includes(session), 'the page around forgets the token')
  await reserveFirst(frame, 'Meubles')
  const [voucher] = await pages.vouchers()
  assert.ok(voucher)
  assert.ok('voucher' in (await pages.confirm(voucher.id)))
  await says(frame, 'Your card is ready')

  assert.deepEqual(await context.cookies(), [])
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    frame.getByRole('link', { name: /^Open the card/ }).click(),
  ])
  await popup.getByText('EUR 110.00').first().waitFor()
  assert.equal(await popup.evaluate(() => opener), null)
  assert.equal(await popup.evaluate(() => document.referrer), '')

  const told = await toldOf(page)
  assert.deepEqual(
    told.map(([event]) => event),
    ['jackpot:open', 'jackpot:reserved', 'jackpot:ready'],
  )
  const detail = {
    id: voucher.id,
    couponId: voucher.coupon_id,
    state: 'READY',
    value: '110.00',
    price: '100.00',
    currency: 'EUR',
  }
  assert.deepEqual(told.at(-1)?.[1], detail)

  const leaks = requests.filter(
    ({ url, referer }) => referer.includes('/embed/') || (url.includes(session.slice(4)) && url.startsWith(pages.url)),
  )
  assert.deepEqual(leaks, [], 'no referrer has the page, and no address of ours the token')
  const own = requests.filter(({ url }) => url.startsWith(pages.url))
  assert.ok(own.length > 5)
  assert.deepEqual(
    own.filter(({ cookie }) => cookie !== ''),
    [],
  )
  const height = await page.locator('iframe').evaluate((element) => element.clientHeight)
  const content = await frame.locator('main').evaluate((element) => element.getBoundingClientRect().bottom)
  assert.ok(height >= content && height < content + 80, `${height} for ${content}`)
  assert.deepEqual(complaints, [])
})

test('a page of a foreign domain shows nothing of it, and hears that it failed', needsBrowser, async (t) => {
  const { page, frame } = await open()
  const session = await pages.session(100)
  await page.clock.install()
  await page.goto(hostPage(session, 'en', '127.0.0.1'))
  await page.waitForTimeout(1500)
  assert.equal(await frame.locator('main').count(), 0)
  await page.clock.fastForward(16_000)
  assert.deepEqual(await toldOf(page), [['jackpot:failed', null]])
  assert.equal(
    (await pages.vouchers()).some(({ notification_key: key }) => key === session),
    false,
  )

  // An address that an allowed page's frame has come to is no better.
  const allowed = await open()
  await allowed.page.goto(hostPage(session))
  await says(allowed.frame, 'Turn EUR 100.00')
  const address = allowed.page.frames()[1]?.url() as string
  assert.match(address, /\/embed\/jackpot\/[A-Za-z0-9_-]{100,}$/)
  const thief = await startHost(() => `<!doctype html><title>Thief</title><iframe src="${address}"></iframe>`)
  t.after(thief.stop)
  const framed = await open()
  await framed.page.goto(`http://127.0.0.1:${thief.port}/`)
  await framed.page.waitForTimeout(800)
  assert.equal(await framed.frame.locator('main').count(), 0)
  assert.ok(
    framed.complaints.some((text) => text.includes('frame-ancestors')),
    framed.complaints.join(),
  )
  // Nor may it go between: a page of the partner's that a foreign page frames.
  const between = await startHost(
    () => `<!doctype html><title>Between</title><iframe src="${hostPage(session)}"></iframe>`,
  )
  t.after(between.stop)
  await framed.page.goto(`http://127.0.0.1:${between.port}/`)
  await framed.page.waitForTimeout(1200)
  assert.equal(await framed.page.frameLocator('iframe').frameLocator('iframe').locator('main').count(), 0)
})

test('the keyboard alone is enough', needsBrowser, async () => {
  const { page, frame } = await open()
  await page.goto(hostPage(await pages.session(100)))
  await says(frame, 'Turn EUR 100.00')
  const focused = () =>
    page.frames()[1]?.evaluate(() => {
      const { tagName, textContent, id } = document.activeElement as HTMLElement
      const visible = (document.activeElement as HTMLElement).matches(':focus-visible')
      return `${tagName} ${(textContent || id).trim().slice(0, 20)}${visible ? '' : ' unseen'}`
    })
  const walk = async (wanted: RegExp) => {
    for (let i = 0; i < 20; i++) {
      if (wanted.test((await focused()) ?? '')) return
      await page.keyboard.press('Tab')
    }
    assert.fail(`the keyboard does not come to ${wanted}: ${await focused()}`)
  }
  await walk(/^A Meubles & Cie/)
  await page.keyboard.press('Enter')
  await says(frame, 'Which card?')
  await walk(/^INPUT card-0$/)
  await page.keyboard.press('ArrowDown')
  assert.match((await focused()) ?? '', /^INPUT card-1$/)
  await walk(/^BUTTON Reserve this card$/)
  await page.keyboard.press('Enter')
  await says(frame, 'Your card is reserved')
  await says(frame, 'EUR 55.00')
})

test('without a script a form of the partner’s opens it, and a button looks again', needsBrowser, async (t) => {
  const { page, frame } = await open({ javaScriptEnabled: false })
  const session = await pages.session(100)
  const plain = await startHost(
    () => `<!doctype html><title>Plain</title><form method="post" action="${pages.url}/embed/jackpot" target="card">
<input type="hidden" name="session" value="${session}"><button>Choose</button></form><iframe name="card" title="Cards" width="400" height="700"></iframe>`,
  )
  t.after(plain.stop)
  await page.goto(`http://localhost:${plain.port}/`)
  await page.getByRole('button', { name: 'Choose' }).click()
  await reserveFirst(frame, 'Papeterie')
  const [voucher] = await pages.vouchers()
  assert.ok('voucher' in (await pages.confirm(voucher?.id as string)))
  await frame.getByRole('button', { name: 'Look again' }).click()
  await says(frame, 'Your card is ready')
})

const WIDTHS = [1280, 360] as const
const SCHEMES = ['light', 'dark'] as const

/** Looks at the page by itself as it is shown on a desk and on a phone, in both colour schemes. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Only colours differ between the schemes.
      const found = await seriousFindings(page, colorScheme === 'light' ? undefined : ['color-contrast'])
      assert.deepEqual(found, [], `${name} at ${width}, ${colorScheme}`)
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`)
  }
}

for (const language of ['en', 'fr'] as const) {
  test(`every page is accessible on a desk and a phone, by day and by night (${language})`, needsBrowser, async () => {
    const { page, complaints, frame } = await open()
    await page.goto(hostPage(await pages.session(100), language))
    await frame.locator('.shops').waitFor()
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${language}-host.png`), fullPage: true })
    const shops = page.frames()[1]?.url() as string
    await page.goto(shops)
    await inspect(page, `${language}-shops`)
    await page.locator('.shop', { hasText: 'Meubles' }).click()
    await page.locator('.tiles').waitFor()
    await inspect(page, `${language}-store`)
    await page.goto(shops)
    await page.locator('.shop', { hasText: 'Papeterie' }).click()
    await inspect(page, `${language}-fixed`)
    await page.goto(
      `${page.url().replace(/[^/]+$/, '')}${(await pages.db.query<{ id: string }>("select id from brand where slug = 'meubles'"))[0]?.id}?amount=1000`,
    )
    await inspect(page, `${language}-wrong`)
    await page.locator('.cards-form button').click()
    await page.locator('[data-state=reserved]').waitFor()
    await inspect(page, `${language}-reserved`)
    const [voucher] = await pages.vouchers()
    await pages.confirm(voucher?.id as string)
    await page.locator('.voucher .button.primary').waitFor({ timeout: 10_000 })
    await inspect(page, `${language}-ready`)
    assert.deepEqual(
      complaints.filter((text) => !text.includes('status of 422')),
      [],
    )
  })
}
