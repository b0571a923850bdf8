import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'

// First the build without a window system's parts: the same engine for a third less of the processor’s time.
const NAMES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** The machine's own Chromium; null where there is none. */
export const chromiumPath: string | null =
  [process.env.CHROMIUM_PATH ?? '', ...NAMES].find((path) => path !== '' && existsSync(path)) ?? null

/** For a test's options: its reason not to run where there is no browser. */
export const needsBrowser = { skip: chromiumPath === null && 'no Chromium is installed' }

/** A browser that is closed after the test. Use with {@link needsBrowser}. */
export async function openBrowser(t: Pick<TestContext, 'after'>): Promise<Browser> {
  const browser = await launchBrowser()
  t.after(() => browser.close())
  return browser
}

/** A browser for all tests of a file, which closes it; each test has contexts of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath as string,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Signs in by the form, as a person does; ends where the form leads. @param next path to go on to */
export async function signIn(page: Page, url: string, email: string, password: string, next?: string): Promise<void> {
  await page.goto(`${url}/sign-in${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await Promise.all([
    page.waitForURL((at) => at.pathname !== '/sign-in'),
    page.locator('main form button').first().click(),
  ])
}
