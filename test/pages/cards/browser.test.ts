import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../support/browser.ts'
import { looksAt } from '../../support/looks.ts'
import { type CardPages, PASSWORD, startCardPages } from './harness.ts'

let pages: CardPages
let browser: Browser | undefined
const folder = mkdtempSync(join(tmpdir(), 'cards-'))
/** Where pictures of the pages go, for people to look at. */
const SHOTS = process.env.BILLFOLD_SHOTS

before(async () => {
  pages = await startCardPages()
  if (!needsBrowser.skip) browser = await launchBrowser()
  const texts = {
    how_to_use: 'Show the barcode at the till, or type the code in the shop.\nThe card can be spent in parts.',
    terms: 'The card is not exchanged for cash. It is valid in all shops of the brand.',
  }
  const brand = { validityDays: 730, texts }
  await pages.brand({ ...brand, slug: 'code128', name: 'Meubles & Cie', barcode: 'code128' })
  await pages.brand({ ...brand, slug: 'qrcode', name: 'Librairie du Parc', barcode: 'qrcode' })
})
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close()
})
after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
  await pages.assertClean().finally(pages.stop)
  assert.deepEqual(pages.faults, [])
})

const zbar = spawnSync('zbarimg', ['--version']).error === undefined
const needsReader = { skip: needsBrowser.skip || (!zbar && 'no barcode reader (zbar-tools) is installed') }

/** What an independent reader finds in a picture. */
function decode(picture: Buffer): string {
  const file = join(folder, 'picture.png')
  writeFileSync(file, picture)
  return spawnSync('zbarimg', ['--quiet', '--raw', file], { encoding: 'utf8' }).stdout.trim()
}

async function open(who: { email: string; password: string } | null, options: BrowserContextOptions = {}) {
  const context = await (browser as Browser).newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // A form that is answered with its problems has a status that the browser prints.
    if (message.type() === 'error' && !/status of 4(22|29)/.test(message.text())) complaints.push(message.text())
  })
  if (who) await signIn(page, pages.url, who.email, who.password, '/wallet')
  return { page, complaints }
}

const press = (page: Page, name: string | RegExp) => page.getByRole('main').getByRole('button', { name }).click()
const says = (page: Page, text: string | RegExp) =>
  page.getByRole('main').getByText(text).first().waitFor({ timeout: 5000 })
const merchant = () => ({ email: pages.email, password: PASSWORD })

const WIDTHS = [1280, 360] as const
const SCHEMES = ['light', 'dark'] as const

/** Looks at the page as it is shown on a desk and on a phone, in both colour schemes. */
let inspected = 0

