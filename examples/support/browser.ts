import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import type { Person } from './sandbox.ts'

const usual = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = (process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : usual).find((path) =>
  existsSync(path),
)

/** Why the parts that need a browser are left out; null where there is one. */
export const noBrowser = executablePath === undefined ? 'no Chromium is installed (CHROMIUM_PATH may name one)' : null

/** A person's browser, without a window; it keeps pictures of what the person sees. */
export type PersonsBrowser = {
  page: Page
  /** Keeps a picture of the page. @returns its path */
  picture(name: string): Promise<string>
}

/** Opens a browser for as long as the work takes. @param flags of Chromium's, beside the usual ones */
export async function withBrowser<Result>(
  work: (browser: PersonsBrowser) => Promise<Result>,
  flags: readonly string[] = [],
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'billfold-pictures-'))
  const browser = await chromium.launch({
    executablePath: executablePath as string,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-sync',
      ...flags,
    ],
  })
  try {
    const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 900, height: 900 } })
    let pictures = 0
    return await work({
      page,
      async picture(name) {
        pictures += 1
        const path = join(folder, `${pictures}-${name}.png`)
        await page.screenshot({ path, fullPage: true })
        return path
      },
    })
  } finally {
    await browser.close()
  }
}

/** Fills in the sign-in form that the page shows. */
export async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await Promise.all([
    page.waitForURL((url) => url.pathname !== '/sign-in'),
    page.locator('main form button').first().click(),
  ])
}
