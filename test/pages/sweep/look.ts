import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { seriousFindings } from '../../support/axe.ts'
import { looksAt } from '../../support/looks.ts'
import type { Visited } from './walk.ts'

/** Where pictures of every page go, for people to look at; absent: none are taken. `SWEEP_PICTURES_OF`: a pattern of their routes. */
const PICTURES = process.env.SWEEP_PICTURES
const PICTURES_OF = new RegExp(process.env.SWEEP_PICTURES_OF ?? '')

/** Bytes that the server sends until a page stands, to a browser that has nothing of it yet. */
export const MOST_BYTES = 100_000

const LOOKS = [
  { width: 360, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
] as const
const WIDTHS = [360, 768, 1440]

/**
 * Looks at pages as they are with their scripts: what axe finds, in turns at the narrowest width in light colours and at the widest in
 * dark ones; what is wider than the window at any width; what was transferred until it stood.
 * @param signedIn whose pages they are
 */
export async function lookAt(
  browser: Browser,
  signedIn: BrowserContext,
  url: string,
  visited: readonly Visited[],
): Promise<{ findings: string[]; heaviest: number }> {
  const storageState = await signedIn.storageState()
  const findings: string[] = []
  let heaviest = 0
  const one = async ({ width, colorScheme }: (typeof LOOKS)[number], pages: readonly Visited[]) => {
    const viewport = { width, height: 900 }
    const context = await browser.newContext({
      ...{ storageState, colorScheme, viewport },
      ...{ locale: 'en-GB', reducedMotion: 'reduce' },
    })
    const page = await context.newPage()
    const transferred = await weigh(page)
    for (const { path, route } of pages) {
      transferred.bytes = 0
      await page.goto(url + path, { waitUntil: 'load' })
      heaviest = Math.max(heaviest, transferred.bytes)
      if (transferred.bytes > MOST_BYTES) findings.push(`${path} is ${transferred.bytes} bytes`)
      findings.push(...(await seriousFindings(page)).map((found) => `${path} at ${width} px: ${found}`))
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 })
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        if (over > 0) findings.push(`${path} is ${over} px wider than ${width}`)
        if (PICTURES && PICTURES_OF.test(route)) await picture(page, PICTURES, route, `${width}-${colorScheme}`)
      }
      await page.setViewportSize(viewport)
    }
    await context.close()
  }
  await Promise.all(
    LOOKS.map((look, at) =>
      one(
        look,
        visited.filter((_, page) => looksAt(page, at, LOOKS.length)),
      ),
    ),
  )
  return { findings, heaviest }
}

async function weigh(page: Page): Promise<{ bytes: number }> {
  const transferred = { bytes: 0 }
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Network.enable')
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
    transferred.bytes += encodedDataLength
  })
  return transferred
}

async function picture(page: Page, folder: string, route: string, look: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const name = route.slice(1).replaceAll(/[^\w-]+/g, '-') || 'landing'
  await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true })
}