async function inspect(page: Page, name: string): Promise<void> {
  const place = inspected++
  for (const [row, width] of WIDTHS.entries()) {
    await page.setViewportSize({ width, height: 800 })
    for (const [column, colorScheme] of SCHEMES.entries()) {
      if (!looksAt(place, row * SCHEMES.length + column, WIDTHS.length * SCHEMES.length)) continue
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Only colours differ between the schemes.
      assert.deepEqual(
        await seriousFindings(page, colorScheme === 'light' ? undefined : ['color-contrast']),
        [],
        `${name} at ${width}, ${colorScheme}`,
      )
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
}

test('the barcode on the page is read by an independent reader to the code of the card', needsReader, async () => {
  for (const slug of ['code128', 'qrcode']) {
    const card = await pages.sell(slug)
    for (const [name, options] of [
      ['a desk', { viewport: { width: 1280, height: 800 } }],
      ['a phone', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3 }],
      ['a phone at night', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, colorScheme: 'dark' }],
    ] as const) {
      const { page, complaints } = await open(null, options)
      await page.goto(`${pages.url}/cards/${card.link}`)
      const image = page.getByRole('img', { name: 'Barcode of this card' })
      await image.waitFor()
      assert.equal(decode(await image.screenshot()), card.code, `${slug} on ${name}`)
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  }
})

test('the PDF of a card is read by an independent reader, too', needsReader, async (t) => {
  if (spawnSync('pdftoppm', ['-v']).error) return t.skip('pdftoppm (poppler-utils) is not installed')
  for (const slug of ['code128', 'qrcode']) {
    const card = await pages.sell(slug)
    const response = await fetch(`${pages.url}/cards/${card.link}.pdf`)
    const file = join(folder, 'card.pdf')
    writeFileSync(file, Buffer.from(await response.arrayBuffer()))
    const { stdout } = spawnSync('pdftoppm', ['-png', '-r', '200', '-singlefile', file], { maxBuffer: 50_000_000 })
    assert.equal(decode(stdout), card.code)
    if (SHOTS) writeFileSync(join(SHOTS, `pdf-${slug}.png`), stdout)
    const text = spawnSync('pdftotext', [file, '-'], { encoding: 'utf8' }).stdout
    for (const part of ['gift card', 'EUR 50.00', card.pin as string, 'How to use it'])
      assert.ok(text.includes(part), part)
    const info = spawnSync('pdfinfo', [file], { encoding: 'utf8' }).stdout
    assert.ok(!info.includes(card.code))
  }
})

test('a card is opened by its link, kept after signing in, and given to somebody else', needsBrowser, async () => {
  const card = await pages.sell('code128')
  const ada = pages.person('ada')
  const requests: string[] = []
  const one = await open(null)
  one.page.on('request', (request) => requests.push(`${request.url()} ${request.headers().referer ?? ''}`))
  await one.page.goto(`${pages.url}/cards/${card.link}`)
  await says(one.page, 'Meubles & Cie gift card')
  await inspect(one.page, 'card')
  await press(one.page, 'Show the code')
  await press(one.page, 'Show the PIN')
  await says(one.page, card.pin as string)
  await inspect(one.page, 'card-shown')
  assert.deepEqual(
    requests.filter((line) => line.split(' ')[1]?.includes(card.link) || line.includes(card.code)),
    [],
    'no referrer has the link, and no address the code',
  )
  assert.ok(!(await one.page.title()).includes(card.code.slice(0, 4)))
  await one.page.goto(`${pages.url}/cards/${card.link}`)
  await one.page.getByRole('link', { name: 'Sign in to keep it' }).click()
  await one.page.locator('input[name=email]').fill(ada.email)
  await one.page.locator('input[name=password]').fill(ada.password)
  await one.page.locator('main form button').first().click()
  await press(one.page, 'Keep this card')
  await says(one.page, 'The card is in your wallet.')
  await inspect(one.page, 'card-kept')
  await one.page.getByRole('link', { name: 'All your cards' }).click()
  await says(one.page, 'Your gift cards')
  await inspect(one.page, 'wallet-cards')
  await one.page.getByRole('link', { name: 'Meubles & Cie' }).click()
  await press(one.page, 'Make a link to give away')
  await says(one.page, 'The card has left your wallet.')
  await inspect(one.page, 'card-given')
  const link = await one.page.locator('#link').innerText()
  const two = await open(pages.person('carla'))
  await two.page.goto(link)
  await press(two.page, 'Keep this card')
  await says(two.page, 'The card is in your wallet.')
  await one.page.goto(link)
  await says(one.page, 'This link no longer works')
  assert.deepEqual(
    [...one.complaints, ...two.complaints].filter((text) => !/status of 410/.test(text)),
    [],
  )
})

test('a card is printed without the buttons of the page', needsBrowser, async () => {
  const { page } = await open(null)
  const card = await pages.sell('qrcode')
  await page.goto(`${pages.url}/cards/${card.link}`)
  await page.emulateMedia({ media: 'print' })
  for (const name of ['Show the code', 'Print'])
    assert.equal(await page.getByRole('button', { name }).isVisible(), false)
  assert.equal(await page.getByRole('img', { name: 'Barcode' }).isVisible(), true)
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'card-print.png'), fullPage: true })
})

test('a business takes a card at its till on a phone, and gives a part of it back', needsBrowser, async () => {
  const card = await pages.sell('code128')
  const { page, complaints } = await open(merchant(), { viewport: { width: 360, height: 740 } })
  await page.goto(`${pages.url}/till`)
  await inspect(page, 'till')
  await page.setViewportSize({ width: 360, height: 740 })
  await page.getByLabel('Code of the card').fill(card.code)
  await press(page, 'Look at the balance')
  await says(page, 'EUR\u00a050.00')
  await inspect(page, 'till-looked')
  await page.getByLabel('Amount').fill('50.01')
  await press(page, 'Redeem')
  await says(page, 'There is not that much on the card')
  await inspect(page, 'till-refused')
  await page.getByLabel('Amount').fill('19.99')
  await page.keyboard.press('Enter')
  await says(page, 'Redeemed.')
  await inspect(page, 'till-receipt')
  await page.getByLabel('Amount').fill('9.99')
  await press(page, 'Give it back')
  await says(page, 'Given back onto the card.')
  await inspect(page, 'till-refunded')
  await page.getByRole('link', { name: 'Next card' }).click()
  await says(page, 'EUR\u00a019.99')
  await inspect(page, 'till-list')
  assert.deepEqual(complaints, [])
})

test('the till works without a script, and in French', needsBrowser, async () => {
  const card = await pages.sell('code128')
  const { page } = await open(merchant(), { javaScriptEnabled: false, locale: 'fr-FR' })
  await page.goto(`${pages.url}/till`)
  assert.equal(await page.locator('#scan').isVisible(), false)
  await page.locator('#code').fill(card.code)
  await page.locator('#amount').fill('1,50')
  await page.locator('button[value=redeem]').click()
  assert.match(await page.locator('main').innerText(), /Encaissé\./)
})

test('where the browser reads barcodes, the camera fills in the code', needsBrowser, async () => {
  const card = await pages.sell('code128')
  const { page, complaints } = await open(merchant())
  // This browser has neither a camera nor a detector: they are put in its place, and everything between is ours.
  await page.addInitScript((code) => {
    Object.assign(window, {
      BarcodeDetector: class {
        tries = 0
        detect = async () => (++this.tries < 3 ? [] : [{ rawValue: code }])
      },
    })
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement('canvas')
      canvas.getContext('2d')?.fillRect(0, 0, 10, 10)
      const stream = canvas.captureStream(30)
      Object.assign(window, { stream })
      return stream
    }
  }, card.code)
  await page.goto(`${pages.url}/till`)
  await press(page, 'Scan with the camera')
  await page.waitForFunction((code) => (document.querySelector('#code') as HTMLInputElement).value === code, card.code)
  const stopped = await page.evaluate(() =>
    (window as unknown as { stream: MediaStream }).stream.getTracks().every(({ readyState }) => readyState === 'ended'),
  )
  assert.ok(stopped, 'the camera is off again')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'amount')
  await page.getByLabel('Amount').fill('2')
  await press(page, 'Redeem')
  await says(page, 'Redeemed.')
  assert.deepEqual(complaints, [])
})

test('anybody looks at a balance with code and PIN', needsBrowser, async () => {
  const card = await pages.sell('code128')
  const { page, complaints } = await open(null)
  await page.goto(`${pages.url}/cards/balance`)
  await inspect(page, 'balance')
  await page.getByLabel('Code').fill('0000 0000 0000 0000 0000')
  await page.getByLabel('PIN').fill('0000')
  await press(page, 'Look')
  await says(page, 'There is no card with this code and PIN.')
  await inspect(page, 'balance-unknown')
  await page.getByLabel('Code').fill(card.code)
  await page.getByLabel('PIN').fill(card.pin as string)
  await press(page, 'Look')
  await says(page, 'EUR\u00a050.00')
  await inspect(page, 'balance-found')
  assert.deepEqual(complaints, [])
})
